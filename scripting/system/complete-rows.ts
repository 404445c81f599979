import { type Component, indexPart, type Query, type World } from "../../engine/index.ts";
import { type Attachments, rowStates } from "./attachments.ts";
import type { ScriptSlot } from "./slot.ts";

/** Which of a script's entities can be called in its window: those that are alive and have all that it accesses. */
export class CompleteRows {
  readonly #world: World;
  readonly #terms: readonly Component[];
  #members: Query | undefined;
  /** What {@link areAll} was found out for. */
  #membersVersion = -1;
  #rowsVersion = -1;
  #areAll = false;

  /** @param terms what they have: the script's tag, and the components of what it accesses of its own entity. */
  constructor(world: World, terms: readonly Component[]) {
    this.#world = world;
    this.#terms = terms;
  }

  /** Whether it is one of them. */
  has(entity: number): boolean {
    return this.#query.has(indexPart(entity)) && this.#world.resolve(entity) >= 0;
  }

  /** Whether all rows of a script are of such entities, so that none has to be looked at. */
  areAll({ carriersChanged, rows }: Pick<ScriptSlot, "carriersChanged" | "rows">): boolean {
    const { count, version } = this.#query;
    if (count !== rows.count) return false;
    if (!carriersChanged) return true;
    // As many may be others: those who have got the tag since, and no row yet.
    if (version !== this.#membersVersion || rows.version !== this.#rowsVersion) {
      this.#membersVersion = version;
      this.#rowsVersion = rows.version;
      this.#areAll = this.#hasAll(rows);
    }
    return this.#areAll;
  }

  /** Lets go of what keeps it up to date. */
  dispose(): void {
    if (this.#members !== undefined) this.#world.dropQuery(this.#members);
    this.#members = undefined;
  }

  get #query(): Query {
    this.#members ??= this.#world.query(this.#terms, { own: true });
    return this.#members;
  }

  #hasAll({ handles, length, states }: Attachments): boolean {
    for (let row = 0; row < length; row++) {
      if (((states[row] as number) & rowStates.removed) !== 0) continue;
      if (!this.has(handles[row] as number)) return false;
    }
    return true;
  }
}
