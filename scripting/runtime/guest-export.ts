import { describeFuncType, ExternKind, type FuncType, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import type { ReturnKind } from "./call-result.ts";
import { arrayTypeOf, isArrayTypeName } from "./guest-arrays.ts";

/** A value that can be passed to an export and returned from one. */
export type CallValue = number | bigint;

/** A function that a module exports, as its host sees it. */
export class GuestExport {
  readonly name: string;
  readonly type: FuncType;

  private constructor(name: string, type: FuncType) {
    this.name = name;
    this.type = type;
  }

  /** A module's exported functions by name. */
  static of(module: WasmModule): Map<string, GuestExport> {
    const exports = new Map<string, GuestExport>();
    for (const e of module.exports) {
      if (e.kind !== ExternKind.func) continue;
      const type = module.types[module.functionTypes[e.index] as number] as FuncType;
      exports.set(e.name, new GuestExport(e.name, type));
    }
    return exports;
  }

  get arity(): number {
    return this.type.params.length;
  }

  /** `(i32, f32) -> i32`. */
  get signature(): string {
    return describeFuncType(this.type);
  }

  /** Whether a prepared call fits: up to three numbers in. */
  get takesNumbers(): boolean {
    const { params } = this.type;
    return params.length <= 3 && params.every((t) => t >= ValType.f64 && t !== ValType.i64);
  }

  /**
   * Checks the arguments and the result of a typed call: a pointer passes as i32.
   * @throws TypeError that says which doesn't fit.
   */
  checkValues(script: string, args: readonly unknown[], returns: ReturnKind): void {
    const where = `${script}.${this.name}${this.signature}`;
    const pointers = args.map((arg) => typeof arg === "string" || arrayTypeOf(arg) !== undefined);
    for (const [i, isPointer] of pointers.entries()) {
      if (!isPointer || i >= this.arity || this.type.params[i] === ValType.i32) continue;
      throw new TypeError(`${where}: argument ${i + 1} is no string or array in the guest`);
    }
    this.checkArguments(
      script,
      args.map((arg, i) => (pointers[i] ? 0 : arg)),
    );
    const { results } = this.type;
    if (returns === "number") {
      if (results.length <= 1) return;
      throw new TypeError(`${where} returns several values; call() takes those`);
    }
    if (returns !== "string" && !isArrayTypeName(returns)) {
      throw new TypeError(`${where}: "${String(returns)}" is nothing that a typed call returns`);
    }
    if (results.length === 1 && results[0] === ValType.i32) return;
    throw new TypeError(`${where} returns no ${returns}`);
  }

  /** @throws TypeError that says which argument doesn't fit, or that a result can't cross to the host. */
  checkArguments(script: string, args: readonly unknown[]): void {
    const { params, results } = this.type;
    const where = `${script}.${this.name}${this.signature}`;
    // A function of the guest's, once outside, runs outside of any call.
    const unfit = results.findIndex((type) => type < ValType.f64);
    if (unfit >= 0)
      throw new TypeError(`${where} can't be called from the host: result ${unfit + 1}`);
    if (args.length !== params.length) {
      throw new TypeError(`${where} takes ${params.length} arguments, not ${args.length}`);
    }
    for (const [i, type] of params.entries()) {
      if (type < ValType.f64) {
        throw new TypeError(`${where} can't be called from the host: argument ${i + 1}`);
      }
      const wanted = type === ValType.i64 ? "bigint" : "number";
      if (typeof args[i] !== wanted) {
        throw new TypeError(
          `${where}: argument ${i + 1} must be a ${wanted}, not ${typeof args[i]}`,
        );
      }
    }
  }
}
