import { float32, float64, floatBits, integerBits } from "./number.ts";
import type { List, SExpr } from "./sexpr.ts";

export type NumberType = "i32" | "i64" | "f32" | "f64" | "v128";
export type RefType = "funcref" | "externref";
export type ValueType = NumberType | RefType;

/** An argument: bits, a null, or the host's own object with a number. */
export type Constant =
  | { readonly kind: "bits"; readonly type: NumberType; readonly bits: bigint }
  | { readonly kind: "null"; readonly type: RefType }
  | { readonly kind: "extern"; readonly id: number };

/** What one lane may be; a plain number is one lane. */
export type Lane =
  | { readonly kind: "exactly"; readonly bits: bigint }
  | { readonly kind: "nan:canonical" | "nan:arithmetic" };

/** What a result has to be. */
export type Expected =
  | {
      readonly kind: "lanes";
      readonly type: NumberType;
      readonly laneBits: number;
      readonly lanes: readonly Lane[];
    }
  /** Of any type when it says none. */
  | { readonly kind: "null"; readonly type: RefType | undefined }
  /** The host's object, or any when it has no number. */
  | { readonly kind: "extern"; readonly id: number | undefined }
  | { readonly kind: "function" }
  | { readonly kind: "either"; readonly of: readonly Expected[] };

/** A value that a script has come by: bits of a number, or a reference as JavaScript has it. */
export type Result =
  | { readonly kind: "bits"; readonly type: NumberType; readonly bits: bigint }
  | { readonly kind: "reference"; readonly value: unknown };

/** A constant or pattern of a proposal's that the runner has no values for. */
export class InexpressibleError extends Error {
  override readonly name = "InexpressibleError";
}

/** The host's object of a number, the same one each time. */
export class HostObjects {
  readonly #objects = new Map<number, object>();

  get(id: number): object {
    let object = this.#objects.get(id);
    if (object === undefined) {
      object = { id };
      this.#objects.set(id, object);
    }
    return object;
  }
}

const widths = { i32: 32, i64: 64, f32: 32, f64: 64 } as const;
/** Lanes of `v128.const`, by their shape. */
const shapes: Readonly<Record<string, { readonly count: number; readonly bits: number }>> = {
  i8x16: { count: 16, bits: 8 },
  i16x8: { count: 8, bits: 16 },
  i32x4: { count: 4, bits: 32 },
  i64x2: { count: 2, bits: 64 },
  f32x4: { count: 4, bits: 32 },
  f64x2: { count: 2, bits: 64 },
};
const nullTypes: Readonly<Record<string, RefType>> = { func: "funcref", extern: "externref" };

function atoms(list: List): string[] {
  return list.items.map((item) => (item.kind === "atom" ? item.text : ""));
}

export function parseConstant(item: SExpr): Constant {
  const expected = item.kind === "list" ? parseExpected(item) : undefined;
  if (expected?.kind === "lanes") {
    let bits = 0n;
    for (const [i, lane] of expected.lanes.entries()) {
      if (lane.kind !== "exactly") throw new InexpressibleError(`${lane.kind} as an argument`);
      bits |= lane.bits << BigInt(i * expected.laneBits);
    }
    return { kind: "bits", type: expected.type, bits };
  }
  if (expected?.kind === "null" && expected.type !== undefined) {
    return { kind: "null", type: expected.type };
  }
  if (expected?.kind === "extern" && expected.id !== undefined) {
    return { kind: "extern", id: expected.id };
  }
  throw new InexpressibleError("an argument that only other proposals have");
}

export function parseExpected(item: SExpr): Expected {
  if (item.kind !== "list") throw new InexpressibleError("a result that is no list");
  const [head = "", first, ...rest] = atoms(item);
  switch (head) {
    case "i32.const":
    case "i64.const":
    case "f32.const":
    case "f64.const": {
      const type = head.slice(0, 3) as keyof typeof widths;
      const laneBits = widths[type];
      return { kind: "lanes", type, laneBits, lanes: [lane(first ?? "", type[0], laneBits)] };
    }
    case "v128.const": {
      const shape = shapes[first ?? ""];
      if (shape === undefined || rest.length !== shape.count) break;
      const lanes = rest.map((text) => lane(text, first?.[0], shape.bits));
      return { kind: "lanes", type: "v128", laneBits: shape.bits, lanes };
    }
    case "ref.null":
      if (first !== undefined && nullTypes[first] === undefined) break;
      return { kind: "null", type: first === undefined ? undefined : nullTypes[first] };
    case "ref.extern":
      return { kind: "extern", id: first === undefined ? undefined : Number(first) };
    case "ref.func":
      return { kind: "function" };
    case "either":
      return { kind: "either", of: item.items.slice(1).map(parseExpected) };
  }
  throw new InexpressibleError("a value that only other proposals have");
}

function lane(text: string, kind: string | undefined, bits: number): Lane {
  if (text === "nan:canonical" || text === "nan:arithmetic") return { kind: text };
  if (kind === "i") return { kind: "exactly", bits: integerBits(text, bits) };
  return { kind: "exactly", bits: floatBits(text, bits === 32 ? float32 : float64) };
}

/** Type that a result must have been asked for as; undefined where the pattern leaves it open. */
export function typeOf(expected: Expected): ValueType | undefined {
  switch (expected.kind) {
    case "lanes":
    case "null":
      return expected.type;
    case "extern":
      return "externref";
    case "function":
      return "funcref";
    case "either":
      return expected.of[0] === undefined ? undefined : typeOf(expected.of[0]);
  }
}

export function matches(expected: Expected, result: Result, objects: HostObjects): boolean {
  if (expected.kind === "either") return expected.of.some((e) => matches(e, result, objects));
  if (expected.kind === "lanes") {
    if (result.kind !== "bits" || result.type !== expected.type) return false;
    const { laneBits, lanes } = expected;
    return lanes.every((lane, i) => {
      const bits = BigInt.asUintN(laneBits, result.bits >> BigInt(i * laneBits));
      return lane.kind === "exactly" ? bits === lane.bits : isNan(bits, laneBits, lane.kind);
    });
  }
  if (result.kind !== "reference") return false;
  const { value } = result;
  if (expected.kind === "null") return value === null;
  if (expected.kind === "function") return typeof value === "function";
  return expected.id === undefined ? value !== null : value === objects.get(expected.id);
}

/** Canonical: a significand of its highest bit alone. Arithmetic: the highest bit and any others. */
function isNan(bits: bigint, width: number, kind: "nan:canonical" | "nan:arithmetic"): boolean {
  const canonical = floatBits("nan", width === 32 ? float32 : float64);
  const magnitude = BigInt.asUintN(width - 1, bits);
  return kind === "nan:canonical" ? magnitude === canonical : (magnitude & canonical) === canonical;
}

/** A result as a report prints it. */
export function resultText(result: Result): string {
  if (result.kind === "bits") return `${result.type} 0x${result.bits.toString(16)}`;
  const { value } = result;
  return value === null ? "null" : typeof value;
}
