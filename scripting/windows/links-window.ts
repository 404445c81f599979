import type { LinksLayout } from "./others-layout.ts";
import type { EntityFinder } from "./others-window.ts";
import type { Pane } from "./pane.ts";
import { type Bits, gatherAt } from "./row-copies.ts";

/** Rows of a list that are shown one after the other. */
export interface ListedRows {
  /** The first of them. */
  readonly first: number;
  /** Another number whenever a row of the list is another entity's. */
  readonly version: number;
}

/** Whom some rows knew when they were shown last, and where those are. */
interface KnownEntities {
  readonly version: number;
  readonly members: number;
  readonly count: number;
  readonly handles: Int32Array;
  readonly keys: Int32Array;
  readonly targets: Int32Array;
  readonly indices: Int32Array;
  readonly ownRows: Int32Array;
}

/** Enough for a million entities; more come of frames that end at ever other rows. */
const mostKnown = 2_048;

/**
 * Shows those to rows whom they know by a handle of their own. What of them the host changes is told by
 * {@link changed}; what rows write shows by itself, or is asked for.
 */
export class LinksWindow {
  readonly #layout: LinksLayout;
  readonly #address: number;
  /** Rows that the window has room for. */
  readonly #room: number;
  readonly #panes: readonly Pane[];
  readonly #entities: EntityFinder;
  #keys: Int32Array = new Int32Array(0);
  #targets: Int32Array = new Int32Array(0);
  /** Of each column: the rows that are copies. */
  #shown: readonly Bits[] = [];
  /** Rows that are shown whom they know, from the first one on. */
  #count = 0;
  readonly #indices: Int32Array;
  readonly #ownRows: Int32Array;
  readonly #rows: Int32Array;
  /** By their first row. */
  readonly #known = new Map<number, KnownEntities>();

  /** @param panes columns of others; where links begin in them, and what they are of, is said by the layout. */
  constructor(
    layout: LinksLayout,
    address: number,
    room: number,
    panes: readonly Pane[],
    entities: EntityFinder,
  ) {
    this.#layout = layout;
    this.#address = address;
    this.#room = room;
    this.#panes = panes;
    this.#entities = entities;
    this.#indices = new Int32Array(room);
    this.#ownRows = new Int32Array(room);
    this.#rows = new Int32Array(room);
  }

  /**
   * Says where the guest's memory is.
   * @param first the row that panes' views begin with.
   */
  show(buffer: ArrayBufferLike, first: number): void {
    const { keys, rows, first: own } = this.#layout;
    this.#keys = new Int32Array(buffer, this.#address + keys, this.#room);
    this.#targets = new Int32Array(buffer, this.#address + rows, this.#room);
    this.#shown = this.#panes.map((pane) => pane.shown.subarray(own - first));
  }

  /**
   * Shows those to the first `count` rows whom they know.
   * @param known handles, by row; undefined where rows don't look.
   * @param listed which rows those are, if they are likely to be shown again; else undefined.
   */
  link(known: Int32Array | undefined, count: number, listed: ListedRows | undefined): void {
    if (known === undefined) {
      this.#keys.fill(0, 0, count);
      this.#count = 0;
      return;
    }
    this.#count = count;
    const last = listed && this.#known.get(listed.first);
    const isSame =
      last !== undefined &&
      last.version === listed?.version &&
      last.count === count &&
      last.members === this.#entities.version &&
      areSame(last.handles, known, count);
    if (isSame) {
      this.#keys.set(last.keys);
      this.#targets.set(last.targets);
      this.#copy(last.indices, last.ownRows, count);
      return;
    }
    this.#find(known, count);
    this.#copy(this.#indices, this.#ownRows, count);
    if (listed !== undefined) this.#keep(known, count, listed);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Rows aren't shown anybody any more. */
  forget(): void {
    this.#keys.fill(0);
    this.#count = 0;
  }

  /** The host has changed the n-th column for an entity. */
  changed(n: number, handle: number, value: number): void {
    const keys = this.#keys;
    const { cells } = this.#panes[n] as Pane;
    const own = cells.length - this.#room;
    for (let row = keys.indexOf(handle); row >= 0; row = keys.indexOf(handle, row + 1)) {
      if (row < this.#count) cells[own + row] = value;
    }
  }

  #find(known: Int32Array, count: number): void {
    const { inWindow, first } = this.#layout;
    const keys = this.#keys;
    const targets = this.#targets;
    const rows = this.#rows;
    const places = { indices: this.#indices, ownRows: this.#ownRows, rows };
    this.#entities.placeKnown(known, count, keys, places);
    for (let row = 0; row < count; row++) {
      const shownAt = rows[row] as number;
      if (shownAt < 0 || inWindow === "copied") targets[row] = first + row;
      else if (inWindow === "shared") targets[row] = shownAt;
      else keys[row] = 0;
    }
  }

  #copy(indices: Int32Array, ownRows: Int32Array, count: number): void {
    for (let p = 0; p < this.#panes.length; p++) {
      const { byRow, source } = this.#panes[p] as Pane;
      gatherAt(source, this.#shown[p] as Bits, byRow ? ownRows : indices, 0, count);
    }
  }

  #keep(known: Int32Array, count: number, { first, version }: ListedRows): void {
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(first, {
      version,
      members: this.#entities.version,
      count,
      handles: known.slice(0, count),
      keys: this.#keys.slice(0, count),
      targets: this.#targets.slice(0, count),
      indices: this.#indices.slice(0, count),
      ownRows: this.#ownRows.slice(0, count),
    });
  }
}

function areSame(a: Int32Array, b: Int32Array, count: number): boolean {
  let differs = 0;
  for (let n = 0; n < count; n++) differs |= (a[n] as number) ^ (b[n] as number);
  return differs === 0;
}
