import type { Column } from "../../engine/index.ts";
import { LinkError, type LinkProblem } from "../errors.ts";
import { fieldModule } from "../fields/field-code.ts";
import { fieldColumnTypes } from "../fields/field-kinds.ts";
import type { WorldView } from "../host/view.ts";
import type { Script } from "../runtime/script.ts";
import type { Attachments } from "./attachments.ts";

/** One script whose fields can be accessed. */
interface Owner {
  readonly rows: Attachments;
  /** What the journal knows a field's column by, and what a window shows of it. */
  readonly journalIds: Map<number, number>;
  readonly shownIds: Map<number, number>;
}

/** What host functions need to read and write the fields of the script that calls them. */
export class FieldAccess {
  readonly #view: WorldView;
  readonly #owners = new Map<Script, Owner>();

  constructor(view: WorldView) {
    this.#view = view;
  }

  /** The script's fields are those of these rows from now on. */
  bind(script: Script, rows: Attachments): void {
    this.#owners.set(script, { rows, journalIds: new Map(), shownIds: new Map() });
  }

  /** The script is gone. Nothing of it may be open in the journal. */
  unbind(script: Script): void {
    const owner = this.#owners.get(script);
    if (owner === undefined) return;
    this.#owners.delete(script);
    const { journal } = this.#view.transaction;
    for (const id of [...owner.journalIds.values(), ...owner.shownIds.values()])
      journal.untrack(id);
  }

  /** The row of an entity that carries the script, or -1. */
  rowOf(script: Script, index: number, entity: number): number {
    return this.#owners.get(script)?.rows.rowOf(index, entity) ?? -1;
  }

  /** What a row holds as the script sees it. */
  read(script: Script, n: number, index: number, entity: number, row: number): number {
    const shown = this.#view.shown;
    if (entity !== script.entity) shown?.showOther(script, entity);
    const cells = shown?.ownCellsOf(script, n);
    if (shown !== undefined && cells !== undefined) {
      const shownRow = shown.rowOf(index, entity);
      if (shownRow >= 0) return cells[shownRow] as number;
    }
    return this.#columnOf(script, n)?.[row] ?? 0;
  }

  /** Writes a row, unless that is undone. */
  write(
    script: Script,
    n: number,
    index: number,
    entity: number,
    row: number,
    value: number,
  ): void {
    const column = this.#columnOf(script, n);
    const owner = this.#owners.get(script);
    if (column === undefined || owner === undefined) return;
    if (!owner.journalIds.has(n)) this.#track(script, owner, n);
    const { journal } = this.#view.transaction;
    const shown = this.#view.shown;
    const cells = shown?.ownCellsOf(script, n);
    if (shown !== undefined && cells !== undefined) {
      const shownRow = shown.rowOf(index, entity);
      if (shownRow >= 0) {
        journal.record(owner.shownIds.get(n) as number, shownRow, cells[shownRow] as number);
        cells[shownRow] = value;
      }
    }
    shown?.ownChanged(script, n, entity, value);
    journal.record(owner.journalIds.get(n) as number, row, column[row] as number);
    column[row] = value;
  }

  #columnOf(script: Script, n: number): Column | undefined {
    return this.#owners.get(script)?.rows.fields.columns[n];
  }

  #track(script: Script, owner: Owner, n: number): void {
    const { journal } = this.#view.transaction;
    const column = () => owner.rows.fields.columns[n] as Column;
    owner.journalIds.set(n, journal.track(column));
    owner.shownIds.set(
      n,
      journal.track(() => this.#view.shown?.ownCellsOf(script, n) ?? column()),
    );
  }
}

/** Names that `fieldFunctionName` gives. */
const accessName = /^(\d+)\.([a-z]+\d*)\.[gs]et$/;

/**
 * A module accesses fields by their place in the list that it brings: what it imports has to be there.
 * @throws LinkError
 */
export function checkFieldImports(script: Script): void {
  const problems: LinkProblem[] = [];
  for (const name of script.importsFrom(fieldModule)) {
    // A game may have functions of its own in a module of that name.
    const [, n, type] = accessName.exec(name) ?? [];
    if (n === undefined) continue;
    const field = script.fields[Number(n)];
    if (field !== undefined && fieldColumnTypes[field.kind] === type) continue;
    const found = field === undefined ? "no field" : `a field of kind ${field.kind}`;
    problems.push({ module: fieldModule, name, wanted: `a field stored as ${type}`, found });
  }
  if (problems.length > 0) throw new LinkError(script.name, problems);
}
