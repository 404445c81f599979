import assert from "node:assert/strict";
import { AdmissionError, admit, meter, verify } from "../../scripting/index.ts";
import { startExport } from "../../scripting/metering/protocol.ts";
import { ExternKind, type Import, type WasmModule } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { externref, f32, f64, funcref, i32, i64 } from "../wasm/assemble.ts";
import { endingOf, MeteredGuest, type Slicing } from "./metered-guest.ts";
import { randomNumbers } from "./random-modules.ts";

type Callable = (...args: readonly unknown[]) => unknown;

/** What a call did: its end, its results, and what it left behind. */
interface Outcome {
  readonly end: string;
  readonly values: readonly string[];
  readonly log: readonly string[];
  readonly state: readonly string[];
}

/** One instance, raw or metered, with its host functions. */
interface Session {
  readonly log: string[];
  exports: WebAssembly.Exports;
  /** Set behind the module's start, which a raw instance's exports aren't there for. */
  started: boolean;
}

const generous = 2 ** 50;
const price = 11;
const fullSlice: Slicing = () => 1 << 28;
const otherSlicings: readonly Slicing[] = [() => 0, (used) => (used * 31) % 1009];
/** Calls of each module whose budget is cut. */
const budgetedCalls = 2;
const comparedMemoryBytes = 65_536;

/** Counts of what a run over many modules came by, so that a test can say that it tested something. */
export interface Seen {
  modules: number;
  calls: number;
  finished: number;
  trapped: number;
  budgets: number;
  stops: number;
  fuel: number;
}

export function nothingSeen(): Seen {
  return { modules: 0, calls: 0, finished: 0, trapped: 0, budgets: 0, stops: 0, fuel: 0 };
}

/**
 * Calls everything that a module exports, raw and metered, and holds them against each other:
 * results, traps, host calls, memory and globals are the same, fuel doesn't depend on slices, and
 * a budget stops a call if and only if it is below the call's cost.
 * @throws AssertionError when they differ.
 */
export function checkDifferential(bytes: Uint8Array, seed: number, seen: Seen): void {
  const metered = meteredOrDenied(bytes, seed % 2 === 1);
  if (metered === undefined) return;
  seen.modules++;
  new Comparison(bytes, metered, seed, seen).run();
}

/** Binaryen now and then makes use of a feature that it wasn't told of. */
function meteredOrDenied(bytes: Uint8Array, keepsState: boolean): Uint8Array | undefined {
  try {
    const limits = { memoryBytes: Infinity, tableElements: Infinity };
    const options = { exportState: keepsState, exportTables: keepsState };
    const metered = meter(admit(bytes, { limits }), options).bytes;
    verify(metered);
    return metered;
  } catch (error) {
    if (error instanceof AdmissionError && error.code === "denied-feature") return undefined;
    throw error;
  }
}

class Comparison {
  private readonly module: WasmModule;
  private readonly raw: WebAssembly.Module;
  private readonly metered: WebAssembly.Module;
  private readonly names: readonly string[];
  private readonly args: readonly (readonly unknown[])[];

  constructor(
    bytes: Uint8Array,
    metered: Uint8Array,
    seed: number,
    private readonly seen: Seen,
  ) {
    this.module = parseModule(bytes);
    this.raw = new WebAssembly.Module(bytes as BufferSource);
    this.metered = new WebAssembly.Module(metered as BufferSource);
    const called = this.module.exports.filter((e) => e.kind === ExternKind.func);
    this.names = called.map((e) => e.name);
    const next = randomNumbers(seed);
    this.args = called.map((e) => {
      const type = this.module.types[this.module.functionTypes[e.index] as number];
      return (type?.params ?? []).map((valType) => argument(valType, next()));
    });
  }

  run(): void {
    const raw = this.instantiateRaw();
    const first = this.instantiateMetered(fullSlice);
    if (raw === undefined || first === undefined) {
      assert.equal(raw, first, "only one of the two could be instantiated");
      return;
    }
    const costs: number[] = [];
    const outcomes: Outcome[] = [];
    for (const i of this.names.keys()) {
      const expected = this.callRaw(raw, i);
      const [outcome, fuel] = this.callMetered(first, i, generous, fullSlice);
      assert.deepEqual(outcome, expected, `call ${i}, ${this.names[i]}`);
      outcomes.push(outcome);
      costs.push(fuel);
      this.seen.calls++;
      if (outcome.end === "finished") {
        this.seen.finished++;
        this.seen.fuel += fuel;
      } else this.seen.trapped++;
    }
    for (const slicing of otherSlicings) this.replay(outcomes, costs, slicing);
    const finished = [...costs.keys()].filter((i) => outcomes[i]?.end === "finished");
    finished.sort((a, b) => (costs[b] as number) - (costs[a] as number));
    for (const i of finished.slice(0, budgetedCalls)) {
      this.cutBudget(i, outcomes[i] as Outcome, costs[i] as number);
    }
  }

  private replay(outcomes: readonly Outcome[], costs: readonly number[], slicing: Slicing): void {
    const session = this.instantiateMetered(slicing);
    assert.ok(session);
    for (const [i, expected] of outcomes.entries()) {
      const [outcome, fuel] = this.callMetered(session, i, generous, slicing);
      assert.deepEqual(outcome, expected, `call ${i} in other slices`);
      if (outcome.end === "finished") assert.equal(fuel, costs[i], `fuel of call ${i}`);
    }
  }

  private cutBudget(last: number, expected: Outcome, cost: number): void {
    const parts = [0.3, 0.7].map((part) => Math.floor(cost * part));
    const budgets = new Set([0, 1, ...parts, cost - 1, cost, cost + 1].filter((b) => b >= 0));
    for (const [n, budget] of [...budgets].entries()) {
      const slicing = n % 2 === 0 ? fullSlice : (otherSlicings[1] as Slicing);
      const session = this.instantiateMetered(fullSlice);
      assert.ok(session);
      for (let i = 0; i < last; i++) this.pass(session, i);
      const [outcome] = this.callMetered(session, last, budget, slicing);
      this.seen.budgets++;
      if (budget >= cost) assert.deepEqual(outcome, expected, `budget ${budget} of ${cost}`);
      else assert.equal(outcome.end, "out-of-fuel", `budget ${budget} of ${cost}`);
      if (budget < cost) this.seen.stops++;
    }
  }

  private instantiateRaw(): Session | undefined {
    const session: Session = { log: [], exports: {}, started: false };
    try {
      session.exports = new WebAssembly.Instance(this.raw, this.imports(session)).exports;
      session.started = true;
      return session;
    } catch (thrown) {
      return this.refused(thrown);
    }
  }

  private instantiateMetered(slicing: Slicing): (Session & { guest: MeteredGuest }) | undefined {
    const session: Session = { log: [], exports: {}, started: false };
    try {
      const prices = Array<number>(this.module.importedFunctionCount).fill(price);
      const guest = new MeteredGuest(this.metered, this.imports(session), prices);
      session.exports = guest.exports;
      if (Object.hasOwn(guest.exports, startExport)) {
        const started = guest.call(startExport, [], generous, slicing);
        if (started.kind !== "finished") return undefined;
      }
      session.started = true;
      return Object.assign(session, { guest });
    } catch (thrown) {
      return this.refused(thrown);
    }
  }

  /** Segments out of bounds, or a start that traps. */
  private refused(thrown: unknown): undefined {
    if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof TypeError) return undefined;
    throw thrown;
  }

  private callRaw(session: Session, i: number): Outcome {
    session.log.length = 0;
    try {
      const result = (session.exports[this.names[i] as string] as Callable)(...this.argsOf(i));
      return this.outcome(session, "finished", valuesOf(result));
    } catch (thrown) {
      return this.outcome(session, endOf(thrown), []);
    }
  }

  private callMetered(
    session: Session & { guest: MeteredGuest },
    i: number,
    budget: number,
    slicing: Slicing,
  ): [Outcome, number] {
    session.log.length = 0;
    try {
      const ending = session.guest.call(this.names[i] as string, this.argsOf(i), budget, slicing);
      const values = ending.kind === "finished" ? ending.values.map(text) : [];
      const end = ending.kind === "trap" ? `trap: ${ending.message}` : ending.kind;
      return [this.outcome(session, end, values), ending.fuel];
    } catch (thrown) {
      return [this.outcome(session, endOf(thrown), []), 0];
    }
  }

  /** A call that was compared before. */
  private pass(session: Session & { guest: MeteredGuest }, i: number): void {
    session.log.length = 0;
    try {
      session.guest.call(this.names[i] as string, this.argsOf(i), generous, fullSlice);
    } catch (thrown) {
      endOf(thrown);
    }
  }

  private argsOf(i: number): readonly unknown[] {
    return this.args[i] ?? [];
  }

  private outcome(session: Session, end: string, values: readonly string[]): Outcome {
    const state: string[] = [];
    for (const e of this.module.exports) {
      const it = session.exports[e.name];
      if (it instanceof WebAssembly.Global) state.push(`${e.name}=${globalText(it)}`);
      else if (it instanceof WebAssembly.Table) state.push(`${e.name}: ${it.length} elements`);
      else if (it instanceof WebAssembly.Memory) state.push(memoryText(it));
    }
    return { end, values, log: [...session.log], state };
  }

  private imports(session: Session): WebAssembly.Imports {
    const imports: WebAssembly.Imports = {};
    for (const i of this.module.imports) {
      const module = imports[i.module] ?? {};
      imports[i.module] = module;
      module[i.name] = this.import(session, i);
    }
    return imports;
  }

  private import(session: Session, i: Import): WebAssembly.ImportValue {
    switch (i.kind) {
      case ExternKind.func:
        return (...args: readonly unknown[]) => this.host(session, i.name, i.typeIndex, args);
      case ExternKind.table:
        return new WebAssembly.Table({ element: "anyfunc", initial: i.table.min });
      case ExternKind.memory:
        return new WebAssembly.Memory({ initial: i.memory.min, maximum: i.memory.max ?? 65_536 });
      default: {
        const { valType, mutable } = i.global;
        const value = globalTypes.get(valType) as keyof WebAssembly.ValueTypeMap;
        const initial = argument(valType, 7) as never;
        return new WebAssembly.Global({ value, mutable }, initial);
      }
    }
  }

  /** The functions that Binaryen's generated modules import, as its own fuzzer's host has them. */
  private host(session: Session, name: string, type: number, args: readonly unknown[]): unknown {
    session.log.push(`${name}(${args.map(text).join()})`);
    const [first, second] = args;
    if (!session.started) return this.result(type);
    if (name.startsWith("call-export")) {
      const callee = this.names[Number(first) % this.names.length] as string;
      const given = this.argsOf(this.names.indexOf(callee));
      (session.exports[callee] as Callable)(...given);
    } else if (name.startsWith("call-ref") && typeof first === "function") (first as Callable)();
    else if (name === "sleep") return second;
    else if (name === "table-get" || name === "table-set") {
      const table = session.exports["table"] as WebAssembly.Table;
      const index = Number(first) % Math.max(1, table.length);
      if (name === "table-get") return table.get(index);
      if (index < table.length) table.set(index, second);
    }
    return this.result(type);
  }

  private result(type: number): unknown {
    const result = this.module.types[type]?.results[0];
    return result === undefined ? undefined : argument(result, 0);
  }
}

const globalTypes = new Map<number, string>([
  [i32, "i32"],
  [i64, "i64"],
  [f32, "f32"],
  [f64, "f64"],
  [funcref, "anyfunc"],
  [externref, "externref"],
]);

/** A value of a type, mostly small; undefined for what JavaScript can't make. */
function argument(valType: number, random: number): unknown {
  const value = random % 5 === 0 ? random | 0 : random % 100;
  switch (valType) {
    case i32:
      return value;
    case i64:
      return BigInt(value);
    case f32:
    case f64:
      return value / 4;
    case funcref:
    case externref:
      return null;
    default:
      return undefined;
  }
}

function valuesOf(result: unknown): string[] {
  if (result === undefined) return [];
  return Array.isArray(result) ? result.map(text) : [text(result)];
}

/** A value's text; of functions only that they are some, for the two modules have their own. */
function text(value: unknown): string {
  if (typeof value === "function") return "function";
  if (typeof value === "number" && Object.is(value, -0)) return "-0";
  return String(value);
}

function globalText(global: WebAssembly.Global): string {
  try {
    return text(global.value);
  } catch {
    return "v128";
  }
}

function memoryText(memory: WebAssembly.Memory): string {
  const { buffer } = memory;
  const compared = Math.min(buffer.byteLength, comparedMemoryBytes);
  return `memory: ${buffer.byteLength} bytes, hash ${hash(new Int32Array(buffer, 0, compared / 4))}`;
}

/** Not cryptographic: the memory is hashed behind every call of every run of a module. */
function hash(words: Int32Array): string {
  let state = 0;
  for (const word of words) {
    state = Math.imul(state ^ word, 0x9e3779b1);
    state ^= state >>> 15;
  }
  return (state >>> 0).toString(16);
}

/** A thrown error as an end that raw and metered runs share. */
function endOf(thrown: unknown): string {
  // v128 doesn't cross into JavaScript.
  if (thrown instanceof TypeError) return `TypeError: ${thrown.message}`;
  const ending = endingOf(thrown);
  return ending.kind === "trap" ? `trap: ${ending.message}` : ending.kind;
}
