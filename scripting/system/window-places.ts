import { type Component, indexPart, type Query, type World } from "../../engine/index.ts";
import type { EntityFinder, EntityPlaces } from "../windows/others-window.ts";
import type { Attachments } from "./attachments.ts";

/** Rows that a window shows in an order of their own. */
export interface OrderedRows {
  /** The place of a row in the window, or -1. */
  placeOf(row: number): number;
}

/** Where entities are: in the world, among those that carry a script, and in its window. */
export class WindowPlaces implements EntityFinder {
  readonly #world: World;
  readonly #terms: readonly Component[];
  #readable: Query | undefined;
  #rows: Attachments | undefined;
  #ordered: OrderedRows | undefined;
  #first = 0;
  #count = 0;

  /** @param terms what entities have whose columns can be shown. */
  constructor(world: World, terms: readonly Component[]) {
    this.#world = world;
    this.#terms = terms;
  }

  /** Entities whose columns can be shown. */
  get readable(): Query {
    this.#readable ??= this.#world.query(this.#terms, { own: true });
    return this.#readable;
  }

  /** Lets go of what keeps {@link readable} up to date. */
  dispose(): void {
    if (this.#readable !== undefined) this.#world.dropQuery(this.#readable);
    this.#readable = undefined;
  }

  /**
   * The window shows `count` rows.
   * @param first the row that is its first.
   * @param ordered which rows those are, where they don't follow one another.
   */
  open(rows: Attachments, first: number, count: number, ordered?: OrderedRows): void {
    this.#rows = rows;
    this.#ordered = ordered;
    this.#first = first;
    this.#count = count;
  }

  close(): void {
    this.#rows = undefined;
    this.#ordered = undefined;
    this.#count = 0;
  }

  /** The window's row of an entity, or -1. */
  rowOf(index: number, entity: number): number {
    const attached = (this.#rows as Attachments).rowOf(index, entity);
    if (this.#ordered !== undefined) return this.#ordered.placeOf(attached);
    const row = attached - this.#first;
    return row >= 0 && row < this.#count ? row : -1;
  }

  get version(): number {
    return this.readable.version;
  }

  placeKnown(
    known: Int32Array,
    count: number,
    keys: Int32Array,
    { indices, ownRows, rows }: EntityPlaces,
  ): void {
    const world = this.#world;
    const list = this.#rows as Attachments;
    const { readable } = this;
    const ordered = this.#ordered;
    const firstRow = this.#first;
    const rowCount = this.#count;
    for (let row = 0; row < count; row++) {
      const handle = known[row] as number;
      const index = indexPart(handle);
      const isShown = handle !== 0 && readable.has(index) && world.handleOf(index) === handle;
      keys[row] = isShown ? handle : 0;
      indices[row] = isShown ? index : 0;
      const attached = isShown ? list.rowOf(index, handle) : -1;
      ownRows[row] = attached;
      const shownAt = ordered === undefined ? attached - firstRow : ordered.placeOf(attached);
      rows[row] = attached < 0 || shownAt >= rowCount ? -1 : shownAt;
    }
  }

  place(at: number, handle: number, { indices, ownRows, rows }: EntityPlaces): boolean {
    const index = indexPart(handle);
    const attached = (this.#rows as Attachments).rowOf(index, handle);
    indices[at] = index;
    ownRows[at] = attached;
    if (this.#ordered === undefined) {
      const row = attached - this.#first;
      rows[at] = row < this.#count ? row : -1;
    } else rows[at] = this.#ordered.placeOf(attached);
    return this.readable.has(index);
  }

  placeAll(handles: Int32Array, count: number, keys: Int32Array, places: EntityPlaces): void {
    const { indices, ownRows, rows } = places;
    const list = this.#rows as Attachments;
    const { readable } = this;
    const ordered = this.#ordered;
    const first = this.#first;
    const rowCount = this.#count;
    for (let at = 0; at < count; at++) {
      const handle = handles[at] as number;
      const index = indexPart(handle);
      const attached = list.rowOf(index, handle);
      indices[at] = index;
      ownRows[at] = attached;
      const row = ordered === undefined ? attached - first : ordered.placeOf(attached);
      rows[at] = row < rowCount ? row : -1;
      keys[at] = readable.has(index) ? handle : 0;
    }
  }
}
