import {
  body,
  code,
  exports,
  externref,
  f32,
  f64,
  flat,
  funcref,
  funcType,
  functions,
  i32,
  i64,
  imports,
  module,
  name,
  s32,
  types,
  v128,
} from "../wasm/assemble.ts";
import type { Constant, HostObjects, NumberType, RefType, Result, ValueType } from "./value.ts";

const typeBytes: Readonly<Record<ValueType, number>> = {
  i32,
  i64,
  f32,
  f64,
  v128,
  funcref,
  externref,
};

/** Instructions that push a number, with its bytes as the immediate, and that store one. */
const constOp: Readonly<Record<"f32" | "f64" | "v128", readonly number[]>> = {
  f32: [0x43],
  f64: [0x44],
  v128: [0xfd, 12],
};
const storeOp: Readonly<Record<NumberType, readonly number[]>> = {
  i32: [0x36, 2],
  i64: [0x37, 3],
  f32: [0x38, 2],
  f64: [0x39, 3],
  v128: [0xfd, 11, 4],
};
const byteWidths: Readonly<Record<NumberType, number>> = {
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
  v128: 16,
};
const op = {
  i32Const: 0x41,
  i64Const: 0x42,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  globalSet: 0x24,
  refNull: 0xd0,
} as const;

/** Room for one result in the memory that adapters share. */
const slotBytes = 16;
const outMemory = new WebAssembly.Memory({ initial: 1 });
const env = "env";

/** Calls something of a script's, from WebAssembly, so that every bit passes. */
export interface Adapter {
  readonly run: () => void;
  /** What the last run came by. */
  readonly results: () => Result[];
}

/**
 * A module of its own for one call: it pushes the arguments as constants, calls the imported
 * function and stores the results where JavaScript reads their bits. Vectors and the payloads of
 * NaNs don't cross into JavaScript.
 * @throws LinkError when the function isn't of these types.
 */
export function callAdapter(
  target: WebAssembly.ImportValue,
  args: readonly Constant[],
  results: readonly ValueType[],
  objects: HostObjects,
): Adapter {
  const build = new AdapterBuilder(results);
  const pushed = args.map((arg) => build.push(arg, objects));
  const type = funcType(
    args.map(typeByte),
    results.map((t) => typeBytes[t]),
  );
  return build.finish([name(env), name("target"), 0, 1], type, target, [pushed, op.call, 0]);
}

/** The same for the value of a global. */
export function globalAdapter(
  target: WebAssembly.ImportValue,
  type: ValueType,
  mutable: boolean,
): Adapter {
  const build = new AdapterBuilder([type]);
  const declared = [name(env), name("target"), 3, typeBytes[type], mutable ? 1 : 0];
  // Imported last, behind those that the builder has declared.
  const get = [op.globalGet, build.globalCount];
  return build.finish(declared, funcType([], []), target, get);
}

function typeByte(arg: Constant): number {
  return typeBytes[arg.kind === "extern" ? "externref" : arg.type];
}

function littleEndian(bits: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
}

/** Signed LEB128 of 64 bits. */
function s64(bits: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asIntN(64, bits);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) {
      return [...out, low];
    }
    out.push(low | 0x80);
  }
}

class AdapterBuilder {
  private readonly globals: WebAssembly.Global[] = [];
  private readonly declared: number[][] = [];
  /** Globals that reference results are stored into, by the result's index. */
  private readonly stored = new Map<number, number>();

  constructor(private readonly results: readonly ValueType[]) {
    for (const [i, type] of results.entries()) {
      if (type === "funcref" || type === "externref")
        this.stored.set(i, this.global(type, true, null));
    }
  }

  get globalCount(): number {
    return this.globals.length;
  }

  /** Code that pushes an argument. */
  push(arg: Constant, objects: HostObjects): number[] {
    if (arg.kind === "null") return [op.refNull, typeBytes[arg.type]];
    if (arg.kind === "extern") {
      return [op.globalGet, this.global("externref", false, objects.get(arg.id))];
    }
    const { type, bits } = arg;
    if (type === "i32") return [op.i32Const, ...s32(Number(BigInt.asIntN(32, bits)))];
    if (type === "i64") return [op.i64Const, ...s64(bits)];
    return [...constOp[type], ...littleEndian(bits, byteWidths[type])];
  }

  /** Imports the target as declared, runs `get`, and stores what that leaves. */
  finish(
    target: readonly (number | readonly number[])[],
    type: number[],
    value: WebAssembly.ImportValue,
    get: readonly (number | readonly (number | readonly number[])[])[],
  ): Adapter {
    const { results } = this;
    const stores = results.map((type, i) => {
      const at = this.stored.get(i);
      if (at !== undefined) return [op.localGet, i, op.globalSet, at];
      const address = [op.i32Const, ...s32(i * slotBytes)];
      return [...address, op.localGet, i, ...storeOp[type as NumberType], 0];
    });
    const sets = results.map((_, i) => [op.localSet, results.length - 1 - i]);
    const bytes = module(
      types(funcType([], []), type),
      imports([name(env), name("memory"), 2, 0, 1], ...this.declared, flat(...target)),
      functions(0),
      exports([name("run"), 0, target[2] === 0 ? 1 : 0]),
      code(
        body(
          flat(get as number[][], sets, stores),
          results.map((t) => [1, typeBytes[t]]),
        ),
      ),
    );
    const given: Record<string, WebAssembly.ImportValue> = { memory: outMemory, target: value };
    for (const [i, global] of this.globals.entries()) given[`global${i}`] = global;
    const compiled = new WebAssembly.Module(bytes as BufferSource);
    const instance = new WebAssembly.Instance(compiled, { [env]: given });
    return {
      run: instance.exports["run"] as () => void,
      results: () => results.map((type, i) => this.result(type, i)),
    };
  }

  private global(type: RefType, mutable: boolean, value: object | null): number {
    const index = this.globals.length;
    const descriptor = { value: type === "funcref" ? "anyfunc" : type, mutable } as const;
    this.globals.push(new WebAssembly.Global(descriptor, value as never));
    this.declared.push([
      ...name(env),
      ...name(`global${index}`),
      3,
      typeBytes[type],
      mutable ? 1 : 0,
    ]);
    return index;
  }

  private result(type: ValueType, i: number): Result {
    const at = this.stored.get(i);
    if (at !== undefined) return { kind: "reference", value: this.globals[at]?.value };
    const numberType = type as NumberType;
    const bytes = new Uint8Array(outMemory.buffer, i * slotBytes, byteWidths[numberType]);
    let bits = 0n;
    for (const [n, byte] of bytes.entries()) bits |= BigInt(byte) << BigInt(8 * n);
    return { kind: "bits", type: numberType, bits };
  }
}
