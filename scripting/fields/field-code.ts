import type { ColumnType } from "../../engine/index.ts";
import { type FieldKind, fieldColumnTypes } from "./field-kinds.ts";
import { scriptTypes } from "./guest-types.ts";

/** Where source maps place what is generated for fields: no author has such files. */
export const fieldCodeFolder = "~lib/fusewire/fields/";

/** Module under which scripts import what reads and writes their fields. */
export const fieldModule = "field";

/** Name of the host function that reads or writes the n-th field, from 0. */
export function fieldFunctionName(n: number, type: ColumnType, what: "get" | "set"): string {
  return `${n}.${type}.${what}`;
}

/** AssemblyScript's own types by kind. */
const guestTypes: Readonly<Record<Exclude<FieldKind, "timer">, string>> = {
  ...scriptTypes,
  bool: "bool",
  // A script may have no `Entity` imported, which is the same.
  entity: "i32",
};

/** Name of the variable in {@link fieldCode} that the n-th field of a module is to be set to. */
export function fieldVariable(n: number): string {
  return `field${n}__`;
}

/**
 * AssemblyScript for the n-th field of a module: a class without data, whose operators or methods call the host, and a
 * variable that holds the only one there is.
 */
export function fieldCode(n: number, kind: FieldKind): string {
  const type = kind === "timer" ? "f64" : guestTypes[kind];
  const [name, variable] = [`Field${n}__`, fieldVariable(n)];
  const [get, set] = [`field${n}_get__`, `field${n}_set__`];
  const external = (what: "get" | "set", signature: string): string =>
    `@external("${fieldModule}", "${fieldFunctionName(n, fieldColumnTypes[kind], what)}")\n` +
    `declare function ${signature};\n`;
  const members = kind === "timer" ? timerMembers(n, get, set) : columnMembers(type, get, set);
  return (
    external("get", `${get}(entity: i32): ${type}`) +
    external("set", `${set}(entity: i32, value: ${type}): void`) +
    (kind === "timer"
      ? `@external("time", "elapsed")\ndeclare function field${n}_elapsed__(): f64;\n`
      : "") +
    `@final @unmanaged class ${name} {\n${members}}\n` +
    `const ${variable}: ${name} = changetype<${name}>(0);\n`
  );
}

function columnMembers(type: string, get: string, set: string): string {
  return (
    `  @inline @operator("[]") get(entity: i32): ${type} { return ${get}(entity); }\n` +
    `  @inline @operator("[]=") set(entity: i32, value: ${type}): void { ${set}(entity, value); }\n`
  );
}

/** What a timer's methods do is said where authors see it, in the sdk's `Timer`. */
function timerMembers(n: number, get: string, set: string): string {
  const now = `field${n}_elapsed__()`;
  return `  @inline start(entity: i32, seconds: f64): void { ${set}(entity, max(${now} + seconds, f64.MIN_VALUE)); }
  @inline stop(entity: i32): void { ${set}(entity, 0); }
  @inline isRunning(entity: i32): bool { return ${get}(entity) > ${now}; }
  @inline left(entity: i32): f64 { return max(${get}(entity) - ${now}, 0); }
  ends(entity: i32): bool {
    const over = ${get}(entity);
    if (over == 0 || over > ${now}) return false;
    ${set}(entity, 0);
    return true;
  }
  every(entity: i32, seconds: f64): bool {
    const over = ${get}(entity);
    const now = ${now};
    if (over > now) return false;
    ${set}(entity, max(over == 0 || over + seconds <= now ? now + seconds : over + seconds, f64.MIN_VALUE));
    return over != 0;
  }
`;
}
