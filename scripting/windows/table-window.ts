import { type Column, indexPart, type Lives, type Query } from "../../engine/index.ts";
import { ConstantsWindow } from "./constants-window.ts";
import type { TouchedFields } from "./module-lowering.ts";
import { Pane } from "./pane.ts";
import { doFollow } from "./row-copies.ts";
import { copySame, gatherOwn, scatterOwn } from "./table-copies.ts";
import { nobodysHandle, type TableLayout } from "./table-layout.ts";
import type { HandleList } from "./window.ts";
import type { WindowLayout } from "./window-layout.ts";
import { type WindowUse, windowUses } from "./window-use.ts";

/** The entities of a world, as a table shows them. */
export interface TableWorld {
  readonly lives: Lives;
  /** Indices are below this. */
  readonly indexEnd: number;
  handleOf(index: number): number;
}

/** A script's entities and their own columns. */
export interface OwnRows extends HandleList {
  readonly length: number;
}

/**
 * Calls for which all of the table is filled: from one for so many entities on, where others are read, each read then
 * saves a call of the host; else from one for so many on, as whole columns are copied faster than rows. And calls for
 * which all of it is written back.
 */
const entitiesPerCall = { ofOthers: 128, own: 8, back: 4 };

/** Rows from which on a run of them is copied as a whole. */
const leastRun = 64;

/** Whether entities of a list from one on have indices that follow one another. */
interface Stretch {
  version: number;
  count: number;
  follow: boolean;
}

/** Enough for a million entities; more come of frames that end at ever other rows. */
const mostStretches = 512;

const noRows: OwnRows = { handles: new Int32Array(0), version: 0, columns: [], length: 0 };
const noColumn: Column = new Float64Array(0);

/**
 * Copies columns of a world into a guest's memory and back, where each entity has the row that it has in the world. The
 * guest must not be able to write there but by the code that {@link lower} put in.
 */
export class TableWindow {
  readonly layout: WindowLayout;
  readonly #table: TableLayout;
  readonly #panes: readonly Pane[];
  readonly #uses: readonly WindowUse[];
  #use: WindowUse;
  readonly #world: TableWorld;
  /** Those who have all columns that are read of others; undefined where none are. */
  readonly #readable: (() => Query) | undefined;
  readonly #isAlone: boolean;
  readonly #constants: ConstantsWindow;
  #buffer: ArrayBufferLike | undefined;
  #calls: Int32Array = new Int32Array(0);
  #living: Int32Array = new Int32Array(0);
  #keys: Int32Array = new Int32Array(0);
  #bound: Int32Array = new Int32Array(1);
  #foundCount: Int32Array = new Int32Array(1);
  #found: Int32Array = new Int32Array(0);
  /** What the table has of the world's lives and members. */
  #births = -1;
  #deaths = -1;
  #members = -1;
  /** Nobody is alive there from this index on. */
  #livingEnd = 0;
  /** What is open: call 0 is for handle `#first`. */
  #handles: Int32Array = new Int32Array(0);
  #first = 0;
  /** Where the calls' entities are among the script's; undefined where they follow one another. */
  #rows: Int32Array | undefined;
  #own: OwnRows = noRows;
  /** Whether the calls' entities have indices that follow one another, and so for all of the script's. */
  #callsFollow = false;
  #ownFollow = false;
  #ownVersion = -1;
  readonly #stretches = new Map<number, Stretch>();
  /** Whether every entity's row is shown, and not only those that calls are made for. */
  #isWhole = false;
  /** By index: the last opening in which a call was made for that one. */
  #opened: Uint32Array = new Uint32Array(0);
  #openings = 0;

  /**
   * @param touched what each function that rows are called by accesses.
   * @param columnOf the world's column of a field; the script's own come with the rows.
   * @param isAlone whether nobody writes the world's columns while calls are made but they, and the host where it tells so.
   */
  constructor(
    layout: WindowLayout,
    touched: readonly TouchedFields[],
    columnOf: (field: string) => Column,
    world: TableWorld,
    readable: (() => Query) | undefined,
    isAlone: boolean,
  ) {
    const { table, columns } = layout;
    if (table === undefined) throw new Error("the window is no table");
    this.layout = layout;
    this.#table = table;
    this.#world = world;
    this.#isAlone = isAlone;
    this.#readable = table.keys === undefined ? undefined : readable;
    this.#constants = new ConstantsWindow(layout);
    this.#panes = columns.map(
      (column) => new Pane(column, column.own === undefined ? columnOf(column.field) : noColumn),
    );
    this.#uses = windowUses(columns, touched);
    this.#use = this.#uses[0] as WindowUse;
  }

  /** Rows are called by the n-th function: the columns that it has to do with are shown from now on. */
  use(n: number): void {
    this.#use = this.#uses[n] as WindowUse;
  }

  /** Whether the n-th column of the layout is shown at present. */
  isShown(column: number): boolean {
    return this.#use.isShown[column] === true;
  }

  /** What is shown of the n-th column of the layout, by index. */
  cellsOf(column: number): Column {
    return (this.#panes[column] as Pane).cells;
  }

  /** The row of an entity, or -1 when it isn't shown. */
  rowOf(index: number, entity: number): number {
    if (this.#isWhole) return this.#living[index] === entity ? index : -1;
    return this.#opened[index] === this.#openings ? index : -1;
  }

  /** Whoever lived at an index is gone: nothing of it is shown from now on. */
  bury(index: number): void {
    this.#living[index] = 0;
    if (index < this.#keys.length) this.#keys[index] = 0;
    if (index < this.#opened.length) this.#opened[index] = 0;
  }

  /** Says where the guest's memory is: another one in a new instance. */
  show(buffer: ArrayBufferLike): void {
    if (this.#buffer === buffer) return;
    this.#buffer = buffer;
    const { address, rows } = this.layout;
    const { entities, bound, living, keys, found } = this.#table;
    this.#calls = new Int32Array(buffer, address, rows);
    this.#living = new Int32Array(buffer, address + living, entities);
    if (keys !== undefined) this.#keys = new Int32Array(buffer, address + keys, entities);
    this.#bound = new Int32Array(buffer, address + bound, 1);
    if (found !== undefined) {
      this.#foundCount = new Int32Array(buffer, address + found.count, 1);
      this.#found = new Int32Array(buffer, address + found.handles, found.room);
    }
    for (const pane of this.#panes) pane.show(buffer, address, entities);
    this.#constants.show(buffer);
    this.#births = -1;
    this.#deaths = -1;
    this.#members = -1;
    this.#livingEnd = entities;
  }

  /**
   * Shows entities of a list, for a call each, and what is the same for all of them.
   * @param own the script's entities.
   * @param rows where those of the list are among them; undefined where they follow one another from `first` on.
   */
  open(own: OwnRows, handles: Int32Array, first: number, count: number, rows?: Int32Array): void {
    this.#constants.write();
    this.#handles = handles;
    this.#first = first;
    this.#rows = rows;
    this.#own = own;
    this.#bindOwn();
    this.#calls.set(handles.subarray(first, first + count));
    if (own.version !== this.#ownVersion) {
      this.#ownVersion = own.version;
      this.#ownFollow = doFollow(own.handles, 0, own.length);
    }
    this.#callsFollow =
      handles === own.handles && (this.#ownFollow || this.#follows(own, first, count));
    this.#isWhole = this.isWorthAll(count);
    this.#refresh();
    if (this.#isWhole) this.#fill();
    else {
      this.#mark(count);
      this.gather(0, count);
    }
  }

  /** Whether so many calls are worth it to fill all of the table. */
  isWorthAll(calls: number): boolean {
    const perCall = this.#readable === undefined ? entitiesPerCall.own : entitiesPerCall.ofOthers;
    return calls * perCall >= this.#world.indexEnd;
  }

  /** Nobody is shown; whom a call has found neither, for calls without a row ask the host. */
  close(): void {
    this.#isWhole = false;
    this.#openings++;
    this.#bound[0] = 0;
    this.#foundCount[0] = 0;
  }

  /** Fills the rows of calls `[from, to)` anew; all others show what holds, or who is alive has changed. */
  gather(from: number, to: number): void {
    this.#bindOwn();
    const isSame = this.#isSame;
    this.#refresh();
    if (this.#isWhole && !isSame) {
      this.#fill();
      return;
    }
    const { shown } = this.#use;
    for (let n = 0; n < shown.length; n++) {
      const pane = this.#panes[shown[n] as number] as Pane;
      const { source, shown: cells } = pane;
      if (pane.byRow) {
        gatherOwn(source, cells, this.#handles, this.#first, this.#rows, from, to);
      } else copySame(source, cells, this.#handles, this.#first, from, to);
    }
  }

  /**
   * Writes the rows of calls `[from, to)` back: the columns that the guest may write.
   * @param allStand whether what calls from `to` on have done so far stands, too.
   */
  scatter(from: number, to: number, allStand: boolean): void {
    this.#bindOwn();
    const { written } = this.#use;
    const calls = to - from;
    const { length, handles } = this.#own;
    const end = this.#world.indexEnd;
    // Rows that no call was made for hold what the world holds.
    const holds = allStand && this.#isAlone && this.#isWhole && !this.#callsFollow && this.#isSame;
    const inOne = holds && this.#ownFollow && 4 * calls >= length;
    const inAll = holds && !inOne && entitiesPerCall.back * calls >= end;
    const start = indexPart((inOne ? handles[0] : this.#handles[this.#first]) as number);
    for (let n = 0; n < written.length; n++) {
      const { byRow, source, shown } = this.#panes[written[n] as number] as Pane;
      if (byRow) scatterOwn(source, shown, this.#handles, this.#first, this.#rows, from, to);
      else if (inOne) source.set(shown.subarray(start, start + length), start);
      else if (inAll) source.set(end >= source.length ? shown : shown.subarray(0, end));
      else if (this.#callsFollow && calls >= leastRun) {
        source.set(shown.subarray(start + from, start + to), start + from);
      } else copySame(shown, source, this.#handles, this.#first, from, to);
    }
  }

  /** A call has found entities. */
  showFound(handles: Int32Array, count: number): void {
    const { found } = this.#table;
    if (found === undefined) return;
    const shown = Math.min(count, found.room);
    for (let at = 0; at < shown; at++) this.#found[at] = handles[at] as number;
    this.#foundCount[0] = shown;
  }

  /** The script's own columns are other ones when it has got more rows, also while calls are made. */
  #bindOwn(): void {
    const { columns } = this.#own;
    for (let p = 0; p < this.#panes.length; p++) {
      const pane = this.#panes[p] as Pane;
      if (pane.byRow) pane.bind(columns[pane.layout.own as number] ?? noColumn);
    }
  }

  /** Whether the indices of some of the script's entities follow one another. */
  #follows({ handles, version }: OwnRows, first: number, count: number): boolean {
    const known = this.#stretches.get(first);
    if (known?.version === version && known.count === count) return known.follow;
    const follow = doFollow(handles, first, count);
    if (this.#stretches.size >= mostStretches) this.#stretches.clear();
    this.#stretches.set(first, { version, count, follow });
    return follow;
  }

  /** Whether those are alive who were when the table was filled. */
  get #isSame(): boolean {
    const { births, deaths } = this.#world.lives;
    return births === this.#births && deaths === this.#deaths;
  }

  /** Copies all that is shown of all entities. */
  #fill(): void {
    const own = this.#own;
    const end = this.#world.indexEnd;
    const { shown } = this.#use;
    for (let n = 0; n < shown.length; n++) {
      const { byRow, source, shown: cells } = this.#panes[shown[n] as number] as Pane;
      if (byRow) gatherOwn(source, cells, own.handles, 0, undefined, 0, own.length);
      else if (end >= source.length) cells.set(source);
      else cells.set(source.subarray(0, end));
    }
    this.#bound[0] = end;
  }

  #mark(count: number): void {
    const end = this.#world.indexEnd;
    if (this.#opened.length < end) this.#opened = new Uint32Array(this.#table.entities);
    this.#openings++;
    const opened = this.#opened;
    for (let n = 0; n < count; n++) {
      opened[indexPart(this.#handles[this.#first + n] as number)] = this.#openings;
    }
    this.#bound[0] = 0;
  }

  /** Tells the guest who is alive, and who has what is read of others. */
  #refresh(): void {
    const { lives, indexEnd } = this.#world;
    if (!this.#isSame) {
      this.#births = lives.births;
      this.#deaths = lives.deaths;
      this.#living.set(lives.handles.subarray(0, indexEnd));
      this.#living.fill(0, indexEnd, this.#livingEnd);
      this.#livingEnd = indexEnd;
      this.#living[0] = nobodysHandle;
    }
    const readable = this.#readable?.();
    if (readable === undefined || readable.version === this.#members) return;
    this.#members = readable.version;
    this.#keys.fill(0, 1);
    this.#keys[0] = nobodysHandle;
    const members = readable.entities();
    for (let n = 0; n < members.length; n++) {
      const index = members[n] as number;
      if (readable.has(index)) this.#keys[index] = this.#world.handleOf(index);
    }
  }
}
