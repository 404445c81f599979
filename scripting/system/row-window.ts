import type { Column, Component, Query } from "../../engine/index.ts";
import { maxScriptFields } from "../fields/script-field.ts";
import type { ShownRows, WorldView } from "../host/view.ts";
import type { DrivenRows } from "../runtime/open-call.ts";
import type { RowDriver } from "../runtime/row-driver.ts";
import type { Script } from "../runtime/script.ts";
import { MessageWindow } from "../windows/message-window.ts";
import { OthersWindow } from "../windows/others-window.ts";
import { OutboxWindow } from "../windows/outbox-window.ts";
import type { Bits } from "../windows/row-copies.ts";
import type { Attachments } from "./attachments.ts";
import type { CallInfo } from "./call-info.ts";
import { CompleteRows } from "./complete-rows.ts";
import type { SystemCore } from "./core.ts";
import type { Hook } from "./events.ts";
import type { MessageBatch } from "./message-batch.ts";
import type { Messages } from "./messages.ts";
import type { RowBatch } from "./row-batch.ts";
import type { ScriptTag } from "./scripted.ts";
import { SentMessages } from "./sent-messages.ts";
import { ShownColumns } from "./shown-columns.ts";
import { WindowPlaces } from "./window-places.ts";

/**
 * A script's rows in its window, a stretch of them at a time. While they run, what the window shows is what holds:
 * host functions find it by {@link WorldView.shown}.
 */
export class RowWindow implements DrivenRows, ShownRows {
  readonly driver: RowDriver;
  /** Entities that have the script and all that it accesses; the others' calls need the host's answer. */
  readonly complete: CompleteRows;
  readonly #script: Script;
  readonly #view: WorldView;
  readonly #call: CallInfo;
  readonly #shown: ShownColumns;
  /** Column of the window by the world's; -1 for one that isn't shown. */
  readonly #columns: Int16Array;
  /** The same by the script's own fields. */
  readonly #ownColumns = new Int16Array(maxScriptFields).fill(-1);
  readonly #messages: MessageWindow | undefined;
  readonly #others: OthersWindow | undefined;
  readonly #outbox: OutboxWindow | undefined;
  readonly #messagesPerCall: number;
  /** The column by which rows know others; -1 for none. */
  readonly #linkColumn: number;
  readonly #isLive: (handle: number) => boolean;
  readonly #places: WindowPlaces;
  /** Column of what is shown of others by the world's, and by the script's own; -1 for one that isn't shown. */
  readonly #otherColumns: Int16Array;
  readonly #otherOwnColumns = new Int16Array(maxScriptFields).fill(-1);
  #rows: Attachments | undefined;
  /** The messages that rows are called for, or those rows; undefined when they follow one another. */
  #batch: MessageBatch | RowBatch | undefined;
  #first = 0;
  #count = 0;
  /** Version of the list when its rows were opened, or written last. */
  #version = 0;
  /** Whether somebody has died since rows were opened. */
  #hasDied = false;
  /** Which rows are open; one object for all of them. */
  readonly #listed = { first: 0, version: 0 };

  private constructor(
    script: Script,
    driver: RowDriver,
    view: WorldView,
    call: CallInfo,
    tag: ScriptTag,
    messages: Messages,
  ) {
    this.#script = script;
    this.driver = driver;
    this.#view = view;
    this.#call = call;
    const { layout } = driver;
    const ofComponents = layout.columns.filter(
      ({ own, field }) => own === undefined && layout.table?.own.has(field) !== false,
    );
    const accessed = ofComponents.map(({ field }) => field);
    this.complete = new CompleteRows(view.world, [tag, ...componentsOf(view, accessed)]);
    const columnOf = (field: string): Column => view.fieldNamed(field).column;
    const readable = (): Query => this.#places.readable;
    this.#shown = new ShownColumns(driver, columnOf, view.world, readable);
    const { messages: told } = layout;
    this.#messages = told && new MessageWindow(told, layout.address, layout.isBehind);
    this.#messagesPerCall = messages.perCall;
    const { links } = layout.others ?? {};
    this.#linkColumn = layout.columns.findIndex(({ field }) => field === links?.field);
    this.#isLive = (handle) => view.world.resolve(handle) >= 0;
    this.#outbox =
      layout.outbox &&
      new OutboxWindow(
        layout.outbox,
        layout.address,
        new SentMessages(view.world, messages, script.name),
        layout.table !== undefined,
      );
    this.#columns = new Int16Array(view.columnCount).fill(-1);
    driver.layout.columns.forEach(({ field, own }, i) => {
      if (own === undefined) this.#columns[view.fieldNamed(field).id] = i;
      else this.#ownColumns[own] = i;
    });
    const { others } = layout;
    const ownOthers = others?.columns.some(({ own }) => own !== undefined) ? [tag] : [];
    const read = layout.table?.read ?? others?.columns.filter((c) => c.own === undefined) ?? [];
    const otherFields = read.map((each) => (typeof each === "string" ? each : each.field));
    const otherTerms = [...ownOthers, ...componentsOf(view, otherFields)];
    this.#places = new WindowPlaces(view.world, otherTerms);
    this.#otherColumns = new Int16Array(view.columnCount).fill(-1);
    others?.columns.forEach(({ field, own }, i) => {
      if (own === undefined) this.#otherColumns[view.fieldNamed(field).id] = i;
      else this.#otherOwnColumns[own] = i;
    });
    this.#others =
      others &&
      new OthersWindow(
        others,
        layout.address,
        layout.rows,
        ({ field, own }) => (own === undefined ? view.fieldNamed(field).column : noColumn),
        ({ field }) => this.#writtenCells(field),
        this.#places,
      );
  }

  /** The window of a script; undefined when it can't have one. */
  static of(
    script: Script,
    tag: ScriptTag,
    { view, call, messages }: Pick<SystemCore, "view" | "call" | "messages">,
  ): RowWindow | undefined {
    let window: RowWindow | undefined;
    const driver = script.driver({ meet: (row) => window?.meet(row) });
    if (driver === undefined) return undefined;
    window = new RowWindow(script, driver, view, call, tag, messages);
    return window;
  }

  /** Lets go of what keeps {@link complete} up to date. */
  dispose(): void {
    this.complete.dispose();
    this.#places.dispose();
  }

  /** What rows show of a field that the script writes. */
  #writtenCells(field: string): (() => Bits | undefined) | undefined {
    const column = this.driver.layout.columns.findIndex((c) => c.field === field && c.written);
    if (column < 0) return undefined;
    return () => this.#shown.bitsOf(column);
  }

  /** Most rows at a time. */
  get room(): number {
    return this.#shown.room;
  }

  /** Most rows at a time that have a message each. */
  get messageRoom(): number {
    const { rows, messages } = this.driver.layout;
    return messages === undefined ? rows : Math.min(rows, messages.rows);
  }

  /** Whether an entity may get several messages at a time: they share its row, and calls can be made again. */
  get repeats(): boolean {
    return this.#shown.sharesRows && this.driver.repeatable;
  }

  /** Whether it has to be told which row each entity has among those that carry the script. */
  get needsRows(): boolean {
    return this.driver.layout.columns.some(({ own }) => own !== undefined);
  }

  /** Whether a hook is called for row after row. */
  drives(hook: Hook): boolean {
    return this.driver.driven.includes(hook);
  }

  /** Whether what calls do in the window may turn out later not to be allowed: {@link settle} looks. */
  get mayRefuse(): boolean {
    const { outbox, written } = this.driver.layout;
    return (outbox ?? written) !== undefined;
  }

  /**
   * Calls may send messages and write handles in the window from now on; or only by asking the host, which says why
   * where that is refused.
   */
  trust(trusted: boolean): void {
    this.find();
    this.#shown.trusted = trusted;
    this.#outbox?.open(trusted ? this.#messagesPerCall : 0);
  }

  /**
   * Takes over what calls of rows `[from, to)` have sent in the window, and looks at the handles that they have written
   * there.
   * @returns false when one of them did what isn't allowed: they have to be made again without {@link trust}.
   */
  settle(from: number, to: number): boolean {
    this.find();
    const sent = this.#outbox?.takeAll(to - from) ?? true;
    return sent && this.#shown.checkHandles(from, to, this.#isLive);
  }

  /** What calls have sent in the window never was. */
  dropSent(): void {
    this.find();
    this.#outbox?.clear();
  }

  takeSent(): void {
    if (this.#outbox === undefined) return;
    this.find();
    this.#outbox.takeOwn(this.#mayStillSend);
  }

  readonly #mayStillSend = (): number =>
    // Less the one that the host is asked for at present.
    this.#messagesPerCall - this.#view.transaction.sent - 1;

  /** Shows `count` rows from one on, which a hook is called for. */
  open(rows: Attachments, first: number, count: number, hook: Hook): void {
    this.#rows = rows;
    this.#first = first;
    this.#count = count;
    this.#places.open(rows, first, count);
    this.#watch(rows);
    this.#shown.open(rows, first, count, hook, this.#script.memory.buffer);
    this.#view.shown = this;
    this.#link();
  }

  /** What becomes of entities and of the list while rows are open. */
  #watch({ version }: Attachments): void {
    this.#version = version;
    this.#hasDied = false;
    this.#view.world.lives.onDeath = this.#bury;
  }

  /** A host function of the game's has ended an entity: calls are to find it gone. */
  readonly #bury = (index: number): void => {
    this.#hasDied = true;
    this.#shown.table?.bury(index);
    if (this.#others?.isLost) this.find();
    this.#others?.forget();
  };

  /** The script's own columns are other ones when a host function of the game's has attached it to more entities. */
  #follow(): void {
    const rows = this.#rows as Attachments;
    if (rows.version === this.#version) return;
    this.#version = rows.version;
    this.#shown.rebind(rows.columns);
  }

  /** Shows those to rows whom they know, as they are now. */
  #link(): void {
    const column = this.#linkColumn;
    if (this.#others === undefined || column < 0) return;
    this.find();
    const isKnown = this.#shown.isShown(column);
    const known = isKnown ? (this.#shown.cellsOf(column) as Int32Array) : undefined;
    const listed = this.#listed;
    listed.first = this.#first;
    listed.version = (this.#rows as Attachments).version;
    this.#others.link(known, this.#count, this.#batch === undefined ? listed : undefined);
  }

  /** Shows those whom messages are for, and the messages; or the rows of a batch. */
  openBatch(rows: Attachments, batch: MessageBatch | RowBatch, hook: Hook): void {
    const { buffer } = this.#script.memory;
    this.#rows = rows;
    this.#batch = batch;
    this.#first = 0;
    this.#count = batch.count;
    this.#places.open(rows, 0, batch.count, batch);
    this.#watch(rows);
    this.#shown.openBatch(rows, batch, hook, buffer);
    if ("queue" in batch) this.#messages?.write(buffer, batch.queue, batch.first, batch.count);
    this.#view.shown = this;
    this.#link();
  }

  showFound(script: Script, handles: Int32Array, count: number): void {
    const { table } = this.#shown;
    if (table === undefined) this.#othersOf(script)?.showFound(handles, count);
    else if (this.#runs(script)) table.showFound(handles, count);
  }

  showOther(script: Script, entity: number): void {
    this.#othersOf(script)?.showOther(entity);
  }

  changed(columnId: number, entity: number, value: number): void {
    const column = this.#otherColumns[columnId] as number;
    if (column >= 0) this.#othersOf(this.#script)?.changed(column, entity, value);
  }

  ownChanged(script: Script, n: number, entity: number, value: number): void {
    const column = this.#otherOwnColumns[n] as number;
    if (column >= 0) this.#othersOf(script)?.changed(column, entity, value);
  }

  /** What shows others to a script: nothing, where that isn't the one that runs here. */
  #othersOf(script: Script): OthersWindow | undefined {
    const others = this.#others;
    if (others === undefined || !this.#runs(script)) return undefined;
    if (others.isLost) this.find();
    return others;
  }

  #runs(script: Script): boolean {
    return script === this.#script && !script.suspended;
  }

  /** Finds the guest's memory; to be called before rows run, for undoing may have made another instance. */
  find(): void {
    const { buffer } = this.#script.memory;
    this.#shown.show(buffer);
    this.#others?.show(buffer, this.#rows?.columns ?? []);
    this.#outbox?.show(buffer);
  }

  /** Shows rows `[from, to)` as the world has them. */
  gather(from: number, to: number): void {
    this.#shown.show(this.#script.memory.buffer);
    this.#follow();
    this.#shown.gather(from, to);
    // What was undone may have been shown to others.
    this.#link();
  }

  /**
   * Writes rows `[from, to)` to the world.
   * @param allStand whether what calls of rows from `to` on have done so far stands, too.
   * @returns how many numbers weren't written, as no column may hold them.
   */
  scatter(from: number, to: number, allStand: boolean): number {
    this.#shown.show(this.#script.memory.buffer);
    this.#follow();
    if (!this.#hasDied) return this.#shown.scatter(from, to, allStand);
    // Where those were who have died, others may be by now.
    const { world } = this.#view;
    const { handles } = this.#batch ?? (this.#rows as Attachments);
    let refused = 0;
    let first = from;
    for (let row = from; row <= to; row++) {
      if (row < to && world.resolve(handles[this.#first + row] as number) >= 0) continue;
      if (row > first) refused += this.#shown.scatter(first, row, false);
      first = row + 1;
    }
    return refused;
  }

  close(): void {
    this.#view.world.lives.onDeath = undefined;
    this.find();
    this.#others?.clear();
    this.#shown.close();
    this.#outbox?.open(0);
    this.#view.shown = undefined;
    this.#rows = undefined;
    this.#batch = undefined;
    this.#count = 0;
    this.#places.close();
  }

  /** The call of a row is one that host functions are to know of. */
  meet(row: number): void {
    const list = this.#batch ?? (this.#rows as Attachments);
    this.#script.entity = list.handles[this.#first + row] as number;
    this.#call.serial++;
    this.#batch?.meet(row);
    if (this.#outbox === undefined) return;
    if (this.#outbox.isLost) this.find();
    this.#outbox.takeFinished();
  }

  rowOf(index: number, entity: number): number {
    return this.#shown.table?.rowOf(index, entity) ?? this.#places.rowOf(index, entity);
  }

  cellsOf(columnId: number) {
    return this.#cells(this.#columns[columnId] as number);
  }

  ownCellsOf(script: Script, n: number) {
    return script === this.#script ? this.#cells(this.#ownColumns[n] as number) : undefined;
  }

  #cells(column: number): Column | undefined {
    if (column < 0 || !this.#shown.isShown(column)) return undefined;
    const cells = this.#shown.cellsOf(column);
    if (cells.length > 0) return cells;
    // Memory that has grown leaves views of what it was empty. To ask it each time would take most of a read.
    this.find();
    return this.#shown.cellsOf(column);
  }
}

const noColumn: Column = new Float64Array(0);

/** The components that fields are of. */
function componentsOf(view: WorldView, fields: readonly string[]): Set<Component> {
  return new Set(fields.map((field) => view.fieldNamed(field).component));
}
