import { HostError } from "../errors.ts";
import { type Fault, faultTexts } from "../fault.ts";
import { type CallLimits, type ResourceLimits, resolveCallLimits } from "../limits.ts";
import { Entry } from "./entry.ts";
import { type ContextScript, GuestContext } from "./guest-context.ts";
import { type CallValue, GuestExport } from "./guest-export.ts";
import { createFault } from "./guest-fault.ts";
import { type GuestImports, guestImports } from "./guest-imports.ts";
import { GuestInstance } from "./guest-instance.ts";
import { GuestStop } from "./guest-stop.ts";
import type { GuestStrings } from "./guest-strings.ts";
import { Locator } from "./locate.ts";
import { describeLoopUse, type LoopUse } from "./loop-use.ts";
import { type Grant, OpenCall, type TransactionHooks } from "./open-call.ts";
import type { PreparedScript } from "./prepared-script.ts";

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

/** What the runtime gives a script; not for use outside of it. */
export interface ScriptParts {
  readonly name: string;
  readonly limits: ResourceLimits;
  readonly prepared: PreparedScript;
  readonly nowMs: () => number;
  readonly transaction: TransactionHooks | undefined;
  /** Whether an entity counts as the open call's own, beside the one that the call is about. */
  readonly owns: (entity: number) => boolean;
  readonly onTrace: ((script: string, text: string) => void) | undefined;
}

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
  readonly #parts: ScriptParts;
  readonly #call: OpenCall;
  readonly #locator: Locator;
  readonly #exports: ReadonlyMap<string, GuestExport>;
  readonly #imports: GuestImports;
  #instance: GuestInstance | undefined;
  #generation = 0;
  #disposed = false;
  #stale = true;
  #limits: ResourceLimits;
  #callGrant: Grant;
  #startGrant: Grant;

  /** Scripts come from `ScriptRuntime.load`. */
  constructor(parts: ScriptParts) {
    this.name = parts.name;
    this.#parts = parts;
    const { metered, sourceMap } = parts.prepared;
    this.#limits = parts.limits;
    this.#callGrant = callGrant(parts.limits);
    this.#startGrant = startGrant(parts.limits);
    this.#locator = new Locator(metered, sourceMap);
    this.#call = new OpenCall({
      grant: this.#callGrant,
      nowMs: parts.nowMs,
      transaction: parts.transaction,
      describeUse: () => this.#describeUse(),
    });
    this.#exports = GuestExport.of(metered.admitted.module);
    this.#imports = this.#buildImports();
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
      fuelUsed: this.#call.fuelUsed,
      elapsedMs: this.#call.elapsedMs(),
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
          throw this.#call.stop(new GuestStop("host-error", thrown.message));
        if (thrown instanceof SyntaxError) {
          throw this.#call.stop(
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
      fuelUsed: this.#call.fuelUsed,
      elapsedMs: this.#call.elapsedMs(),
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
    if (this.#call.isOpen) throw new Error(`${this.name}: restart from inside a call`);
    this.#instance = undefined;
    this.#stale = true;
    this.#generation++;
    const { metered, compiled, linked } = this.#parts.prepared;
    let created: GuestInstance;
    try {
      this.#imports.renew();
      created = new GuestInstance(metered, compiled, this.#imports.imports);
    } catch (thrown) {
      // Data or elements outside of their memory or table.
      const text = thrown instanceof Error ? thrown.message : "";
      return this.#faultOf("start", new GuestStop("trap", text), 0);
    }
    linked.functions.forEach((f, i) => {
      created.setPrice(i, "spec" in f ? f.spec.fuel : undefined);
    });
    this.#instance = created;
    this.#stale = false;
    if (!created.hasStart) return null;
    return this.#run("start", (instance) => instance.start(), this.#startGrant);
  }

  /**
   * What the loops of the last call did, what burnt most first. Empty unless the script was loaded
   * with `profileLoops`.
   */
  loops(): readonly LoopUse[] {
    return this.#instance?.loops?.uses(this.#locator, this.#call.fuelUsed) ?? [];
  }

  #describeUse(): string {
    const [most] = this.loops();
    return most === undefined ? "" : `; ${describeLoopUse(most)}`;
  }

  /** Lets go of the instance. Calls throw from here on. */
  dispose(): void {
    this.#disposed = true;
    this.#instance = undefined;
  }

  /** @internal Runs a prepared entry; null when it finished. */
  runEntry(entry: Entry, a: number, b: number, c: number): Fault | null {
    // A fresh instance takes a while to make, which is no part of the call.
    const startMs = this.#stale ? undefined : this.callsBeginMs;
    const instance = this.#ready();
    if (!(instance instanceof GuestInstance)) return instance;
    const call = this.#call;
    const run = entry.bind(instance, this.#generation);
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

  /** @internal */
  get lastFuel(): number {
    return this.#call.fuelUsed;
  }

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

  /** The instance, a fresh one where the last call was stopped; or the fault of its start. */
  #ready(): GuestInstance | Fault {
    this.#assertUsable();
    if (this.#stale) {
      const fault = this.restart();
      if (fault !== null) return fault;
    }
    return this.#instance as GuestInstance;
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
    if (!this.#call.isOpen) this.#stale = true;
    return this.#faultOf(entry, stop, this.#call.fuelUsed);
  }

  #faultOf(entry: string, stop: GuestStop, fuelUsed: number): Fault {
    return createFault(this.#locator, stop.thrown ?? stop, {
      kind: stop.kind,
      message: `${faultTexts[stop.kind]}: ${stop.message}`,
      script: this.name,
      entry,
      fuelUsed,
      elapsedMs: this.#call.elapsedMs(),
    });
  }

  #strings(instance: GuestInstance): GuestStrings {
    return instance.strings(this.#limits.payloadBytes);
  }

  #buildImports(): GuestImports {
    const { prepared, onTrace } = this.#parts;
    const lent: ContextScript = {
      script: this,
      owns: prepared.entities === "self" ? (entity) => this.#parts.owns(entity) : undefined,
      payloadBytes: () => this.#limits.payloadBytes,
      charge: (fuel) => this.#call.charge(fuel),
      readString: (pointer) => this.#strings(this.#instance as GuestInstance).read(pointer),
      newString: (text) => this.#call.within((instance) => this.#strings(instance).create(text)),
    };
    return guestImports({
      linked: prepared.linked,
      guard: this.#call,
      contextFor: (spec, name) => new GuestContext(lent, spec, prepared.redacted.has(name)),
      refill: (remaining) => this.#call.refill(remaining),
      onTrace: (text) => onTrace?.(this.name, text),
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
