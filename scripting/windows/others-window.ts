import type { Column } from "../../engine/index.ts";
import { LinksWindow, type ListedRows } from "./links-window.ts";
import type { OthersLayout } from "./others-layout.ts";
import { Pane } from "./pane.ts";
import { type Bits, gatherAt } from "./row-copies.ts";
import type { WindowColumn } from "./window-column.ts";

/** Where columns of entities are, a place in each list for each of them. */
export interface EntityPlaces {
  readonly indices: Int32Array;
  /** Row in the window, whose cells then hold what columns don't yet; or -1. */
  readonly rows: Int32Array;
  /** Row in the script's own columns; any where it has none. */
  readonly ownRows: Int32Array;
}

/** What has to be known of entities to show their columns. */
export interface EntityFinder {
  /** Another number whenever there are other entities that have all columns that are shown. */
  readonly version: number;
  /**
   * Fills the places of whom the first `count` rows know; keys are their handles, 0 for one that isn't alive or lacks a
   * column.
   */
  placeKnown(known: Int32Array, count: number, keys: Int32Array, places: EntityPlaces): void;
  /** Fills the places of the first of some live entities; keys are their handles, 0 for one that lacks a column. */
  placeAll(handles: Int32Array, count: number, keys: Int32Array, places: EntityPlaces): void;
  /** Fills the place of a live entity. @returns whether it has all columns that are shown. */
  place(at: number, handle: number, places: EntityPlaces): boolean;
}

/** A column of others, and what the window shows of the same one for rows; undefined while that isn't written. */
interface OtherPane {
  readonly pane: Pane;
  readonly rows: (() => Bits | undefined) | undefined;
}

/**
 * Copies columns of entities that a call has found, or asked for, into the guest's memory, so that it reads them
 * there from then on. They hold for that call: what the host changes meanwhile is told by {@link changed}.
 */
export class OthersWindow {
  readonly #layout: OthersLayout;
  readonly #address: number;
  readonly #panes: readonly OtherPane[];
  readonly #entities: EntityFinder;
  /** Rows of the others' columns. */
  readonly #room: number;
  #buffer: ArrayBufferLike | undefined;
  #handles: Int32Array = new Int32Array(0);
  #keys: Int32Array = new Int32Array(0);
  /** Count, key and row. */
  #words: Int32Array = new Int32Array(3);
  readonly #links: LinksWindow | undefined;
  /** Of those that are shown. */
  readonly #places: EntityPlaces;
  /** Which of them are in the window itself. */
  readonly #inWindow: Int32Array;
  #found = 0;
  #other = 0;

  /**
   * @param address of the window.
   * @param rows that the window has room for.
   * @param columnOf the world's column of a field; the script's own are given by {@link bind}.
   * @param cellsOf what the window shows of the same column, where it is written there.
   */
  constructor(
    layout: OthersLayout,
    address: number,
    rows: number,
    columnOf: (column: WindowColumn) => Column,
    cellsOf: (column: WindowColumn) => (() => Bits | undefined) | undefined,
    entities: EntityFinder,
  ) {
    this.#layout = layout;
    this.#address = address;
    this.#entities = entities;
    this.#panes = layout.columns.map((column) => {
      return { pane: new Pane(column, columnOf(column)), rows: cellsOf(column) };
    });
    const { found, first, links } = layout;
    this.#room = links === undefined ? found + 1 : links.first - first + rows;
    if (links !== undefined) {
      const panes = this.#panes.map(({ pane }) => pane);
      this.#links = new LinksWindow(links, address, rows, panes, entities);
    }
    const list = () => new Int32Array(found + 1);
    this.#places = { indices: list(), rows: list(), ownRows: list() };
    this.#inWindow = list();
  }

  /** Says where the guest's memory is, and the script's own columns. */
  show(buffer: ArrayBufferLike, own: readonly Column[]): void {
    for (let p = 0; p < this.#panes.length; p++) {
      const { pane } = this.#panes[p] as OtherPane;
      const column = own[pane.layout.own ?? -1];
      if (column !== undefined) pane.bind(column);
    }
    if (this.#buffer === buffer) return;
    this.#buffer = buffer;
    const { found, handles, keys, count, first } = this.#layout;
    const room = found + 1;
    for (const { pane } of this.#panes) {
      pane.show(buffer, this.#address + (first << pane.layout.shift), this.#room);
    }
    this.#links?.show(buffer, first);
    this.#handles = new Int32Array(buffer, this.#address + handles, room);
    this.#keys = new Int32Array(buffer, this.#address + keys, room);
    this.#words = new Int32Array(buffer, this.#address + count, 3);
  }

  /** Whether memory has grown since {@link show}: that leaves views of what it was empty. */
  get isLost(): boolean {
    return this.#words.length === 0;
  }

  /** Nobody is shown. */
  clear(): void {
    this.#words[0] = 0;
    this.#words[1] = 0;
    this.#found = 0;
    this.#other = 0;
    this.#links?.clear();
  }

  /** {@link clear}, and rows know nobody: somebody has died. */
  forget(): void {
    this.clear();
    this.#links?.forget();
  }

  /** See {@link LinksWindow.link}. */
  link(known: Int32Array | undefined, count: number, listed: ListedRows | undefined): void {
    this.#links?.link(known, count, listed);
  }

  /** Shows the first of some live entities, as many as there is room for. */
  showFound(handles: Int32Array, count: number): void {
    const shown = Math.min(count, this.#layout.found);
    const known = this.#handles;
    for (let at = 0; at < shown; at++) known[at] = handles[at] as number;
    this.#entities.placeAll(handles, shown, this.#keys, this.#places);
    this.#copy(0, shown);
    this.#found = shown;
    this.#words[0] = shown;
    this.#words[1] = 0;
  }

  /** Shows one live entity that the guest is about to read, beside those that were found. */
  showOther(handle: number): void {
    const { found } = this.#layout;
    if (!this.#entities.place(found, handle, this.#places)) return;
    this.#copy(found, found + 1);
    this.#other = handle;
    this.#words[1] = handle;
    this.#words[2] = this.#layout.first + found;
  }

  /** The host has changed the n-th column of the layout for an entity. */
  changed(n: number, handle: number, value: number): void {
    const { cells } = (this.#panes[n] as OtherPane).pane;
    for (let at = 0; at < this.#found; at++) {
      if (this.#handles[at] === handle) cells[at] = value;
    }
    if (this.#other === handle) cells[this.#layout.found] = value;
    this.#links?.changed(n, handle, value);
  }

  #copy(from: number, to: number): void {
    const { indices, ownRows, rows } = this.#places;
    const inWindow = this.#inWindow;
    let count = 0;
    // Without a branch: who is in the window comes in no order that could be guessed.
    for (let at = from; at < to; at++) {
      inWindow[count] = at;
      count += ((rows[at] as number) >>> 31) ^ 1;
    }
    for (let p = 0; p < this.#panes.length; p++) {
      const { pane, rows: shownRows } = this.#panes[p] as OtherPane;
      gatherAt(pane.source, pane.shown, pane.byRow ? ownRows : indices, from, to);
      const newest = shownRows?.();
      if (newest !== undefined) copyNewest(newest, pane.shown, rows, inWindow, count);
    }
  }
}

/** Copies what the window shows of those that are in it. */
function copyNewest(
  shown: Bits,
  target: Bits,
  rows: Int32Array,
  inWindow: Int32Array,
  count: number,
): void {
  for (let n = 0; n < count; n++) {
    const at = inWindow[n] as number;
    target[at] = shown[rows[at] as number] as number;
  }
}
