import { refuseValue } from "./columns.ts";

/** What a component's field of some f32 under one name holds; each of its parts is a column of its own. */
export type VectorType = "vec2" | "vec3" | "vec4";

interface Parts {
  readonly vec2: "x" | "y";
  readonly vec3: "x" | "y" | "z";
  readonly vec4: "x" | "y" | "z" | "w";
}

/** The parts of a vector type, by name. */
export type VectorPart<T extends VectorType = VectorType> = Parts[T];

/** How a vector is declared: its type alone, or with defaults of some parts (0 for the others) and a doc. */
export type VectorSpec =
  | VectorType
  | {
      readonly [T in VectorType]: {
        readonly type: T;
        readonly default?: { readonly [P in VectorPart<T>]?: number };
        readonly doc?: string;
      };
    }[VectorType];

const parts: Readonly<Record<VectorType, readonly VectorPart[]>> = {
  vec2: ["x", "y"],
  vec3: ["x", "y", "z"],
  vec4: ["x", "y", "z", "w"],
};

/** Every vector type, in a fixed order. */
export const vectorTypes: readonly VectorType[] = Object.freeze(Object.keys(parts) as VectorType[]);

/** Whether a declaration is a vector's. */
export function isVectorSpec(spec: unknown): spec is VectorSpec {
  const type: unknown =
    typeof spec === "object" && spec !== null && "type" in spec ? spec.type : spec;
  return typeof type === "string" && Object.hasOwn(parts, type);
}

/**
 * The columns of a vector: their names, `velocity.x`, and defaults.
 * @param where it is declared, for errors.
 * @throws TypeError for a default of a part that there isn't, RangeError for one that doesn't fit.
 */
export function vectorColumns(
  where: string,
  name: string,
  spec: VectorSpec,
): readonly { readonly name: string; readonly default: number }[] {
  const { type, default: defaults = {} } = typeof spec === "string" ? { type: spec } : spec;
  const known: readonly string[] = parts[type];
  if (typeof defaults !== "object") {
    throw new TypeError(`${where}: the default of a ${type} is given by part, like { x: 1 }`);
  }
  for (const [part, value] of Object.entries(defaults)) {
    if (!known.includes(part)) {
      throw new TypeError(`${where}: a ${type} has no part "${part}"; it has: ${known.join(", ")}`);
    }
    const problem = refuseValue("f32", value);
    if (problem !== undefined) throw new RangeError(`${where}.${part}: default ${problem}`);
  }
  const given = new Map(Object.entries(defaults));
  return known.map((part) => ({ name: `${name}.${part}`, default: given.get(part) ?? 0 }));
}

/** The vector that a field is a part of: `velocity` of `velocity.x`; undefined for a field that is none. */
export function vectorOf(field: string): string | undefined {
  const dot = field.indexOf(".");
  return dot < 0 ? undefined : field.slice(0, dot);
}
