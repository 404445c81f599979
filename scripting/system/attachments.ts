import { type Column, indexPart, type Query } from "../../engine/index.ts";
import type { ScriptField } from "../fields/script-field.ts";
import { FieldColumns } from "./field-columns.ts";
import { IdleRows } from "./idle-rows.ts";
import { LastRuns } from "./last-runs.ts";
import { moveRuns, RowRuns } from "./row-runs.ts";

/** Bits of a row's state. A row that is just {@link rowStates.started} runs without another look. */
export const rowStates = {
  /** `onStart` has run, or there is none. */
  started: 1,
  /** Skipped until its wake frame. */
  backingOff: 2,
  /** Struck out: skipped until the script is enabled or reloaded. */
  disabled: 4,
  /** Taken off its entity; the row goes at the next {@link Attachments.compact}. */
  removed: 8,
  /** Its entity has lost the script's tag, and waits for its last call. */
  leaving: 16,
  /** Its last call was stopped, or it is degraded. */
  suspect: 32,
  /** And left memory that had grown for the engine to collect. */
  costly: 64,
  /** Its last call was cut short at the end of a frame, and is to be made again; that one won't be cut short. */
  cut: 128,
} as const;

const initialRows = 64;
/** Handles aren't negative. */
const nobody = -1;
/** No NaN, and not zero: only what has the same bits is equal. */
const eightStarted = new Float64Array(new Uint8Array(8).fill(rowStates.started).buffer)[0];
const plain = rowStates.started | rowStates.removed | rowStates.leaving;
const fourPlain = 0x01010101 * plain;

/**
 * The entities that carry one script, a row each, in the order they were attached; everything
 * the system knows about a row is a column. Rows keep their order when others go, so that what is
 * due first stays first.
 */
export class Attachments {
  /** Handle of each row's entity. */
  handles: Int32Array = new Int32Array(initialRows);
  /** Bits of {@link rowStates}. */
  states: Uint8Array = new Uint8Array(initialRows);
  /** {@link states}, eight rows a number. */
  #eightStates: Float64Array = new Float64Array(this.states.buffer);
  /** The same, four rows a word. */
  #stateWords: Uint32Array = new Uint32Array(this.states.buffer);
  /** Faults that count against the row. */
  strikes: Uint8Array = new Uint8Array(initialRows);
  #strikeWords: Uint32Array = new Uint32Array(this.strikes.buffer);
  readonly #lastRuns = new LastRuns(initialRows);
  /** First frame in which a row that backs off runs again. */
  wakes: Int32Array = new Int32Array(initialRows);
  /** Frame of the row's last fault; only meaningful while it has strikes. */
  lastFaults: Int32Array = new Int32Array(initialRows);
  /** Seconds by which the row lags behind: see `Lags`. */
  lags: Float64Array = new Float64Array(initialRows);
  /** Rows that updates pass over; undefined where they pass over none. */
  readonly idle: IdleRows | undefined;
  /** What the script's own fields hold, by row. */
  fields: FieldColumns = new FieldColumns([], initialRows);
  /** The same, without their names. */
  get columns(): readonly Column[] {
    return this.fields.columns;
  }
  /** Frame in which each row last ran, so that it runs once a frame; -1 before it ever did. */
  get lastRuns(): Int32Array {
    return this.#lastRuns.frames;
  }
  /** Rows in use, removed ones included. */
  length = 0;
  /** Rows that have been removed and not yet compacted away. */
  removed = 0;
  /** Rows whose state is disabled and not removed. */
  disabled = 0;
  /** Rows whose state is leaving and not removed. */
  leaving = 0;
  /** Whether a row may be left of an entity whose index has another one's row by now. */
  hasOrphans = false;
  /** Another number whenever rows were added, or have moved. */
  version = 0;
  /** Rises whenever an entity ceases to have a row. */
  removals = 0;
  /** Row + 1 of each entity index; 0 for none. */
  #rows: Int32Array;
  /** By index of an entity: its handle, if it has a row; 0 if not, and at 0 what no handle is. */
  readonly carriers: Int32Array;
  readonly #runs = new RowRuns();

  /**
   * @param maxEntities entity indices are below this, as in the world.
   * @param members those whose rows aren't idle: a query for nobody else. Default: all.
   */
  constructor(maxEntities: number, members?: Query) {
    this.#rows = new Int32Array(maxEntities);
    this.carriers = new Int32Array(maxEntities);
    this.carriers[0] = nobody;
    this.idle = members && new IdleRows(members, initialRows);
  }

  /** Entities that carry the script. */
  get count(): number {
    return this.length - this.removed;
  }

  /** Row of an entity, or -1. `index` is the entity's, `handle` tells it from an earlier one there. */
  rowOf(index: number, handle: number): number {
    const row = (this.#rows[index] ?? 0) - 1;
    return row >= 0 && this.handles[row] === handle ? row : -1;
  }

  /** Row of the entity that has or had an index, or -1. */
  rowAt(index: number): number {
    return (this.#rows[index] ?? 0) - 1;
  }

  /** Whether handles `[from, to)` of a list are all of entities that have a row. */
  haveAll(list: Int32Array, from: number, to: number): boolean {
    const { carriers } = this;
    for (let at = from; at < to; at++) {
      const handle = list[at] as number;
      if (carriers[indexPart(handle)] !== handle) return false;
    }
    return true;
  }

  /** Adds a row at the end. The entity must not have one. */
  add(index: number, handle: number): void {
    const row = this.length;
    if (row === this.handles.length) this.#grow();
    this.handles[row] = handle;
    this.states[row] = 0;
    this.strikes[row] = 0;
    this.lastRuns[row] = -1;
    this.wakes[row] = 0;
    this.lastFaults[row] = 0;
    this.lags[row] = 0;
    this.idle?.add(row, index);
    this.fields.begin(row);
    if (this.#rows[index] !== 0) {
      this.hasOrphans = true;
      this.removals++;
    }
    this.#rows[index] = row + 1;
    this.carriers[index] = handle;
    this.length = row + 1;
    this.version++;
  }

  /** Marks a row as removed. Its place stays until {@link compact}, so a pass over the rows is safe. */
  remove(row: number, index: number): void {
    const state = this.states[row] as number;
    if ((state & rowStates.removed) !== 0) return;
    if ((state & rowStates.disabled) !== 0) this.disabled--;
    if ((state & rowStates.leaving) !== 0) this.leaving--;
    this.states[row] = state | rowStates.removed;
    this.idle?.remove(row);
    this.removed++;
    if (this.#rows[index] === row + 1) {
      this.#rows[index] = 0;
      this.carriers[index] = 0;
      this.removals++;
    }
  }

  disable(row: number): void {
    this.states[row] = (this.states[row] as number) | rowStates.disabled;
    this.disabled++;
  }

  /** Marks a row as leaving, or as one that stays after all. It must not be removed. */
  setLeaving(row: number, leaving: boolean): void {
    const state = this.states[row] as number;
    if (((state & rowStates.leaving) !== 0) === leaving) return;
    this.states[row] = state ^ rowStates.leaving;
    this.leaving += leaving ? 1 : -1;
  }

  /** Marks a row as one whose last call was stopped. @param costly whether that left memory to collect. */
  setSuspect(row: number, costly: boolean): void {
    const state = (this.states[row] as number) & ~rowStates.costly;
    this.states[row] = state | rowStates.suspect | (costly ? rowStates.costly : 0);
  }

  /** How many rows from one on, up to another, are just {@link rowStates.started}. */
  startedFrom(from: number, end: number): number {
    const { states } = this;
    const eights = this.#eightStates;
    let row = from;
    while (row < end && (row & 7) !== 0 && states[row] === rowStates.started) row++;
    if ((row & 7) === 0) {
      while (row + 32 <= end && areStarted(eights, row >> 3)) row += 32;
      while (row + 8 <= end && eights[row >> 3] === eightStarted) row += 8;
    }
    while (row < end && states[row] === rowStates.started) row++;
    return row - from;
  }

  /** Rows `[from, to)` have run in a frame, no earlier one than rows before. */
  haveRun(frame: number, from: number, to: number): void {
    this.#lastRuns.haveRun(frame, from, to);
  }

  /**
   * Gives the rows other fields: what those of the same name and kind hold is kept, the others begin with their
   * defaults.
   * @returns the columns that there were, to be put back as long as no row has come or moved.
   */
  changeFields(fields: readonly ScriptField[]): FieldColumns {
    const before = this.fields;
    this.putFields(before.changed(fields, this.handles.length, this.length));
    return before;
  }

  /** Puts columns in their place, with as much room as there is for rows. */
  putFields(columns: FieldColumns): void {
    this.fields = columns;
    this.version++;
  }

  /** Forgets strikes, back-off and disabling of every row. */
  pardon(): void {
    const kept = rowStates.started | rowStates.removed | rowStates.leaving;
    for (let row = 0; row < this.length; row++) {
      this.states[row] = (this.states[row] as number) & kept;
      this.strikes[row] = 0;
    }
    this.disabled = 0;
  }

  /** Forgets every row. */
  clear(): void {
    this.#rows.fill(0);
    this.carriers.fill(0, 1);
    this.removals++;
    this.idle?.clear();
    this.length = 0;
    this.removed = 0;
    this.disabled = 0;
    this.leaving = 0;
    this.version++;
  }

  /** How many of the first `end` rows are removed. */
  removedBefore(end: number): number {
    if (end === this.length) return this.removed;
    let removed = 0;
    for (let row = 0; row < end; row++) {
      if (((this.states[row] as number) & rowStates.removed) !== 0) removed++;
    }
    return removed;
  }

  /** Closes the gaps that removed rows left; the others keep their order. */
  compact(): void {
    const { fields, handles, idle, lags, lastFaults, lastRuns, states, strikes, wakes } = this;
    const runs = this.#runs;
    runs.find(states, this.#stateWords, this.length, rowStates.removed);
    const count = this.length - this.removed;
    this.#moveIndices(runs);
    moveRuns(handles, runs);
    moveRuns(lastRuns, runs);
    moveRuns(lags, runs);
    if (this.#anyStruck()) {
      moveRuns(strikes, runs);
      moveRuns(wakes, runs);
      moveRuns(lastFaults, runs);
    }
    moveRuns(states, runs);
    for (const column of fields.columns) moveRuns(column, runs);
    idle?.moveRuns(runs, this.length);
    this.length = count;
    this.removed = 0;
    this.version++;
  }

  /** Rows of indices are those that their rows are about to move to. */
  #moveIndices({ bounds, count }: RowRuns): void {
    const { handles, hasOrphans } = this;
    const rows = this.#rows;
    let to = 0;
    for (let n = 0; n < count; n++) {
      const from = bounds[2 * n] as number;
      const end = bounds[2 * n + 1] as number;
      if (from === to) to = end;
      else if (hasOrphans) {
        for (let row = from; row < end; row++) {
          const index = indexPart(handles[row] as number);
          to++;
          // A dead entity's row may still be here while its index has a new owner with a row of its own.
          if (rows[index] === row + 1) rows[index] = to;
        }
      } else {
        for (let row = from; row < end; row++) {
          rows[indexPart(handles[row] as number)] = ++to;
        }
      }
    }
  }

  /** Whether strikes, and what they lead to, say anything of any row. */
  #anyStruck(): boolean {
    const { length, strikes } = this;
    const words = this.#stateWords;
    const strikeWords = this.#strikeWords;
    let any = 0;
    for (let word = 0; word < length >> 2; word++) {
      any |= ((words[word] as number) & ~fourPlain) | (strikeWords[word] as number);
    }
    for (let row = length & ~3; row < length; row++) {
      any |= ((this.states[row] as number) & ~plain) | (strikes[row] as number);
    }
    return any !== 0;
  }

  #grow(): void {
    const room = this.handles.length * 2;
    this.handles = widened(this.handles, new Int32Array(room));
    this.states = widened(this.states, new Uint8Array(room));
    this.#eightStates = new Float64Array(this.states.buffer);
    this.#stateWords = new Uint32Array(this.states.buffer);
    this.strikes = widened(this.strikes, new Uint8Array(room));
    this.#strikeWords = new Uint32Array(this.strikes.buffer);
    this.#lastRuns.grow(room);
    this.wakes = widened(this.wakes, new Int32Array(room));
    this.lastFaults = widened(this.lastFaults, new Int32Array(room));
    this.lags = widened(this.lags, new Float64Array(room));
    this.idle?.grow(room);
    this.fields.grow(room);
  }
}

/** Whether all rows of four numbers are just {@link rowStates.started}. */
function areStarted(eights: Float64Array, at: number): boolean {
  return (
    eights[at] === eightStarted &&
    eights[at + 1] === eightStarted &&
    eights[at + 2] === eightStarted &&
    eights[at + 3] === eightStarted
  );
}

function widened<A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
