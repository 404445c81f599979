import {
  type Entity,
  type Hasher,
  indexPart,
  type Query,
  type QueryDefinition,
  type World,
} from "../../engine/index.ts";
import { Attachments, rowStates } from "./attachments.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { Messages } from "./messages.ts";
import { type FaultPolicy, periodFor } from "./policy.ts";
import type { Program } from "./program.ts";
import { type ScriptTag, scripted } from "./scripted.ts";
import { type ScriptState, type ScriptStats, UsageCounter } from "./stats.ts";
import { Suspects } from "./suspects.ts";

/** What some indices stand for, where that is no negative number: in rising order, each once. */
function sorted(indices: readonly number[], placeOf: (index: number) => number): Int32Array {
  const places = new Int32Array(indices.length);
  let count = 0;
  for (let n = 0; n < indices.length; n++) {
    const place = placeOf(indices[n] as number);
    if (place >= 0) places[count++] = place;
  }
  // Without a comparison of its own a typed array sorts numbers, and fast.
  const rising = places.subarray(0, count).sort();
  let unique = 0;
  for (let n = 0; n < count; n++) {
    const place = rising[n] as number;
    if (n === 0 || place !== rising[unique - 1]) rising[unique++] = place;
  }
  return rising.subarray(0, unique);
}

/** What a slot belongs to. */
export interface SlotOwner {
  readonly world: World;
  readonly messages: Messages;
}

/** The place of one script in the system: what stays when a new version takes over. */
export class ScriptSlot {
  /** Unique among all that are or were loaded; what commands name it by. */
  readonly id: number;
  readonly name: string;
  readonly tag: ScriptTag;
  readonly rows: Attachments;
  /** Messages for its entities that it hasn't got yet, in the order they were sent. */
  readonly inbox: MessageQueue;
  readonly usage = new UsageCounter();
  /** What follows its faults. */
  readonly policy: FaultPolicy;
  /** Milliseconds that a call may take where the frames' load doesn't make it less. */
  callTimeMs: number;
  /** The version that runs now. */
  program: Program;
  /** Not called at all, because a restart faulted or because the game asked for it. */
  disabled = false;
  /** Milliseconds that its last restart took; 0 before the first one. */
  restartMs = 0;
  /** Restarts in a row that took longer than all scripts may take of a frame. */
  slowRestarts = 0;
  /** Its rows whose last call was stopped, and those of them that left memory to collect. */
  readonly suspects = new Suspects();
  readonly costly = new Suspects();
  /** The next row to visit in the round that is under way. */
  cursor = 0;
  /** Where that round ends; rows that came later wait for the next one. */
  roundEnd = 0;
  /** The next row of the fixed step that is under way, how many are left of it, and where rows end for it. */
  fixedCursor = 0;
  fixedLeft = 0;
  fixedEnd = 0;
  /** Whether this frame's last round is under way: when it is over, every row has had its turn. */
  lastRound = false;
  /** Whether rows of the round may have run in this frame, in the round before. */
  hasRunRows = false;
  /** Whether it was called, or restarted, in this frame. */
  served = false;
  /** Whether any of its rows has had its turn in this frame. */
  hasProgressed = false;
  /** Whether a row was cut short at the end of this frame. */
  isCut = false;
  /** Whether one was called in this frame that had been cut short before. */
  retried = false;
  /** Whether a row was passed over in this frame, or stopped, that is called again. */
  passedOver = false;
  /** Whether any row may lag behind. */
  lagging = false;
  /** Fuel of a call in its window, as of late; Infinity before the first one. */
  rowFuel = Infinity;
  /** Whether this frame has run, or passed over, every row. */
  finished = false;
  readonly #world: World;
  readonly #carriers: Query;
  /** Those that updates are for; undefined where that is all who carry it. */
  readonly #members: Query | undefined;
  #notedVersion = -1;

  /** @param query of the entities that updates are for; undefined for all who carry it. */
  constructor(
    { world, messages }: SlotOwner,
    id: number,
    name: string,
    program: Program,
    policy: FaultPolicy,
    query: QueryDefinition | undefined,
  ) {
    this.policy = policy;
    this.#world = world;
    this.id = id;
    this.name = name;
    this.program = program;
    this.callTimeMs = program.script.limits.callTimeMs;
    this.tag = scripted(name);
    this.#carriers = world.query([this.tag], { own: true });
    this.inbox = messages.newInbox();
    this.#members = query && world.query(query.terms, { own: true });
    this.rows = new Attachments(world.maxEntities, this.#members);
    this.rows.changeFields(program.script.fields);
    program.own(this.rows);
  }

  /** Forgets all that was held against it. */
  pardon(): void {
    this.disabled = false;
    this.restartMs = 0;
    this.slowRestarts = 0;
    this.rows.pardon();
  }

  /** Forgets its rows, its messages and all that was held against it: who carries it begins anew. */
  reset(): void {
    this.pardon();
    this.rows.clear();
    this.inbox.truncate(0);
    this.lagging = false;
    this.passedOver = false;
    this.cursor = 0;
    this.roundEnd = 0;
    this.program.stale = true;
    this.#notedVersion = -1;
  }

  /** Lets calls take that part of the time that they have otherwise. */
  scaleCalls(scale: number): void {
    this.program.script.setLimits({ callTimeMs: this.callTimeMs * scale });
  }

  /** The row of an entity that carries the script, or -1. */
  rowOf(entity: Entity): number {
    return this.rows.rowOf(indexPart(entity), entity);
  }

  /** Gives every entity that has the tag and no row yet a row. */
  adopt(): void {
    const { rows } = this;
    const indices = this.#carriers.entities();
    let missing = this.#carriers.count - (rows.count - rows.leaving);
    if (missing <= 0) return;
    // Who came last is listed last, so this looks at little more than the new ones; unless the list was put in
    // order since. Then who came is known otherwise, if they aren't too many.
    const { changes } = this.#carriers;
    const least = changes === undefined ? 0 : Math.max(0, indices.length - 2 * missing - 16);
    let first = indices.length;
    while (missing > 0 && first > least) {
      if (this.#isMissing(indices[--first] as number)) missing--;
    }
    if (missing === 0 || changes === undefined) {
      for (let at = first; at < indices.length; at++) this.#adoptMissing(indices[at] as number);
      return;
    }
    const places = sorted(changes, (index) => this.#carriers.placeOf(index));
    for (let n = 0; n < places.length; n++)
      this.#adoptMissing(indices[places[n] as number] as number);
  }

  #adoptMissing(index: number): void {
    if (this.#isMissing(index)) this.rows.add(index, this.#world.handleOf(index));
  }

  /** Rows that may not be carried any more, in order, each once; undefined when that may be any. */
  changedRows(): Int32Array | undefined {
    const { rows } = this;
    const { changes } = this.#carriers;
    if (changes === undefined || rows.leaving > 0 || rows.hasOrphans) return undefined;
    return sorted(changes, (index) => rows.rowAt(index));
  }

  /** Whether an entity has the tag and no row. */
  #isMissing(index: number): boolean {
    return this.#carriers.has(index) && this.rows.rowOf(index, this.#world.handleOf(index)) < 0;
  }

  /** Whether an entity may have gained or lost the tag since {@link noteCarriers}. */
  get carriersChanged(): boolean {
    return this.#carriers.version !== this.#notedVersion;
  }

  /** Those that have the tag now have their rows, and those that haven't have none. */
  noteCarriers(): void {
    this.#notedVersion = this.#carriers.version;
    this.#carriers.forgetChanges();
    this.rows.hasOrphans = false;
  }

  /** Whether a row's entity is alive and still has the tag. */
  isCarried(row: number): boolean {
    const index = this.#world.resolve(this.rows.handles[row] as number);
    return index >= 0 && this.#carriers.has(index);
  }

  /** Whether a row is still one of an entity's that is alive. */
  hasRow(row: number): boolean {
    const isRemoved = ((this.rows.states[row] as number) & rowStates.removed) !== 0;
    return !isRemoved && this.#world.isAlive(this.rows.handles[row] as number);
  }

  /** The entities that have the tag now. */
  carriers(): Entity[] {
    const indices = this.#carriers.entities().filter((index) => this.#carriers.has(index));
    return indices.map((index) => this.#world.handleOf(index));
  }

  /** Drops the rows that were removed, and moves the round along. */
  compact(): void {
    if (this.rows.removed === 0) return;
    const { cursor, fixedCursor, roundEnd } = this;
    this.fixedCursor = fixedCursor - this.rows.removedBefore(fixedCursor);
    this.cursor = cursor - this.rows.removedBefore(cursor);
    this.roundEnd = roundEnd - this.rows.removedBefore(roundEnd);
    for (const rows of [this.suspects, this.costly]) {
      rows.move((row) => row - this.rows.removedBefore(row));
    }
    this.rows.compact();
  }

  /** Lets go of the script and of what keeps its carriers listed. Nothing else may be asked of it then. */
  dispose(): void {
    this.program.dispose();
    this.inbox.truncate(0);
    this.#world.dropQuery(this.#carriers);
    if (this.#members !== undefined) this.#world.dropQuery(this.#members);
  }

  /** Frames from one call of a row to the next: 1 unless it is degraded. */
  #periodOf(row: number): number {
    const { states, strikes } = this.rows;
    const isCalled = ((states[row] as number) & (rowStates.disabled | rowStates.removed)) === 0;
    return isCalled ? periodFor(this.policy, strikes[row] as number) : 1;
  }

  get state(): ScriptState {
    const { rows } = this;
    if (this.disabled || (rows.count > 0 && rows.disabled === rows.count)) return "disabled";
    const halted = rowStates.backingOff | rowStates.disabled | rowStates.removed;
    let degraded = false;
    for (let row = 0; row < rows.length; row++) {
      if (this.#periodOf(row) > 1) degraded = true;
      else if (((rows.states[row] as number) & halted) === 0) return "running";
    }
    if (degraded) return "degraded";
    return rows.count === 0 ? "running" : "backing-off";
  }

  /** Adds what a run has come to with it: who carries it, how they are doing, and its fields. */
  hash(hasher: Hasher): void {
    const { rows } = this;
    hasher.text(this.name);
    hasher.word(this.disabled ? 1 : 0);
    for (let row = 0; row < rows.length; row++) {
      if (!this.hasRow(row)) continue;
      hasher.word(rows.handles[row] as number);
      hasher.word(rows.states[row] as number);
      hasher.word(rows.strikes[row] as number);
      hasher.number(rows.lags[row] as number);
      for (const column of rows.columns) hasher.number(column[row] as number);
    }
  }

  /** A snapshot for tools. */
  stats(droppedLogLines: number): ScriptStats {
    const { rows, usage } = this;
    let strikes = 0;
    let degradedEntities = 0;
    let periodFrames = 1;
    for (let row = 0; row < rows.length; row++) {
      strikes += rows.strikes[row] as number;
      const period = this.#periodOf(row);
      if (period > 1) degradedEntities++;
      periodFrames = Math.max(periodFrames, period);
    }
    return {
      name: this.name,
      state: this.state,
      entities: rows.count,
      disabledEntities: rows.disabled,
      degradedEntities,
      periodFrames,
      calls: usage.calls,
      fuel: usage.fuel,
      timeMs: usage.timeMs,
      totalTimeMs: usage.totalTimeMs,
      p95Ms: usage.p95Ms,
      hostCalls: this.program.script.hostCalls,
      memoryBytes: this.program.script.memory.length,
      messages: usage.messages,
      messagesWaiting: this.inbox.length,
      faults: usage.faults,
      faultsByKind: { ...usage.faultsByKind },
      strikes,
      lastFault: usage.lastFault,
      deferredFrames: usage.deferredFrames,
      restarts: usage.restarts,
      reloads: usage.reloads,
      droppedLogLines,
    };
  }
}
