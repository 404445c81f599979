import { localsPerFuel } from "../metering/bounds.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import {
  type Body,
  ExternKind,
  type FuncType,
  readLocalRuns,
  type WasmModule,
} from "../wasm/module.ts";
import { Op, ValType } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";

/** What came after WebAssembly 1.0 and may be used, by the proposals' names. */
export type Feature =
  | "bulk-memory"
  | "multi-value"
  | "mutable-globals"
  | "nontrapping-float-to-int"
  | "reference-types"
  | "sign-extension"
  | "simd"
  | "tail-call";

/** What a look at every instruction of a module found. */
export interface CodeSurvey {
  /** In alphabetical order. */
  readonly features: readonly Feature[];
  readonly instructions: number;
  readonly loops: number;
  /** Fuel that a call of a function costs at most; `Infinity` where nothing bounds it. */
  fuelAtMost(functionIndex: number): number;
}

/** Instructions that cost no fuel: they generate no code. */
const free: ReadonlySet<number> = new Set([
  Op.nop,
  Op.drop,
  Op.block,
  Op.loop,
  Op.unreachable,
  Op.return_,
  Op.else_,
  Op.end,
]);

/** Walks all bodies of a module that was admitted. */
export function surveyCode(module: WasmModule): CodeSurvey {
  const surveyor = new Surveyor(module);
  surveyor.run();
  return surveyor;
}

class Surveyor implements CodeSurvey {
  instructions = 0;
  loops = 0;
  readonly #module: WasmModule;
  readonly #features = new Set<Feature>();
  /** By defined function: what its own instructions cost, each run once; `Infinity` with a loop. */
  readonly #own: number[] = [];
  /** The functions that it calls directly, once for each call. */
  readonly #callees: number[][] = [];
  readonly #most = new Map<number, number>();

  constructor(module: WasmModule) {
    this.#module = module;
  }

  get features(): readonly Feature[] {
    return [...this.#features].sort();
  }

  run(): void {
    this.#declarations();
    const cursor = new InstructionCursor(this.#module.bytes);
    for (const body of this.#module.bodies) this.#body(cursor, body);
  }

  #declarations(): void {
    const { types, imports, exports, globals, tables, dataCount } = this.#module;
    if (types.some((t) => t.results.length > 1)) this.#features.add("multi-value");
    for (const { params, results } of types)
      for (const t of [...params, ...results]) this.#value(t);
    for (const { valType } of globals) this.#value(valType);
    if (tables.length > 1 || tables.some((t) => t.refType !== ValType.funcref)) {
      this.#features.add("reference-types");
    }
    const shared =
      imports.some((i) => i.kind === ExternKind.global && i.global.mutable) ||
      exports.some((e) => e.kind === ExternKind.global && globals[e.index]?.mutable === true);
    if (shared) this.#features.add("mutable-globals");
    if (dataCount !== undefined) this.#features.add("bulk-memory");
  }

  #value(valType: number): void {
    if (valType === ValType.v128) this.#features.add("simd");
    else if (valType < ValType.v128) this.#features.add("reference-types");
  }

  fuelAtMost(functionIndex: number): number {
    const { importedFunctionCount } = this.#module;
    // Depth first without recursion, for the depth is the module's to choose. A function that is met again
    // while it is being looked at calls itself.
    const pending = [functionIndex];
    const open = new Set<number>();
    for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
      const f = top - importedFunctionCount;
      if (f < 0 || this.#most.has(f)) {
        pending.pop();
        continue;
      }
      const callees = this.#callees[f] as number[];
      if (!open.has(f)) {
        open.add(f);
        for (const callee of new Set(callees)) {
          const c = callee - importedFunctionCount;
          if (c >= 0 && !this.#most.has(c)) {
            if (open.has(c)) this.#most.set(c, Infinity);
            else pending.push(callee);
          }
        }
        if (pending.at(-1) !== top) continue;
      }
      let sum = this.#own[f] as number;
      for (const callee of callees) {
        const c = callee - importedFunctionCount;
        if (c >= 0) sum += this.#most.get(c) ?? Infinity;
      }
      this.#most.set(f, Math.max(sum, this.#most.get(f) ?? 0));
      open.delete(f);
      pending.pop();
    }
    const f = functionIndex - importedFunctionCount;
    return f < 0 ? 0 : (this.#most.get(f) as number);
  }

  #body(cursor: InstructionCursor, body: Body): void {
    const callees: number[] = [];
    let fuel = Math.floor(body.localCount / localsPerFuel);
    const reader = new ByteReader(this.#module.bytes, body.start, body.codeStart);
    for (const [, valType] of readLocalRuns(reader)) this.#value(valType);
    cursor.seek(body.codeStart, body.end);
    while (!cursor.done) {
      cursor.next();
      this.instructions++;
      const { op } = cursor;
      if (!free.has(op)) fuel++;
      if (op === Op.loop) {
        this.loops++;
        fuel = Infinity;
      } else if (op === Op.call || op === Op.returnCall) callees.push(cursor.a);
      else if (op === Op.callIndirect || op === Op.returnCallIndirect) fuel = Infinity;
      else if (isPricedByLength(op)) fuel = Infinity;
      const feature = featureOf(op, cursor, this.#module.types);
      if (feature !== undefined) this.#features.add(feature);
    }
    this.#own.push(fuel);
    this.#callees.push(callees);
  }
}

function isPricedByLength(op: number): boolean {
  switch (op) {
    case Op.memoryGrow:
    case Op.memoryInit:
    case Op.memoryCopy:
    case Op.memoryFill:
    case Op.tableInit:
    case Op.tableCopy:
    case Op.tableGrow:
    case Op.tableFill:
      return true;
    default:
      return false;
  }
}

function featureOf(
  op: number,
  { a, b }: InstructionCursor,
  types: readonly FuncType[],
): Feature | undefined {
  if (op >= 0xfd0000) return "simd";
  if (op >= 0xfc0000) {
    const sub = op & 0xff;
    if (sub <= 7) return "nontrapping-float-to-int";
    return sub >= 0x0f ? "reference-types" : "bulk-memory";
  }
  if (op >= 0xc0 && op <= 0xc4) return "sign-extension";
  if (op >= Op.refNull || op === Op.tableGet || op === Op.tableSet || op === Op.selectTyped) {
    return "reference-types";
  }
  if (op === Op.returnCall || op === Op.returnCallIndirect) return "tail-call";
  if (op === Op.callIndirect && b > 0) return "reference-types";
  if (op >= Op.block && op <= Op.if_ && a >= 0) {
    const type = types[a];
    if (type !== undefined && (type.params.length > 0 || type.results.length > 1)) {
      return "multi-value";
    }
  }
  return undefined;
}
