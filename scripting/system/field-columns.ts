import { type Column, createColumn } from "../../engine/index.ts";
import { fieldColumnTypes } from "../fields/field-kinds.ts";
import type { ScriptField } from "../fields/script-field.ts";

/** What a new version of a script has made of its fields, by their names. */
export interface FieldChanges {
  /** There before, too: every entity keeps its value. */
  readonly kept: readonly string[];
  /** New: every entity has the default. */
  readonly added: readonly string[];
  /** Of another kind than before: what they held is gone, every entity has the default. */
  readonly retyped: readonly string[];
  /** Not there any more: what they held is gone. */
  readonly dropped: readonly string[];
}

/** The values of a script's own fields: a column for each field, with a value for each row. */
export class FieldColumns {
  readonly fields: readonly ScriptField[];
  /** In the order of the fields. Others when the rows have grown. */
  columns: readonly Column[];

  constructor(fields: readonly ScriptField[], room: number) {
    this.fields = fields;
    this.columns = fields.map(({ kind }) => createColumn(fieldColumnTypes[kind], room));
  }

  /** Sets a row's values to their defaults. */
  begin(row: number): void {
    const { columns, fields } = this;
    for (let n = 0; n < columns.length; n++) {
      (columns[n] as Column)[row] = (fields[n] as ScriptField).default;
    }
  }

  grow(room: number): void {
    this.columns = this.columns.map((column, n) => {
      const { kind } = this.fields[n] as ScriptField;
      const wider = createColumn(fieldColumnTypes[kind], room);
      wider.set(column);
      return wider;
    });
  }

  /** Columns for other fields, with what those of the same name and kind hold in the first `rows` rows. */
  changed(fields: readonly ScriptField[], room: number, rows: number): FieldColumns {
    const next = new FieldColumns(fields, room);
    fields.forEach(({ name, kind, default: start }, n) => {
      const column = next.columns[n] as Column;
      const before = this.fields.findIndex((f) => f.name === name && f.kind === kind);
      if (before < 0) column.fill(start, 0, rows);
      else column.set((this.columns[before] as Column).subarray(0, rows));
    });
    return next;
  }

  /** What becomes of these fields when others take their place. */
  changesTo(fields: readonly ScriptField[]): FieldChanges {
    const before = new Map(this.fields.map(({ name, kind }) => [name, kind]));
    const after = new Set(fields.map(({ name }) => name));
    const named = (test: (field: ScriptField) => boolean) =>
      fields.filter(test).map(({ name }) => name);
    return {
      kept: named(({ name, kind }) => before.get(name) === kind),
      added: named(({ name }) => !before.has(name)),
      retyped: named(({ name, kind }) => before.has(name) && before.get(name) !== kind),
      dropped: [...before.keys()].filter((name) => !after.has(name)),
    };
  }
}
