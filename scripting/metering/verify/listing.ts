import { VerifyError } from "../../errors.ts";
import { InstructionCursor } from "../../wasm/instructions.ts";
import { type Body, readLocalRuns, type WasmModule } from "../../wasm/module.ts";
import { Op, ValType } from "../../wasm/op.ts";
import { ByteReader } from "../../wasm/reader.ts";

/** Parameters of a driver. */
export const driverParams = 6;
/** Locals that a function which stands in a driver may declare. */
const mostLocals = 256;
/** Constants of the types of those. */
const constants: ReadonlyMap<number, number> = new Map([
  [ValType.i32, Op.i32Const],
  [ValType.i64, Op.i64Const],
  [ValType.f32, Op.f32Const],
  [ValType.f64, Op.f64Const],
]);

export function refusal(functionIndex: number, offset: number): VerifyError {
  return new VerifyError(functionIndex, offset, "the driver does something else");
}

/** A function's instructions, one after the other. */
export class Listing {
  readonly #function: number;
  readonly #module: WasmModule;
  readonly #runs: readonly (readonly [count: number, valType: number])[];
  readonly #own: number;
  #isInlined = false;
  readonly #cursor: InstructionCursor;
  readonly #end: number;

  /** @param locals how many it may declare, all i32; none for a function without parameters. */
  constructor(module: WasmModule, index: number, locals: readonly number[]) {
    this.#function = index;
    const { start, codeStart, end } = module.bodies[index - module.importedFunctionCount] as Body;
    this.#cursor = new InstructionCursor(module.bytes);
    this.#end = end;
    this.#cursor.seek(codeStart, end);
    const type = module.types[module.functionTypes[index] as number];
    this.#module = module;
    this.#runs = readLocalRuns(new ByteReader(module.bytes, start, end));
    const wanted = locals.length > 0 ? driverParams : 0;
    const [count, valType] = this.#runs[0] ?? [0, ValType.i32];
    if (!(locals.length > 0 ? locals : [0]).includes(count) || valType !== ValType.i32) this.fail();
    if (type?.params.length !== wanted) this.fail();
    this.#own = count;
    this.#next();
  }

  fail(): never {
    throw refusal(this.#function, this.#cursor.start);
  }

  /** Where the next instruction stands. */
  get position(): number {
    return this.#cursor.start;
  }

  set position(offset: number) {
    this.#cursor.seek(offset, this.#end);
    this.#next();
  }

  /** Whether the next instruction is this one. */
  is(op: number, immediate?: number): boolean {
    const { op: found, a } = this.#cursor;
    return found === op && (immediate === undefined || a === immediate);
  }

  op(op: number, immediate?: number): this {
    if (!this.is(op, immediate)) this.fail();
    this.#next();
    return this;
  }

  get(local: number): this {
    return this.op(Op.localGet, local);
  }

  /** Takes the next instruction and returns its immediate. */
  take(op: number): number {
    if (!this.is(op)) this.fail();
    const { a } = this.#cursor;
    this.#next();
    return a;
  }

  /**
   * Locals behind the parameters that are its own; all others are those of a function that stands in it: one by one its
   * parameters, and what it declares.
   */
  ownLocals(
    given: readonly number[],
    declared: readonly (readonly [count: number, valType: number])[],
  ): number {
    this.#isInlined = true;
    const total = declared.reduce((sum, [count]) => sum + count, 0);
    if (total > mostLocals) this.fail();
    const wanted = [
      ...given,
      ...declared.flatMap(([count, type]) => Array.from({ length: count }, () => type)),
    ];
    const others = this.#runs.slice(1);
    const same = others.every(([count, type], n) => count === 1 && type === wanted[n]);
    if (others.length !== wanted.length || !same) this.fail();
    return this.#own;
  }

  /** The next instruction is a constant of a type that is 0. */
  zero(valType: number): this {
    const { start, end, op } = this.#cursor;
    if (op !== constants.get(valType)) this.fail();
    for (let at = start + 1; at < end; at++) if (this.#module.bytes[at] !== 0) this.fail();
    this.#next();
    return this;
  }

  /** The next instruction has the same bytes as the one at `[start, end)`. */
  same(start: number, end: number): void {
    const { start: at, end: behind } = this.#cursor;
    const { bytes } = this.#module;
    if (behind - at !== end - start) this.fail();
    for (let n = 0; n < end - start; n++) if (bytes[at + n] !== bytes[start + n]) this.fail();
    this.#next();
  }

  finish(): void {
    if (!this.is(Op.end) || !this.#cursor.done) this.fail();
    if (this.#runs.length > 1 && !this.#isInlined) this.fail();
  }

  #next(): void {
    if (this.#cursor.done) this.fail();
    this.#cursor.next();
  }
}
