import type { Column, Query, World } from "../../engine/index.ts";
import type { RowDriver } from "../runtime/row-driver.ts";
import { type Bits, doFollow } from "../windows/row-copies.ts";
import { TableWindow } from "../windows/table-window.ts";
import { ColumnWindow } from "../windows/window.ts";
import type { Attachments } from "./attachments.ts";
import type { Hook } from "./events.ts";

/** Entities of a script that calls are made for, in an order of their own. */
export interface ShownBatch {
  readonly handles: Int32Array;
  /** Where they are among all that carry the script; undefined where that isn't needed for each. */
  readonly rows: Int32Array | undefined;
  readonly count: number;
}

const noRows = new Int32Array(0);

/**
 * The columns that a script's window shows of the entities that calls are made for: one behind the other, or where they
 * stand in the world. Some windows can do both.
 */
export class ShownColumns {
  readonly #driver: RowDriver;
  readonly #inOrder: ColumnWindow | undefined;
  readonly #byIndex: TableWindow | undefined;
  /** The one of the two that is open, or was last. */
  #window: ColumnWindow | undefined;
  #table: TableWindow | undefined;
  /** Whether entities were in no order when many were shown last. */
  #isScattered = false;

  /**
   * @param columnOf the world's column of a field; the script's own come with the rows.
   * @param readable those who have all that is read of others; asked for only where that is anything.
   */
  constructor(
    driver: RowDriver,
    columnOf: (field: string) => Column,
    world: World,
    readable: () => Query,
  ) {
    this.#driver = driver;
    const { layout, repeatable, touched, writesMemory } = driver;
    const inOrder = layout.table === undefined ? layout : driver.inOrder;
    this.#inOrder = inOrder && new ColumnWindow(inOrder, writesMemory, touched, columnOf);
    this.#byIndex =
      layout.table && new TableWindow(layout, touched, columnOf, world, readable, repeatable);
    this.#window = this.#inOrder;
    this.#table = this.#inOrder === undefined ? this.#byIndex : undefined;
    driver.isInOrder = driver.inOrder !== undefined;
  }

  /** Most rows at a time. */
  get room(): number {
    const { inOrder, layout } = this.#driver;
    return inOrder === undefined || this.#isScattered ? layout.rows : inOrder.rows;
  }

  /** Whether an entity has one row, however many calls are made for it. */
  get sharesRows(): boolean {
    return this.#inOrder === undefined;
  }

  /** What shows entities where they stand in the world; undefined while they are in order. */
  get table(): TableWindow | undefined {
    return this.#table;
  }

  /** Whether the guest may write handles, which {@link checkHandles} looks at. A table's are looked at as they are written. */
  set trusted(trusted: boolean) {
    if (this.#window !== undefined) this.#window.trusted = trusted;
  }

  /** Whether all handles that rows `[from, to)` have been given fit. */
  checkHandles(from: number, to: number, isFit: (handle: number) => boolean): boolean {
    return this.#window?.checkHandles(from, to, isFit) !== false;
  }

  /** Says where the guest's memory is. */
  show(buffer: ArrayBufferLike): void {
    this.#window?.show(buffer);
    this.#table?.show(buffer);
  }

  /** Shows `count` rows from one on, which a hook is called for. */
  open(rows: Attachments, first: number, count: number, hook: Hook, buffer: ArrayBufferLike): void {
    if (this.#driver.inOrder !== undefined) {
      const isKnown = this.#inOrder?.knows(rows, first, count) === true;
      this.#choose(rows.handles, first, count, isKnown);
    }
    this.#use(hook);
    this.show(buffer);
    this.#window?.open(rows, first, count);
    this.#table?.open(rows, rows.handles, first, count);
  }

  /** The same for those of a batch. */
  openBatch(rows: Attachments, batch: ShownBatch, hook: Hook, buffer: ArrayBufferLike): void {
    if (this.#driver.inOrder !== undefined) this.#choose(batch.handles, 0, batch.count, false);
    this.#use(hook);
    this.show(buffer);
    this.#window?.openOnce(batch.handles, batch.rows ?? noRows, rows.columns, batch.count);
    this.#table?.open(rows, batch.handles, 0, batch.count, batch.rows);
  }

  /** The script's own columns are other ones. A table asks for them whenever it copies. */
  rebind(columns: readonly Column[]): void {
    this.#window?.rebind(columns);
  }

  /** Fills rows `[from, to)` anew. */
  gather(from: number, to: number): void {
    this.#window?.gather(from, to);
    this.#table?.gather(from, to);
  }

  /**
   * Writes rows `[from, to)` back.
   * @param allStand whether what calls of rows from `to` on have done so far stands, too.
   * @returns how many numbers weren't written, as no column may hold them.
   */
  scatter(from: number, to: number, allStand: boolean): number {
    this.#table?.scatter(from, to, allStand);
    return this.#window?.scatter(from, to) ?? 0;
  }

  close(): void {
    this.#table?.close();
  }

  /** Whether the n-th column of the layout is shown to the hook that is called. */
  isShown(column: number): boolean {
    return (this.#table ?? this.#window)?.isShown(column) === true;
  }

  /** What is shown of the n-th column of the layout; empty when the guest's memory has grown. */
  cellsOf(column: number): Column {
    return ((this.#table ?? this.#window) as TableWindow | ColumnWindow).cellsOf(column);
  }

  /** The same as bits, of rows in order; undefined where it isn't shown. */
  bitsOf(column: number): Bits | undefined {
    const window = this.#window;
    return window?.isShown(column) === true ? window.bitsOf(column) : undefined;
  }

  /**
   * Entities in no order are shown where they stand in the world, for copying all of a column is faster than one here and
   * one there; unless they are few among many. Others are shown one behind the other.
   * @param isKnown whether their indices follow one another for certain.
   */
  #choose(handles: Int32Array, first: number, count: number, isKnown: boolean): void {
    const [inOrder, byIndex] = [this.#inOrder, this.#byIndex];
    if (inOrder === undefined || byIndex === undefined) return;
    const isScattered = !isKnown && !doFollow(handles, first, count);
    const isMost = byIndex.isWorthAll(count);
    if (isMost) this.#isScattered = isScattered;
    // Room was made for as many as the other one holds.
    const takesIndex = (isMost && isScattered) || count > inOrder.layout.rows;
    this.#window = takesIndex ? undefined : inOrder;
    this.#table = takesIndex ? byIndex : undefined;
    this.#driver.isInOrder = !takesIndex;
  }

  #use(hook: Hook): void {
    const which = this.#driver.driven.indexOf(hook);
    this.#window?.use(which);
    this.#table?.use(which);
  }
}
