import { HostError } from "../errors.ts";
import { type Fault, faultTexts, formatFault } from "../fault.ts";
import type { ScriptField } from "../fields/script-field.ts";
import { type CallLimits, type ResourceLimits, resolveCallLimits } from "../limits.ts";
import { firstOf, shownText } from "../shown-text.ts";
import type {
  CallResult,
  GuestValue,
  JsonResult,
  Outcome,
  ReturnKind,
  TypedResult,
} from "./call-result.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { Entry } from "./entry.ts";
import { type ContextScript, GuestContext } from "./guest-context.ts";
import { type CallValue, GuestExport } from "./guest-export.ts";
import { createFault } from "./guest-fault.ts";
import type { GuestHeap } from "./guest-heap.ts";
import { type GuestImports, guestImports } from "./guest-imports.ts";
import { GuestInstance } from "./guest-instance.ts";
import { parseGuestJson } from "./guest-json.ts";
import { GuestStop } from "./guest-stop.ts";
import type { GuestStrings } from "./guest-strings.ts";
import { InstanceKeeper } from "./instance-keeper.ts";
import { isRepeatable } from "./linked-module.ts";
import { Locator } from "./locate.ts";
import { describeLoopUse, type LoopUse } from "./loop-use.ts";
import { type DrivenRows, type Grant, OpenCall, type TransactionHooks } from "./open-call.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { RowDriver } from "./row-driver.ts";
import type { ScriptSnapshot } from "./snapshot.ts";

/** What the runtime gives a script; not for use outside of it. */
export interface ScriptParts {
  readonly name: string;
  readonly limits: ResourceLimits;
  readonly prepared: PreparedScript;
  readonly nowMs: () => number;
  readonly transaction: TransactionHooks | undefined;
  /** Gives back the room that its instance takes. */
  readonly release: () => void;
  /** Whether an entity counts as the open call's own, beside the one that the call is about. */
  readonly owns: (entity: number) => boolean;
  readonly guestText: boolean;
  readonly onTrace: ((script: string, text: string) => void) | undefined;
}

/** Exports that a message lists. */
const maxListedExports = 20;

/** A module's start may use this many times what a call may: it builds what calls then use. */
const startFuelFactor = 10;
const startTimeFactor = 5;

/**
 * A loaded script: one instance of one module, with its limits. Calls never throw over what the
 * guest does. After a fault the next call begins on a fresh instance, memory and globals as they
 * were at load, so nothing half done stays in the guest.
 */
export class Script {
  readonly name: string;
  /** Handle of the entity that calls are about, for host functions; 0 for none. */
  entity = 0;
  /**
   * For a scheduler that has just read the clock: prepared calls then begin at this time, on the
   * runtime's clock and in milliseconds, instead of reading it again. What it is behind by, a
   * deadline comes earlier. Undefined to read the clock for every call.
   */
  callsBeginMs: number | undefined = undefined;
  /** When a row of a driver that is {@link RowDriver.repeatable} is cut short, on the runtime's clock and in milliseconds. */
  rowsEndMs = Infinity;
  readonly #parts: ScriptParts;
  readonly #call: OpenCall;
  readonly #locator: Locator;
  readonly #exports: ReadonlyMap<string, GuestExport>;
  readonly #keeper: InstanceKeeper;
  #disposed = false;
  #suspended = false;
  /** Why it can't be used at present. */
  #unusable: string | undefined;
  #limits: ResourceLimits;
  #callGrant: Grant;
  #startGrant: Grant;

  /** Scripts come from `ScriptRuntime.load`. */
  constructor(parts: ScriptParts) {
    this.name = parts.name;
    this.#parts = parts;
    const { metered, lowered, original, sourceMap } = parts.prepared;
    this.#limits = parts.limits;
    this.#callGrant = callGrant(parts.limits);
    this.#startGrant = startGrant(parts.limits);
    this.#locator = new Locator(metered, lowered, original, sourceMap);
    this.#call = new OpenCall({
      grant: this.#callGrant,
      nowMs: parts.nowMs,
      transaction: parts.transaction,
      describeUse: () => this.#describeUse(),
    });
    this.#exports = GuestExport.of(metered.admitted.module);
    this.#keeper = new InstanceKeeper({
      prepared: parts.prepared,
      imports: this.#buildImports(),
      start: () => this.#run("start", (instance) => instance.start(), this.#startGrant),
      refused: (thrown) => {
        const text = thrown instanceof Error ? thrown.message : "";
        this.#call.fuelUsed = 0;
        return this.#faultOf("start", new GuestStop("trap", text), 0, 0);
      },
    });
  }

  /** What a call may use at present. */
  get limits(): ResourceLimits {
    return this.#limits;
  }

  /**
   * Changes what calls may use, from the next one on.
   * @throws RangeError for limits that make no sense, or that are built into the loaded module.
   */
  setLimits(overrides: Partial<CallLimits>): void {
    this.#limits = resolveCallLimits(this.#limits, overrides);
    this.#callGrant = callGrant(this.#limits);
    this.#startGrant = startGrant(this.#limits);
  }

  /** Calls of host functions since it was loaded. */
  get hostCalls(): number {
    return this.#call.totalHostCalls;
  }

  /** The fields of its own that its module lists; none but in a script system are they anything. */
  get fields(): readonly ScriptField[] {
    return this.#parts.prepared.fields;
  }

  /** Names of the functions the script exports. */
  get exports(): readonly string[] {
    return [...this.#exports.keys()];
  }

  has(name: string): boolean {
    return this.#exports.has(name);
  }

  /** Whether it imports a host function. */
  imports(module: string, name: string): boolean {
    const { functions } = this.#parts.prepared.linked;
    return functions.some((known) => known.module === module && known.name === name);
  }

  /** Names of the functions that it imports from a module. */
  importsFrom(module: string): readonly string[] {
    const { functions } = this.#parts.prepared.linked;
    return functions.filter((known) => known.module === module).map(({ name }) => name);
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The guest's memory as it is now; empty when it has none. Don't keep it: growth replaces it. */
  get memory(): Uint8Array {
    return this.#keeper.current?.bytes() ?? new Uint8Array(0);
  }

  /**
   * Calls an export under the script's limits.
   * @throws TypeError for an export that isn't there, or arguments that don't fit it; Error when the
   * script was disposed. What the guest does comes back as a value.
   */
  call(name: string, ...args: CallValue[]): CallResult {
    const target = this.#exportNamed(name);
    target.checkArguments(this.name, args);
    return this.#outcome(name, (instance) => instance.function(name)(...args)) as CallResult;
  }

  /**
   * Calls an export that takes AssemblyScript strings and typed arrays besides numbers, and may return
   * one. The guest gets copies, and so does the host; the module has to export AssemblyScript's runtime,
   * and to take a typed array its number: `export const Float32Array_ID = idof<Float32Array>()`.
   * @param returns `"number"` for what `call` would return, `"string"`, or a typed array's name.
   * @throws TypeError for an export that isn't there, or arguments that don't fit it. What the guest
   * does, and a payload above `payloadBytes`, comes back as a value.
   */
  callTyped<R extends ReturnKind>(name: string, returns: R, ...args: GuestValue[]): TypedResult<R> {
    const target = this.#exportNamed(name);
    target.checkValues(this.name, args, returns);
    return this.#outcome(name, (instance) => {
      const heap = this.#heap(instance);
      const pins: number[] = [];
      const raw = args.map((arg) => {
        if (typeof arg === "number" || typeof arg === "bigint") return arg;
        const pointer = heap.pinned(arg);
        pins.push(pointer);
        return pointer;
      });
      const answer = instance.function(name)(...raw);
      const value = returns === "number" ? answer : heap.read(returns, answer as number);
      for (const pointer of pins) heap.unpin(pointer);
      return value;
    }) as TypedResult<R>;
  }

  /**
   * Calls an export that takes and returns an AssemblyScript string, with JSON in both directions.
   * The module has to export AssemblyScript's runtime.
   * @throws TypeError for an export that isn't there or has another signature, or a value that JSON
   * can't hold.
   */
  callJson(name: string, value: unknown): JsonResult {
    const target = this.#exportNamed(name);
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`${this.name}.${name}: JSON can't hold the value`);
    target.checkValues(this.name, [json], "string");
    return this.#outcome(name, (instance) => {
      const heap = this.#heap(instance);
      const pointer = heap.pinned(json);
      const answer = instance.function(name)(pointer);
      const result = parseGuestJson(heap.strings.read(answer as number));
      heap.unpin(pointer);
      return result;
    });
  }

  /** A prepared call for hot paths; undefined when the script has no such export. */
  entry(name: string): Entry | undefined {
    const target = this.#exports.get(name);
    if (target === undefined) return undefined;
    if (!target.takesNumbers) {
      throw new TypeError(`${this.name}.${name} isn't for prepared calls: ${target.signature}`);
    }
    return new Entry(this, target);
  }

  /**
   * Memory, globals and tables as at load: by a new instance, whose start is run, or by setting them in the
   * old one where `snapshots` or a pool was asked for. The fault of that start, if it has one; the script
   * then stays without an instance until the next try.
   */
  restart(): Fault | null {
    this.#assertBetweenCalls("restart");
    return this.#keeper.restart();
  }

  /**
   * Its state as it is between two calls.
   * @throws Error unless it was loaded with `snapshots`, from inside a call, and for a script that can't be
   * restarted after its last fault.
   */
  snapshot(): ScriptSnapshot {
    this.#assertSnapshots();
    this.#assertBetweenCalls("snapshot");
    return this.#keeper.snapshot(formatFault);
  }

  /**
   * Sets its state to that of a snapshot, of this script or another of the same module.
   * @throws TypeError for one that doesn't fit, which may come from anywhere; Error like `snapshot`.
   */
  restore(snapshot: ScriptSnapshot): void {
    this.#assertSnapshots();
    this.#assertBetweenCalls("restore");
    this.#keeper.restore(snapshot, formatFault);
  }

  /** @internal What tells its module from others. */
  get moduleKey(): string {
    return this.#keeper.moduleKey;
  }

  /** @internal Why {@link restore} would refuse a snapshot; undefined when it wouldn't. */
  refusesSnapshot(snapshot: ScriptSnapshot): string | undefined {
    try {
      this.#assertSnapshots();
      this.#keeper.check(snapshot);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  }

  #assertSnapshots(): void {
    if (this.#parts.prepared.snapshots) return;
    throw new Error(`${this.name} wasn't loaded with snapshots`);
  }

  #assertBetweenCalls(what: string): void {
    this.#assertUsable();
    if (this.#call.isOpen) throw new Error(`${this.name}: ${what} from inside a call`);
  }

  /**
   * What the loops of the last call did, what burnt most first. Empty unless the script was loaded
   * with `profileLoops`.
   */
  loops(): readonly LoopUse[] {
    return this.#keeper.current?.loops?.uses(this.#locator, this.#call.fuelUsed) ?? [];
  }

  #describeUse(): string {
    const [most] = this.loops();
    return most === undefined ? "" : `; ${describeLoopUse(most)}`;
  }

  /** @internal Whether calls throw, because another one stands in for it. */
  get suspended(): boolean {
    return this.#suspended;
  }

  set suspended(suspended: boolean) {
    this.#suspended = suspended;
    if (this.#disposed) return;
    this.#unusable = suspended ? `${this.name}: a call of it is being captured` : undefined;
  }

  /** Lets go of the instance. Calls throw from here on. */
  dispose(): void {
    this.#disposed = true;
    this.#unusable = `${this.name} was disposed`;
    this.#keeper.drop();
    this.#parts.release();
  }

  /** @internal Runs a prepared entry; null when it finished. */
  runEntry(entry: Entry, a: number, b: number, c: number): Fault | null {
    // A fresh instance takes a while to make, which is no part of the call.
    const startMs = this.#keeper.stale ? undefined : this.callsBeginMs;
    const instance = this.#ready();
    if (!(instance instanceof GuestInstance)) return instance;
    const call = this.#call;
    const run = entry.bind(instance, this.#keeper.generation);
    const refusal = call.enter(instance, this.#callGrant, startMs);
    if (refusal !== undefined) return this.#faultOf(entry.name, refusal, 0);
    try {
      switch (entry.arity) {
        case 0:
          run();
          break;
        case 1:
          run(a);
          break;
        case 2:
          run(a, b);
          break;
        default:
          run(a, b, c);
      }
    } catch (thrown) {
      return this.#stopped(entry.name, call.abandon(instance, thrown));
    }
    const stop = call.leave(instance);
    return stop === undefined ? null : this.#stopped(entry.name, stop);
  }

  /**
   * @internal Runs rows of the window by one of the driven functions; null when all of them finished, or as many as
   * were to.
   */
  runRows(driver: RowDriver, which: number, from: number, to: number, look: number): Fault | null {
    const startMs = this.#keeper.stale ? undefined : this.callsBeginMs;
    const instance = this.#ready();
    if (!(instance instanceof GuestInstance)) {
      driver.next = from + 1;
      driver.finishedFuel = 0;
      driver.isCut = false;
      return instance;
    }
    const call = this.#call;
    const grant = this.#callGrant;
    const { address } = driver.layout;
    const beginMs = startMs ?? this.#parts.nowMs();
    const slice = call.enterRows(instance, grant, beginMs, this.rowsEndMs, driver.rows);
    const nth = driver.isInOrder ? which + driver.driven.length : which;
    const drive = instance.drives[nth] as GuestInstance["drives"][number];
    let stop: GuestStop | undefined;
    try {
      driver.next = drive(address, from, to, slice, grant.limits.callDepth, look);
      stop = call.leaveRows(instance, driver.next - 1);
    } catch (thrown) {
      driver.next = instance.row() + 1;
      stop = call.abandonRows(instance, thrown);
    }
    driver.finishedFuel = call.finishedFuel;
    driver.isCut = call.isCut;
    return stop === undefined ? null : this.#stopped(driver.driven[which] as string, stop);
  }

  /**
   * What calls the functions that the script was prepared to have driven (`LoadOptions.driven`); undefined for a
   * script that can't have any, see {@link lower}.
   * @param rows is told of calls that reach the host.
   */
  driver(rows: DrivenRows): RowDriver | undefined {
    const { lowered, undoing, linked } = this.#parts.prepared;
    if (lowered === undefined) return undefined;
    const repeatable = undoing !== undefined && isRepeatable(linked);
    return new RowDriver(this, lowered, undoing, repeatable, rows);
  }

  /** @internal */
  save(checkpoint: Checkpoint): void {
    this.#keeper.save(checkpoint);
  }

  /** @internal What was saved, as a snapshot. */
  snapshotOf(checkpoint: Checkpoint): ScriptSnapshot {
    return this.#keeper.snapshotOf(checkpoint.state());
  }

  /** @internal Undoes what a stopped row did to the guest. @returns whether that can be done in its instance. */
  undo(checkpoint: Checkpoint | undefined): boolean {
    if (checkpoint !== undefined) return this.#keeper.putBack(checkpoint);
    this.#keeper.acquit();
    return true;
  }

  /** @internal The same in a new instance. @returns the fault that prevented it. */
  undoAnew(checkpoint: Checkpoint): Fault | null {
    return this.#keeper.putBackAnew(checkpoint);
  }

  /** @internal */
  get lastFuel(): number {
    return this.#call.fuelUsed;
  }

  #exportNamed(name: string): GuestExport {
    const target = this.#exports.get(name);
    if (target !== undefined) return target;
    const names = firstOf(
      this.exports.map((known) => shownText(known)),
      maxListedExports,
    );
    throw new TypeError(`${this.name} exports no function "${name}"; it has: ${names.join(", ")}`);
  }

  #assertUsable(): void {
    if (this.#unusable !== undefined) throw new Error(this.#unusable);
  }

  /** The instance, a fresh one where the last call was stopped; or the fault of its start. */
  #ready(): GuestInstance | Fault {
    this.#assertUsable();
    return this.#keeper.ready();
  }

  /** Runs a call and gives what it returns, or the fault. */
  #outcome(name: string, body: (instance: GuestInstance) => unknown): Outcome<unknown> {
    let value: unknown;
    const fault = this.#run(name, (instance) => {
      try {
        value = body(instance);
      } catch (thrown) {
        if (!(thrown instanceof HostError)) throw thrown;
        throw this.#call.stop(new GuestStop("host-error", `${name}: ${thrown.message}`));
      }
    });
    if (fault !== null) return { ok: false, fault };
    const { fuelUsed } = this.#call;
    return { ok: true, value, fuelUsed, elapsedMs: this.#call.elapsedMs() };
  }

  #run(
    name: string,
    body: (instance: GuestInstance) => void,
    grant = this.#callGrant,
  ): Fault | null {
    const instance = this.#ready();
    if (!(instance instanceof GuestInstance)) return instance;
    const refusal = this.#call.enter(instance, grant);
    if (refusal !== undefined) return this.#faultOf(name, refusal, 0);
    try {
      body(instance);
    } catch (thrown) {
      return this.#stopped(name, this.#call.abandon(instance, thrown));
    }
    const stop = this.#call.leave(instance);
    return stop === undefined ? null : this.#stopped(name, stop);
  }

  #stopped(entry: string, stop: GuestStop): Fault {
    // Whatever it was in the middle of is half done.
    if (!this.#call.isOpen) this.#keeper.spoil();
    return this.#faultOf(entry, stop, this.#call.fuelUsed);
  }

  #faultOf(
    entry: string,
    stop: GuestStop,
    fuelUsed: number,
    elapsedMs = this.#call.elapsedMs(),
  ): Fault {
    return createFault(this.#locator, stop.thrown ?? stop, {
      kind: stop.kind,
      message: `${faultTexts[stop.kind]}: ${stop.message}`,
      script: this.name,
      entry,
      fuelUsed,
      elapsedMs,
    });
  }

  #heap(instance: GuestInstance): GuestHeap {
    return instance.heap(this.#limits.payloadBytes);
  }

  /** For host functions. @throws HostError when one of them has disposed of the script. */
  #strings(): GuestStrings {
    const instance = this.#keeper.current;
    if (instance === undefined) throw new HostError(`${this.name} was disposed`);
    return this.#heap(instance).strings;
  }

  #buildImports(): GuestImports {
    const { prepared, guestText, onTrace } = this.#parts;
    const lent: ContextScript = {
      script: this,
      owns: prepared.entities === "self" ? (entity) => this.#parts.owns(entity) : undefined,
      payloadBytes: () => this.#limits.payloadBytes,
      charge: (fuel) => this.#call.charge(fuel),
      readString: (pointer) => this.#strings().read(pointer),
      newString: (text) =>
        this.#call.within((instance) => this.#heap(instance).strings.create(text)),
    };
    return guestImports({
      linked: prepared.linked,
      guard: this.#call,
      contextFor: (spec, name) => new GuestContext(lent, spec, prepared.redacted.has(name)),
      refill: (remaining) => this.#call.refill(remaining),
      repeatsText: guestText,
      onTrace: onTrace && ((text) => onTrace(this.name, text)),
      texts: { charge: (fuel) => this.#call.charge(fuel), strings: () => this.#strings() },
    });
  }
}

function callGrant(limits: ResourceLimits): Grant {
  const { fuelPerCall, callTimeMs } = limits;
  return { fuel: fuelPerCall, timeMs: callTimeMs, limits, holder: "a call" };
}

function startGrant(limits: ResourceLimits): Grant {
  const fuel = limits.fuelPerCall * startFuelFactor;
  const timeMs = limits.callTimeMs * startTimeFactor;
  return { fuel, timeMs, limits, holder: "its top-level code" };
}
