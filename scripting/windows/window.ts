import { type Column, indexPart } from "../../engine/index.ts";
import { ConstantsWindow } from "./constants-window.ts";
import type { TouchedFields } from "./module-lowering.ts";
import { Pane } from "./pane.ts";
import {
  type Bits,
  copyFinite,
  copyHandles,
  copyRows,
  gatherAt,
  scatterAt,
  scatterFinite,
  scatterFiniteAt,
} from "./row-copies.ts";
import { gatherRows, scatterRows } from "./scattered-rows.ts";
import type { WindowLayout } from "./window-layout.ts";
import { type WindowUse, windowUses } from "./window-use.ts";

/** Entities in a list that grows and shrinks. */
export interface HandleList {
  readonly handles: Int32Array;
  /** Another number whenever a handle that was listed is at another place, or another one is at its. */
  readonly version: number;
  /** Columns with a value for each handle of the list. Others only when the version is another one, too. */
  readonly columns: readonly Column[];
}

/** Rows from which on copying a run of them at once is worth a view of it. */
const leastRun = 16;

/** Where the first handle stands behind its count and limit. */
const keptFrom = 2;

const noColumn: Column = new Float64Array(0);

/** Enough for a million entities; more come of frames that end at ever other rows. */
const maxStretches = 2_048;

/** A stretch of a list whose entities' indices follow one another, as it was shown last; to be copied as a whole. */
interface Stretch {
  readonly version: number;
  readonly count: number;
  readonly handles: Int32Array;
  readonly shownHandles: Int32Array;
  readonly sources: readonly Bits[];
  readonly shown: readonly Bits[];
}

/**
 * Copies columns of a world's entities into a guest's memory and back, as many rows at a time as its layout has
 * room for. Allocates nothing for a stretch of rows that is the same as the last time.
 */
export class ColumnWindow {
  readonly layout: WindowLayout;
  readonly #panes: readonly Pane[];
  /** By the function that rows are called by: the columns that it has to do with, and those of them that it may write. */
  readonly #uses: readonly WindowUse[];
  #use: WindowUse;
  readonly #guarded: boolean;
  #shownHandles: Int32Array = new Int32Array(0);
  readonly #constants: ConstantsWindow;
  /** How many handles are kept, how many may be, and what they are. */
  #written: Int32Array = new Int32Array(0);
  #buffer: ArrayBufferLike | undefined;
  /** By the number of their first row. */
  readonly #stretches = new Map<number, Stretch>();
  /** What is open: row 0 is that of handle `#first`. */
  #handles: Int32Array = new Int32Array(0);
  #first = 0;
  /** Where the open handles' values are in columns by row; undefined where they follow one another. */
  #rows: Int32Array | undefined;
  #stretch: Stretch | undefined;
  /** Whether the guest may write handles here, which {@link checkHandles} looks at; else they are the host's to write. */
  #trusted = false;

  /**
   * @param guarded whether the guest may write the window past the code that checks values.
   * @param touched what each function that rows are called by accesses.
   * @param columnOf the world's column of a field, `Position.x`; the script's own come with the rows.
   */
  constructor(
    layout: WindowLayout,
    guarded: boolean,
    touched: readonly TouchedFields[],
    columnOf: (field: string) => Column,
  ) {
    this.layout = layout;
    this.#guarded = guarded;
    this.#constants = new ConstantsWindow(layout);
    this.#panes = layout.columns.map(
      (column) => new Pane(column, column.own === undefined ? columnOf(column.field) : noColumn),
    );
    this.#uses = windowUses(layout.columns, touched);
    this.#use = this.#uses[0] ?? { isShown: [], shown: [], written: [] };
  }

  /** Rows are called by the n-th function: the columns that it has to do with are shown from now on. */
  use(n: number): void {
    this.#use = this.#uses[n] as WindowUse;
  }

  /** Whether the n-th column of the layout is shown at present. */
  isShown(column: number): boolean {
    return this.#use.isShown[column] === true;
  }

  /** Whether the guest may write handles in the window from now on; what it has written before is forgotten. */
  set trusted(trusted: boolean) {
    const { written } = this.layout;
    if (written === undefined) return;
    this.#trusted = trusted;
    this.#written[0] = 0;
    this.#written[1] = trusted ? written.room : 0;
  }

  /** {@link cellsOf}, as bits. */
  bitsOf(column: number): Bits {
    return (this.#panes[column] as Pane).shown;
  }

  /** What is shown of the n-th column of the layout; until the guest's memory is another one. */
  cellsOf(column: number): Column {
    return (this.#panes[column] as Pane).cells;
  }

  /** Says where the guest's memory is: another one after it has grown, and in a new instance. */
  show(buffer: ArrayBufferLike): void {
    if (this.#buffer === buffer) return;
    this.#buffer = buffer;
    this.#stretches.clear();
    this.#stretch = undefined;
    const { address, rows } = this.layout;
    this.#shownHandles = new Int32Array(buffer, address, rows);
    this.#constants.show(buffer);
    const { written } = this.layout;
    if (written !== undefined) {
      this.#written = new Int32Array(buffer, address + written.count, keptFrom + written.room);
    }
    for (const pane of this.#panes) pane.show(buffer, address, rows);
  }

  /** Fills rows from 0 on with those of a list, and writes what is the same for all of them. */
  open(list: HandleList, first: number, count: number): void {
    this.#begin(list.columns, undefined);
    this.#handles = list.handles;
    this.#first = first;
    const stretch = this.#stretches.get(first);
    if (stretch !== undefined && stretch.version === list.version && stretch.count === count) {
      this.#stretch = stretch;
      stretch.shownHandles.set(stretch.handles);
      const { shown } = this.#use;
      for (let n = 0; n < shown.length; n++) {
        const p = shown[n] as number;
        (stretch.shown[p] as Bits).set(stretch.sources[p] as Bits);
      }
      return;
    }
    const consecutive = copyHandles(list.handles, first, this.#shownHandles, count);
    this.#stretch = undefined;
    if (consecutive && count >= leastRun) this.#stretch = this.#keep(list, first, count);
    else this.#stretches.delete(first);
    this.gather(0, count);
  }

  /** Whether `count` entities of a list from one on were shown before, and have indices that follow one another. */
  knows({ version }: HandleList, first: number, count: number): boolean {
    const stretch = this.#stretches.get(first);
    return stretch !== undefined && stretch.version === version && stretch.count === count;
  }

  /** Like {@link open}, for entities that are not listed like that again. */
  openOnce(handles: Int32Array, rows: Int32Array, columns: readonly Column[], count: number): void {
    this.#begin(columns, rows);
    this.#handles = handles;
    this.#first = 0;
    this.#stretch = undefined;
    copyHandles(handles, 0, this.#shownHandles, count);
    this.gather(0, count);
  }

  /** The columns of the list that is open are other ones: it has grown. */
  rebind(columns: readonly Column[]): void {
    this.#stretch = undefined;
    this.#bind(columns);
  }

  /** Fills the columns of rows `[from, to)` of those that are open. */
  gather(from: number, to: number): void {
    const panes = this.#use.shown;
    for (let n = 0; n < panes.length; n++) {
      const { byRow, source, shown } = this.#panes[panes[n] as number] as Pane;
      if (byRow && this.#rows !== undefined) gatherAt(source, shown, this.#rows, from, to);
      else if (byRow) copyRows(source, this.#first, shown, 0, from, to);
      else gatherRows(source, shown, this.#handles, this.#first, from, to);
    }
  }

  /**
   * Looks at the handles that the guest has written since the last time, those to rows `[from, to)`.
   * @param isFit whether a column may hold a handle.
   * @returns false when there was one that no column may hold.
   */
  checkHandles(from: number, to: number, isFit: (handle: number) => boolean): boolean {
    if (!this.#trusted) return true;
    const kept = this.#written;
    const count = Math.min(kept[0] as number, kept.length - keptFrom);
    kept[0] = 0;
    for (let n = 0; n < count; n++) {
      const handle = kept[keptFrom + n] as number;
      if (handle !== 0 && !isFit(handle)) return false;
    }
    return !this.#guarded || this.#checkRows(from, to, isFit);
  }

  /** The same, for a guest that may have written them past the code that keeps them. */
  #checkRows(from: number, to: number, isFit: (handle: number) => boolean): boolean {
    const { written } = this.#use;
    for (let n = 0; n < written.length; n++) {
      const { layout, byRow, source, shown } = this.#panes[written[n] as number] as Pane;
      if (layout.type !== "entity") continue;
      for (let row = from; row < to; row++) {
        const handle = shown[row] as number;
        if (handle === 0) continue;
        const at = byRow
          ? (this.#rows?.[row] ?? this.#first + row)
          : indexPart(this.#handles[this.#first + row] as number);
        // One that was there before may have gone since.
        if (handle !== source[at] && !isFit(handle)) return false;
      }
    }
    return true;
  }

  /**
   * Writes rows `[from, to)` back: the columns that the guest may write. A number that no column may hold isn't
   * written.
   * @returns how many there were of those.
   */
  scatter(from: number, to: number): number {
    const skipsHandles = this.layout.written !== undefined && !this.#trusted;
    const stretch = this.#stretch;
    const whole = stretch !== undefined && from === 0 && to === stretch.count;
    let refused = 0;
    const { written } = this.#use;
    for (let n = 0; n < written.length; n++) {
      const p = written[n] as number;
      const { layout, byRow, column, cells, source, shown } = this.#panes[p] as Pane;
      if (skipsHandles && layout.type === "entity") continue;
      if (this.#guarded && (layout.type === "f32" || layout.type === "f64")) {
        if (!byRow) refused += scatterFinite(column, cells, this.#handles, this.#first, from, to);
        else if (this.#rows !== undefined)
          refused += scatterFiniteAt(column, cells, this.#rows, from, to);
        else refused += copyFinite(cells, column, this.#first, from, to);
      } else if (whole) (stretch.sources[p] as Bits).set(stretch.shown[p] as Bits);
      else if (byRow && this.#rows !== undefined) scatterAt(source, shown, this.#rows, from, to);
      else if (byRow) copyRows(shown, 0, source, this.#first, from, to);
      else scatterRows(source, shown, this.#handles, this.#first, from, to);
    }
    return refused;
  }

  /** @param rows where each handle's values are in the columns; undefined where they follow one another. */
  #begin(columns: readonly Column[], rows: Int32Array | undefined): void {
    this.#constants.write();
    this.#rows = rows;
    this.#bind(columns);
  }

  #bind(columns: readonly Column[]): void {
    for (let p = 0; p < this.#panes.length; p++) {
      const pane = this.#panes[p] as Pane;
      if (pane.byRow) pane.bind(columns[pane.layout.own as number] ?? noColumn);
    }
  }

  #keep({ handles, version }: HandleList, first: number, count: number): Stretch {
    const index = indexPart(handles[first] as number);
    const stretch: Stretch = {
      version,
      count,
      handles: handles.subarray(first, first + count),
      shownHandles: this.#shownHandles.subarray(0, count),
      sources: this.#panes.map(({ byRow, source }) => {
        const start = byRow ? first : index;
        return source.subarray(start, start + count);
      }),
      shown: this.#panes.map(({ shown }) => shown.subarray(0, count)),
    };
    if (this.#stretches.size >= maxStretches) this.#stretches.clear();
    this.#stretches.set(first, stretch);
    return stretch;
  }
}
