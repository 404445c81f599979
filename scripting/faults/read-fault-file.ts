import { SnapshotReader, unpackBytes } from "../../engine/index.ts";
import type { SourceMapV3 } from "../compile/source.ts";
import { faultTexts } from "../fault.ts";
import type { HostFunctionSpec, ValueType } from "../runtime/host-function.ts";
import { isValueType } from "../runtime/host-function.ts";
import type { InstanceState } from "../runtime/snapshot.ts";
import { type FaultFile, faultFormat, faultVersion } from "./fault-file.ts";
import type { SavedStep } from "./host-log.ts";

/** A call of a host function as it was read. */
export interface ReadHostCall {
  /** Undefined for an import that there isn't. */
  readonly import: ReadImport | undefined;
  readonly args: readonly (number | bigint)[];
  readonly steps: readonly SavedStep[];
  readonly writes: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  readonly result: number | bigint | undefined;
  readonly refused: string | undefined;
  readonly failed: string | undefined;
}

export interface ReadImport {
  readonly module: string;
  readonly name: string;
  readonly spec: HostFunctionSpec;
}

interface Named {
  readonly module: string;
  readonly name: string;
}

/** A fault's file as it was read; the module, its source map and limits are for the runtime to judge. */
export interface ReadFaultFile {
  readonly script: string;
  readonly hook: string;
  readonly entity: number;
  readonly module: Uint8Array<ArrayBuffer>;
  readonly sourceMap: SourceMapV3 | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly guestText: boolean;
  readonly imports: readonly (ReadImport | undefined)[];
  readonly memories: readonly Named[];
  readonly tables: readonly Named[];
  readonly globals: readonly (Named & {
    readonly type: ValueType;
    readonly mutable: boolean;
    readonly value: number | bigint;
  })[];
  readonly memory: InstanceState;
  readonly start: readonly ReadHostCall[];
  readonly calls: readonly ReadHostCall[];
  readonly fault: Pick<FaultFile["fault"], "kind" | "message" | "fuelUsed" | "functionName"> & {
    readonly place: string | undefined;
  };
}

const wholeNumber = /^-?\d{1,20}n$/;
const i32Max = 0x7fff_ffff;
const maxFuel = 2 ** 53;

/** Reads a fault's file, which may come from anywhere. @throws SnapshotError that names what makes no sense. */
export function readFaultFile(file: unknown): ReadFaultFile {
  const reader = new SnapshotReader("the fault's file");
  const top = reader.top(file, faultFormat, faultVersion);
  const bytes = (where: string, value: unknown): Uint8Array<ArrayBuffer> => {
    const found = unpackBytes(value);
    if (found === undefined) reader.problem(`${where} is no base64`);
    return found ?? new Uint8Array(0);
  };
  const value = (where: string, given: unknown): number | bigint =>
    typeof given === "string" && wholeNumber.test(given)
      ? BigInt(given.slice(0, -1))
      : reader.number(where, given);
  const flag = (where: string, given: unknown): boolean =>
    given === undefined ? false : reader.flag(where, given);
  const named = (where: string, given: unknown) =>
    reader.list(where, given).map((item) => {
      const entry = reader.object(where, item);
      const module = reader.text(`${where}: module`, entry["module"]);
      return { module, name: reader.text(`${where}: name`, entry["name"]), entry };
    });
  const type = (where: string, given: unknown): ValueType => {
    if (typeof given === "string" && isValueType(given)) return given;
    reader.problem(`${where} is of no known type`);
    return "i32";
  };
  const types = (where: string, given: unknown) =>
    reader.list(where, given, 1000).map((item) => type(where, item));

  const readImport = (given: unknown, n: number): ReadImport | undefined => {
    if (given === null) return undefined;
    const where = `import ${n}`;
    const entry = reader.object(where, given);
    const { perCall, fuelPerByte } = entry;
    const spec: HostFunctionSpec = {
      params: types(`${where}: params`, entry["params"]),
      results: types(`${where}: results`, entry["results"]),
      fuel: reader.whole(`${where}: fuel`, entry["fuel"]),
      anyFloat: flag(`${where}: anyFloat`, entry["anyFloat"]),
      ...(perCall === undefined ? {} : { perCall: reader.whole(`${where}: perCall`, perCall) }),
      ...(fuelPerByte === undefined
        ? {}
        : { fuelPerByte: reader.number(`${where}: fuelPerByte`, fuelPerByte) }),
    };
    const module = reader.text(`${where}: module`, entry["module"]);
    return { module, name: reader.text(`${where}: name`, entry["name"]), spec };
  };
  const imports = reader.list("imports", top["imports"], 100_000).map(readImport);

  const readStep = (where: string, given: unknown): SavedStep => {
    const step = reader.object(where, given);
    switch (step["do"]) {
      case "charge": {
        const fuel = reader.number(`${where}: fuel`, step["fuel"]);
        if (!(fuel >= 0)) reader.problem(`${where}: its fuel is less than none`);
        return { do: "charge", fuel };
      }
      case "read-string":
        return { do: "read-string", pointer: reader.number(where, step["pointer"]) };
      case "new-string":
        return { do: "new-string", text: reader.text(where, step["text"]) };
      case "bytes": {
        const pointer = reader.number(where, step["pointer"]);
        return { do: "bytes", pointer, length: reader.number(where, step["length"]) };
      }
      default:
        reader.problem(`${where}: there is no such step`);
        return { do: "charge", fuel: 0 };
    }
  };
  const readCalls = (what: string): readonly ReadHostCall[] =>
    reader.list(what, top[what]).map((given, n): ReadHostCall => {
      const where = `${what} ${n + 1}`;
      const call = reader.object(where, given);
      const { result, refused, failed, steps = [], writes = [] } = call;
      return {
        import: imports[reader.whole(`${where}: import`, call["import"], 0, imports.length - 1)],
        args: reader.list(`${where}: args`, call["args"], 1000).map((arg) => value(where, arg)),
        steps: reader.list(`${where}: steps`, steps).map((step) => readStep(where, step)),
        writes: reader.list(`${where}: writes`, writes).map((write) => {
          const { at, bytes: written } = reader.object(where, write);
          return { at: reader.whole(`${where}: at`, at), bytes: bytes(where, written) };
        }),
        result: result === undefined ? undefined : value(`${where}: result`, result),
        refused: refused === undefined ? undefined : reader.text(`${where}: refused`, refused),
        failed: failed === undefined ? undefined : reader.text(`${where}: failed`, failed),
      };
    });

  const memory = reader.object("memory", top["memory"]);
  const fault = reader.object("fault", top["fault"]);
  const { kind, functionName, location } = fault;
  if (typeof kind !== "string" || !Object.hasOwn(faultTexts, kind)) {
    reader.problem("its fault is of no known kind");
  }
  const place = location === undefined ? undefined : reader.object("fault.location", location);
  const limits = reader
    .entries("limits", top["limits"])
    .map(([name, limit]) => [name, reader.number(`limit ${name.slice(0, 50)}`, limit)] as const);
  const read: ReadFaultFile = {
    script: reader.text("script", top["script"]),
    hook: reader.text("hook", top["hook"]),
    entity: reader.whole("entity", top["entity"], 0, i32Max),
    module: bytes("module", top["module"]),
    sourceMap: top["sourceMap"] as SourceMapV3 | undefined,
    limits: Object.fromEntries(limits),
    guestText: reader.flag("guestText", top["guestText"]),
    imports,
    memories: named("memories", top["memories"]),
    tables: named("tables", top["tables"]),
    globals: named("globals", top["globals"]).map(({ module, name, entry }) => ({
      module,
      name,
      type: type("a global", entry["type"]),
      mutable: reader.flag("a global's mutable", entry["mutable"]),
      value: value("a global's value", entry["value"]),
    })),
    memory: {
      pages: reader.whole("memory.pages", memory["pages"]),
      memory: bytes("memory", memory["bytes"]),
      globals: reader.list("memory.globals", memory["globals"]).map((g) => value("a global", g)),
    },
    start: readCalls("start"),
    calls: readCalls("calls"),
    fault: {
      kind: kind as FaultFile["fault"]["kind"],
      message: reader.text("fault.message", fault["message"]),
      fuelUsed: reader.whole("fault.fuelUsed", fault["fuelUsed"], 0, maxFuel),
      ...(functionName === undefined
        ? {}
        : { functionName: reader.text("fault.functionName", functionName) }),
      place:
        place &&
        `${reader.text("fault.location", place["file"])}:${reader.whole("fault.location", place["line"])}:${reader.whole("fault.location", place["column"])}`,
    },
  };
  reader.finish();
  return read;
}
