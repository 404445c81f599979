import { limitPages } from "../admission/admit.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import { HostError } from "../errors.ts";
import { type Fault, type FaultKind, faultTexts } from "../fault.ts";
import type { ResourceLimits } from "../limits.ts";
import type { MeteredModule } from "../metering/meter.ts";
import { CallBudget, OutOfBudget } from "./call-budget.ts";
import { Entry } from "./entry.ts";
import { type CallValue, GuestExport } from "./guest-export.ts";
import { createFault } from "./guest-fault.ts";
import { guestImports } from "./guest-imports.ts";
import { GuestInstance } from "./guest-instance.ts";
import { classifyTrap, GuestStop } from "./guest-stop.ts";
import type { GuestStrings } from "./guest-strings.ts";
import type { GuardedScript } from "./host-guard.ts";
import type { HostContext, LinkedModule } from "./linker.ts";
import { Locator } from "./locate.ts";
import { describeLoopUse, type LoopUse } from "./loop-use.ts";

/** What a call that finished, or didn't, comes back with. */
export type CallResult =
  | {
      readonly ok: true;
      /** The export's result; undefined for none, an array for several. */
      readonly value: CallValue | readonly CallValue[] | undefined;
      /** Exact: the sum of what the executed instructions cost, host functions included. */
      readonly fuelUsed: number;
      readonly elapsedMs: number;
    }
  | { readonly ok: false; readonly fault: Fault };

/** {@link Script.callJson}'s. */
export type JsonResult =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly fuelUsed: number;
      readonly elapsedMs: number;
    }
  | { readonly ok: false; readonly fault: Fault };

/** Makes what a call did to the host's own state stand or fall with the call. */
export interface TransactionHooks {
  begin(): void;
  commit(): void;
  rollback(): void;
}

/** What the runtime gives a script; not for use outside of it. */
export interface ScriptParts {
  readonly name: string;
  readonly limits: ResourceLimits;
  readonly metered: MeteredModule;
  readonly compiled: WebAssembly.Module;
  readonly linked: LinkedModule;
  readonly sourceMap: SourceMapV3 | undefined;
  readonly nowMs: () => number;
  readonly transaction: TransactionHooks | undefined;
  readonly onTrace: ((script: string, text: string) => void) | undefined;
}

/** Host → guest → host → guest: entries that may be open at once. Each halves the call depth. */
const maxEntries = 4;
const tooManyEntries = "host and guest call each other too deep";
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
  readonly limits: ResourceLimits;
  /** Handle of the entity that calls are about, for host functions; 0 for none. */
  entity = 0;
  /**
   * For a scheduler that has just read the clock: prepared calls then begin at this time, on the
   * runtime's clock and in milliseconds, instead of reading it again. What it is behind by, a
   * deadline comes earlier. Undefined to read the clock for every call.
   */
  callsBeginMs: number | undefined = undefined;
  readonly #parts: ScriptParts;
  readonly #budget: CallBudget;
  readonly #locator: Locator;
  readonly #exports: ReadonlyMap<string, GuestExport>;
  readonly #imports: WebAssembly.Imports;
  #instance: GuestInstance | undefined;
  #generation = 0;
  #disposed = false;
  #stale = true;
  #pendingStop: GuestStop | undefined;
  #entries = 0;
  #callNumber = 0;
  #hostCalls = 0;

  /** Scripts come from `ScriptRuntime.load`. */
  constructor(parts: ScriptParts) {
    this.name = parts.name;
    this.limits = parts.limits;
    this.#parts = parts;
    this.#budget = new CallBudget(parts.nowMs);
    this.#locator = new Locator(parts.metered, parts.sourceMap);
    this.#exports = GuestExport.of(parts.metered.admitted.module);
    this.#imports = this.#buildImports();
  }

  /** Names of the functions the script exports. */
  get exports(): readonly string[] {
    return [...this.#exports.keys()];
  }

  has(name: string): boolean {
    return this.#exports.has(name);
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The guest's memory as it is now; empty when it has none. Don't keep it: growth replaces it. */
  get memory(): Uint8Array {
    return this.#instance?.bytes() ?? new Uint8Array(0);
  }

  /**
   * Calls an export under the script's limits.
   * @throws TypeError for an export that isn't there, or arguments that don't fit it; Error when the
   * script was disposed. What the guest does comes back as a value.
   */
  call(name: string, ...args: CallValue[]): CallResult {
    const target = this.#exportNamed(name);
    target.checkArguments(this.name, args);
    let value: unknown;
    const fault = this.#run(name, (instance) => {
      value = instance.function(name)(...args);
    });
    if (fault !== null) return { ok: false, fault };
    return {
      ok: true,
      value: value as CallValue | undefined,
      fuelUsed: this.#lastFuel,
      elapsedMs: this.#budget.elapsedMs(),
    };
  }

  /**
   * Calls an export that takes and returns an AssemblyScript string, with JSON in both directions.
   * The module has to export AssemblyScript's runtime.
   * @throws TypeError for an export that isn't there or has another signature, or a value that JSON
   * can't hold.
   */
  callJson(name: string, value: unknown): JsonResult {
    const target = this.#exportNamed(name);
    if (target.signature !== "(i32) -> i32") {
      throw new TypeError(`${this.name}.${name} takes and returns no string: ${target.signature}`);
    }
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`${this.name}.${name}: JSON can't hold the value`);
    let result: unknown;
    const fault = this.#run(name, (instance) => {
      try {
        const strings = this.#strings(instance);
        const pointer = strings.create(json);
        const answer = instance.function(name)(pointer);
        result = JSON.parse(strings.read(answer as number));
      } catch (thrown) {
        if (thrown instanceof HostError)
          throw this.#stop(new GuestStop("host-error", thrown.message));
        if (thrown instanceof SyntaxError) {
          throw this.#stop(
            new GuestStop("host-error", `${name} returned no JSON: ${thrown.message}`),
          );
        }
        throw thrown;
      }
    });
    if (fault !== null) return { ok: false, fault };
    return {
      ok: true,
      value: result,
      fuelUsed: this.#lastFuel,
      elapsedMs: this.#budget.elapsedMs(),
    };
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
   * Replaces the instance: memory and globals as at load, the module's start run again. The fault
   * of that start, if it has one; the script then stays without an instance until the next try.
   */
  restart(): Fault | null {
    this.#assertUsable();
    if (this.#entries > 0) throw new Error(`${this.name}: restart from inside a call`);
    this.#instance = undefined;
    this.#stale = true;
    this.#generation++;
    let created: GuestInstance | undefined;
    try {
      created = new GuestInstance(this.#parts.metered, this.#parts.compiled, this.#imports);
    } catch (thrown) {
      // Data or elements outside of their memory or table.
      return this.#fault("start", "trap", thrown instanceof Error ? thrown.message : "");
    }
    this.#parts.linked.functions.forEach((f, i) => {
      created?.setPrice(i, "spec" in f ? f.spec.fuel : undefined);
    });
    this.#instance = created;
    this.#stale = false;
    if (!created.hasStart) return null;
    const { fuelPerCall, callTimeMs } = this.limits;
    return this.#run(
      "start",
      (instance) => instance.start(),
      fuelPerCall * startFuelFactor,
      callTimeMs * startTimeFactor,
    );
  }

  /**
   * What the loops of the last call did, what burnt most first. Empty unless the script was loaded
   * with `profileLoops`.
   */
  loops(): readonly LoopUse[] {
    return this.#instance?.loops?.uses(this.#locator, this.#lastFuel) ?? [];
  }

  /** Lets go of the instance. Calls throw from here on. */
  dispose(): void {
    this.#disposed = true;
    this.#instance = undefined;
  }

  /** @internal Runs a prepared entry; null when it finished. */
  runEntry(entry: Entry, a: number, b: number, c: number): Fault | null {
    this.#assertUsable();
    if (this.#stale) {
      const fault = this.restart();
      if (fault !== null) return fault;
    }
    const instance = this.#instance as GuestInstance;
    const run = entry.bind(instance, this.#generation);
    const begun = this.#begin(
      entry.name,
      instance,
      this.limits.fuelPerCall,
      this.limits.callTimeMs,
    );
    if (begun !== null) return begun;
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
      return this.#failed(entry.name, instance, thrown);
    }
    return this.#finished(entry.name, instance);
  }

  /** @internal */
  get lastFuel(): number {
    return this.#lastFuel;
  }
  #lastFuel = 0;

  #exportNamed(name: string): GuestExport {
    const target = this.#exports.get(name);
    if (target !== undefined) return target;
    throw new TypeError(
      `${this.name} exports no function "${name}"; it has: ${this.exports.join(", ")}`,
    );
  }

  #assertUsable(): void {
    if (this.#disposed) throw new Error(`${this.name} was disposed`);
  }

  #run(
    name: string,
    body: (instance: GuestInstance) => void,
    fuel = this.limits.fuelPerCall,
    timeMs = this.limits.callTimeMs,
  ): Fault | null {
    this.#assertUsable();
    if (this.#stale) {
      const fault = this.restart();
      if (fault !== null) return fault;
    }
    const instance = this.#instance as GuestInstance;
    const begun = this.#begin(name, instance, fuel, timeMs);
    if (begun !== null) return begun;
    try {
      body(instance);
    } catch (thrown) {
      return this.#failed(name, instance, thrown);
    }
    return this.#finished(name, instance);
  }

  /** Opens an entry; the outermost one starts the budget, inner ones share it. */
  #begin(
    name: string,
    instance: GuestInstance,
    fuel: number,
    timeMs: number,
    startMs?: number,
  ): Fault | null {
    if (this.#entries === 0) {
      this.#callNumber++;
      this.#hostCalls = 0;
      this.#pendingStop = undefined;
      instance.begin(this.#budget.begin(fuel, timeMs, startMs), this.limits.callDepth);
      instance.loops?.reset();
      instance.loops?.grant(this.#budget.grantedFuel);
      this.#parts.transaction?.begin();
    } else if (this.#entries >= maxEntries || this.#pendingStop !== undefined) {
      const stop = this.#pendingStop ?? this.#stop(new GuestStop("stack-overflow", tooManyEntries));
      return this.#faultOf(name, stop.kind, stop.message, stop, 0);
    }
    if (this.#entries > 0) instance.begin(instance.fuel(), this.limits.callDepth >> this.#entries);
    this.#entries++;
    return null;
  }

  #finished(name: string, instance: GuestInstance): Fault | null {
    this.#entries--;
    const remaining = instance.fuel();
    this.#lastFuel = this.#budget.used(remaining);
    if (this.#pendingStop !== undefined || this.#budget.isOverdrawn(remaining)) {
      return this.#failedAfter(name, this.#pendingStop ?? this.#stop(this.#outOfFuel()));
    }
    if (this.#entries === 0) this.#parts.transaction?.commit();
    return null;
  }

  #failed(name: string, instance: GuestInstance, thrown: unknown): Fault {
    this.#entries--;
    if (thrown instanceof GuestStop && thrown === this.#pendingStop) {
      return this.#failedAfter(name, thrown);
    }
    const [kind, message] = classifyTrap(thrown, instance.stopReason());
    const stop = this.#stop(new GuestStop(kind, message));
    if (thrown instanceof Error) stop.thrown = thrown;
    this.#lastFuel = this.#budget.used(instance.fuel());
    return this.#failedAfter(name, stop);
  }

  #failedAfter(name: string, stop: GuestStop): Fault {
    if (this.#entries === 0) {
      this.#parts.transaction?.rollback();
      this.#stale = true;
    }
    return this.#faultOf(name, stop.kind, stop.message, stop, this.#lastFuel);
  }

  #stop(stop: GuestStop): GuestStop {
    this.#pendingStop ??= stop;
    return this.#pendingStop;
  }

  #fault(entry: string, kind: FaultKind, message: string): Fault {
    return this.#faultOf(entry, kind, message, undefined, 0);
  }

  #faultOf(
    entry: string,
    kind: FaultKind,
    detail: string,
    stop: GuestStop | undefined,
    fuelUsed: number,
  ): Fault {
    return createFault(this.#locator, stop?.thrown ?? stop, {
      kind,
      message: `${faultTexts[kind]}: ${detail}`,
      script: this.name,
      entry,
      fuelUsed,
      elapsedMs: this.#budget.elapsedMs(),
    });
  }

  #outOfFuel(): GuestStop {
    const fuel = this.limits.fuelPerCall.toLocaleString("en");
    return new GuestStop("out-of-fuel", `${fuel} fuel are all a call has${this.#mostUsedLoop()}`);
  }

  #mostUsedLoop(): string {
    const [most] = this.loops();
    return most === undefined ? "" : `; ${describeLoopUse(most)}`;
  }

  #countHostCall(): void {
    if (++this.#hostCalls <= this.limits.hostCallsPerCall) return;
    const limit = this.limits.hostCallsPerCall.toLocaleString("en");
    throw this.#stop(new GuestStop("host-call-limit", `${limit} host calls are all a call has`));
  }

  #refill(remaining: number): number {
    // The budget is asked even for a swallowed stop: nothing in the guest may run on.
    if (this.#pendingStop !== undefined) throw this.#pendingStop;
    const slice = this.#budget.refill(remaining);
    this.#instance?.loops?.grant(this.#budget.grantedFuel);
    if (slice >= 0) return slice;
    this.#lastFuel = this.#budget.used(remaining);
    if (slice === OutOfBudget.fuel) throw this.#stop(this.#outOfFuel());
    const text = `${this.limits.callTimeMs} ms are all a call has${this.#mostUsedLoop()}`;
    throw this.#stop(new GuestStop("deadline", text));
  }

  #charge(fuel: number): void {
    if (!(fuel >= 0)) throw new RangeError(`charge wants fuel of at least 0, not ${fuel}`);
    const instance = this.#instance as GuestInstance;
    const remaining = this.#budget.charge(instance.fuel(), Math.ceil(fuel));
    if (remaining === undefined) {
      this.#lastFuel = this.#budget.used(instance.fuel()) + Math.ceil(fuel);
      throw this.#stop(this.#outOfFuel());
    }
    instance.setFuel(remaining);
    instance.loops?.grant(this.#budget.grantedFuel);
  }

  /** The guest's allocator runs for it, so it is an entry like any other. */
  #newString(text: string): number {
    const instance = this.#instance as GuestInstance;
    if (this.#entries >= maxEntries) {
      throw this.#stop(new GuestStop("stack-overflow", tooManyEntries));
    }
    instance.begin(instance.fuel(), this.limits.callDepth >> this.#entries);
    this.#entries++;
    try {
      return this.#strings(instance).create(text);
    } catch (thrown) {
      if (thrown instanceof HostError || thrown instanceof GuestStop) throw thrown;
      throw this.#stop(new GuestStop(...classifyTrap(thrown, instance.stopReason())));
    } finally {
      this.#entries--;
    }
  }

  #strings(instance: GuestInstance): GuestStrings {
    return instance.strings(this.limits.payloadBytes);
  }

  #buildImports(): WebAssembly.Imports {
    const script = this;
    const guard: GuardedScript = {
      get pendingStop() {
        return script.#pendingStop;
      },
      get callNumber() {
        return script.#callNumber;
      },
      countHostCall: () => this.#countHostCall(),
      stop: (stop) => this.#stop(stop),
    };
    const context: HostContext = {
      script,
      get entity() {
        return script.entity;
      },
      get memory() {
        return script.memory;
      },
      charge: (fuel) => this.#charge(fuel),
      readString: (pointer) => this.#strings(this.#instance as GuestInstance).read(pointer),
      newString: (text) => this.#newString(text),
    };
    const { linked, metered, onTrace } = this.#parts;
    const memory = metered.admitted.module.memories[0];
    return guestImports({
      linked,
      guard,
      context,
      refill: (remaining) => this.#refill(remaining),
      onTrace: (text) => onTrace?.(this.name, text),
      initialPages: memory?.min ?? 0,
      maximumPages: Math.min(limitPages(this.limits), memory?.max ?? Infinity),
    });
  }
}
