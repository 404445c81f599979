import { describe, expect, it } from "vitest";
import type { ColumnType } from "../../engine/index.ts";
import { admit } from "../../scripting/admission/admit.ts";
import { meter } from "../../scripting/metering/meter.ts";
import {
  driveExport,
  drivenExport,
  meterModule,
  refillName,
  rowExport,
  stopExport,
} from "../../scripting/metering/protocol.ts";
import { verify } from "../../scripting/metering/verify/verify.ts";
import { ExternKind } from "../../scripting/wasm/module.ts";
import { type ImportUse, lower } from "../../scripting/windows/lower.ts";
import type { LoweredModule } from "../../scripting/windows/module-lowering.ts";
import { compiled } from "../compiled.ts";

const types: Record<string, ColumnType> = {
  "Position.x": "f32",
  "Position.y": "f32",
  "Body.mass": "f64",
  "Body.kind": "u8",
  "Body.charge": "i16",
  "Body.target": "entity",
};

const valTypes: Record<ColumnType, string> = {
  f32: "f32",
  f64: "f64",
  i8: "i32",
  u8: "i32",
  i16: "i32",
  u16: "i32",
  i32: "i32",
  u32: "u32",
  entity: "i32",
};

const declarations = Object.entries(types)
  .map(([field, type]) => {
    const name = field.replace(".", "_");
    const v = valTypes[type];
    return `@external("component", "${field}.get") declare function get_${name}(e: i32): ${v};
@external("component", "${field}.set") declare function set_${name}(e: i32, v: ${v}): void;`;
  })
  .concat('@external("time", "delta") declare function delta(): f32;')
  .join("\n");

function useOf(module: { name: string }): ImportUse {
  const match = /^(.*)\.(get|set)$/.exec(module.name);
  const type = types[match?.[1] ?? ""];
  if (match === null || type === undefined) return {};
  return { column: { kind: match[2] as "get" | "set", field: match[1] as string, type } };
}

interface Driven {
  readonly lowered: LoweredModule;
  readonly calls: string[];
  readonly drive: (from: number, to: number, slice?: number, look?: number) => number;
  /** The driver of the n-th export. */
  readonly drives: readonly Driven["drive"][];
  readonly row: () => number;
  readonly driven: () => number;
  readonly exports: WebAssembly.Exports;
  /** One column of the window, by a typed array's constructor. */
  column<A>(
    field: string,
    array: new (buffer: ArrayBuffer, offset: number, length: number) => A,
  ): A;
  readonly handles: Int32Array;
}

async function driven(source: string, names = ["onUpdate"]): Promise<Driven> {
  const bytes = await compiled("script.ts", `${declarations}\n${source}`);
  const admitted = admit(bytes);
  const functions = admitted.module.imports.filter((i) => i.kind === ExternKind.func);
  const lowered = lower(
    admitted,
    names.map((name) => ({ name })),
    (i) =>
      functions[i]?.name === "delta"
        ? { constant: { type: "f32", value: () => 0.5 } }
        : useOf(functions[i] as { name: string }),
  );
  if (lowered === undefined) throw new Error("it wasn't lowered");
  const metered = meter(lowered.admitted, { driver: lowered.driver });
  verify(metered.bytes);
  const calls: string[] = [];
  const component: Record<string, unknown> = {};
  for (const f of functions) {
    component[f.name] = (...args: number[]) => {
      calls.push(`${f.name} ${args.join(" ")}`);
      return 1000;
    };
  }
  const { instance } = await WebAssembly.instantiate(metered.bytes as BufferSource, {
    [meterModule]: {
      [refillName]: () => {
        throw new Error("refill");
      },
    },
    component: component as WebAssembly.ModuleImports,
    time: {
      delta: () => {
        calls.push("delta");
        return 0.25;
      },
    },
    env: { abort: () => {} },
  });
  const { exports } = instance;
  const { layout } = lowered;
  const memory = (exports["fusewire:memory"] as WebAssembly.Memory).buffer;
  const drives = lowered.driven.map((_, n) => {
    const drive = exports[driveExport(n)] as (...args: number[]) => number;
    return (from: number, to: number, slice = 1000, look = 1_000_000) =>
      drive(layout.address, from, to, slice, 100, look);
  });
  return {
    lowered,
    calls,
    exports,
    drive: drives[0] as Driven["drive"],
    drives,
    row: exports[rowExport] as () => number,
    driven: exports[drivenExport] as () => number,
    handles: new Int32Array(memory, layout.address, layout.rows),
    column: (field, array) => {
      const column = layout.columns.find((c) => c.field === field);
      if (column === undefined) throw new Error(`no column ${field}`);
      return new array(memory, layout.address + column.offset, layout.rows);
    },
  };
}

describe("a lowered script", () => {
  it("reads and writes its own entity's columns in memory, row after row, without a call", async () => {
    const {
      drive,
      calls,
      column,
      handles,
      driven: used,
      lowered,
    } = await driven(`
      export function onUpdate(self: i32): void {
        set_Position_x(self, get_Position_x(self) + get_Position_y(self) * 2);
      }`);
    const x = column("Position.x", Float32Array);
    const y = column("Position.y", Float32Array);
    for (let r = 0; r < 8; r++) {
      handles[r] = 100 + r;
      x[r] = r;
      y[r] = 10;
    }
    expect(drive(1, 5)).toBe(5);
    expect([...x.subarray(0, 8)]).toEqual([0, 21, 22, 23, 24, 5, 6, 7]);
    expect(calls).toEqual([]);
    expect(used() % 4).toBe(0);
    expect(used()).toBeGreaterThan(4 * 10);
    const written = lowered.layout.columns.map((c) => [c.field, c.written]);
    expect(written).toEqual([
      ["Position.x", true],
      ["Position.y", false],
    ]);
  });

  it("asks the host about any other entity, and from functions that aren't driven", async () => {
    const { drive, calls, column, handles, exports } = await driven(`
      function half(e: i32): f32 { return get_Position_x(e) / 2; }
      export function onUpdate(self: i32): void {
        set_Position_y(self, half(self) + half(self + 1) + get_Position_x(7));
        set_Position_y(9, 3);
      }
      export function peek(e: i32): f32 { return half(e); }`);
    column("Position.x", Float32Array)[0] = 4;
    handles[0] = 5;
    expect(drive(0, 1)).toBe(1);
    expect(column("Position.y", Float32Array)[0]).toBe(2 + 500 + 1000);
    expect(calls).toEqual(["Position.x.get 6", "Position.x.get 7", "Position.y.set 9 3"]);
    const begin = exports["fusewire:begin"] as (fuel: number, depth: number) => void;
    begin(1000, 100);
    // Nobody is anybody's own between two drives.
    expect((exports["peek"] as (e: number) => number)(5)).toBe(500);
    begin(1000, 100);
    expect(() => (exports["peek"] as (e: number) => number)(-256)).toThrow(/out of bounds/);
  });

  it("reads what is the same for a whole frame in memory, in functions that it calls, too", async () => {
    const { drive, calls, column, exports, handles, lowered } = await driven(`
      function once(n: i32): f32 { return delta(); }
      function often(n: i32): f32 { return delta() * <f32>n; }
      let wait = once;
      export function waited(n: i32): f32 { wait = often; return wait(n); }
      export function onUpdate(self: i32): void { set_Position_x(self, wait(self) + delta()); }`);
    const [{ offset = 0 } = {}] = lowered.layout.constants;
    const memory = (exports["fusewire:memory"] as WebAssembly.Memory).buffer;
    new Float32Array(memory, lowered.layout.address + offset, 1)[0] = 0.5;
    handles.set([3, 5]);
    expect(drive(0, 2)).toBe(2);
    expect([...column("Position.x", Float32Array).subarray(0, 3)]).toEqual([1, 1, 0]);
    expect(calls).toEqual([]);
    // Between two drives nobody says that what is there is of this frame.
    (exports["fusewire:begin"] as (fuel: number, depth: number) => void)(1000, 100);
    expect((exports["waited"] as (n: number) => number)(2)).toBe(0.5);
    expect(calls).toEqual(["delta"]);
  });

  it("asks the host for what its columns can't hold, and never goes on behind that", async () => {
    const { drive, calls, column, handles } = await driven(`
      export function onUpdate(self: i32): void {
        set_Position_x(self, get_Position_x(self) / get_Position_y(self));
        set_Body_kind(self, get_Body_kind(self) + 1);
        set_Body_charge(self, get_Body_charge(self) - 1);
        set_Body_mass(self, get_Body_mass(self) * 1e300);
        set_Body_target(self, 3);
      }`);
    const x = column("Position.x", Float32Array);
    const y = column("Position.y", Float32Array);
    const kind = column("Body.kind", Uint8Array);
    const charge = column("Body.charge", Int16Array);
    const mass = column("Body.mass", Float64Array);
    handles.set([1, 2, 3, 4, 5, 6]);
    x.set([1, 1, -1, 3, 3, 3]);
    y.set([2, 0, 0, 1, 1, 1]);
    kind.set([254, 1, 1, 255, 2, 2]);
    charge.set([-32767, 1, 1, 1, -32768, 2]);
    mass.set([1, 1, 1, 1, 1, 1e300]);
    expect(drive(0, 1)).toBe(1);
    // Whatever the host answers.
    for (let row = 1; row < 6; row++) expect(() => drive(row, 6)).toThrow("unreachable");
    expect([...x.subarray(0, 6)]).toEqual([0.5, 1, -1, 3, 3, 3]);
    expect([...kind.subarray(0, 6)]).toEqual([255, 1, 1, 255, 3, 3]);
    expect([...charge.subarray(0, 6)]).toEqual([-32768, 1, 1, 1, -32768, 1]);
    expect([...mass.subarray(0, 6)]).toEqual([1e300, 1, 1, 1, 1, 1e300]);
    expect(calls).toEqual([
      "Body.target.set 1 3",
      "Position.x.set 2 Infinity",
      "Position.x.set 3 -Infinity",
      "Body.kind.set 4 256",
      "Body.charge.set 5 -32769",
      "Body.mass.set 6 Infinity",
    ]);
  });

  it("forgets behind a row that memory didn't grow for it", async () => {
    const { drive, column, handles, exports } = await driven(`
      export function onUpdate(self: i32): void {
        if (get_Position_x(self) > 0) memory.grow(60000);
        else unreachable();
      }`);
    const stop = exports[stopExport] as WebAssembly.Global;
    const slice = 1e9;
    handles.set([1, 2]);
    column("Position.x", Float32Array).set([1, 0]);
    expect(drive(0, 1, slice)).toBe(1);
    expect(stop.value).toBe(2);
    expect(() => drive(0, 2, slice, -1)).toThrow("unreachable");
    expect(stop.value).toBe(0);
  });

  it("keeps whose row it is when the function writes its parameter", async () => {
    const { drive, calls, column, handles } = await driven(`
      export function onUpdate(self: i32): void {
        while (self > 3) { set_Position_x(self, get_Position_x(self) + 1); self--; }
      }`);
    handles.set([5, 4]);
    expect(drive(0, 2)).toBe(2);
    expect([...column("Position.x", Float32Array).subarray(0, 2)]).toEqual([1, 1]);
    expect(calls).toEqual(["Position.x.get 4", "Position.x.set 4 1001"]);
  });

  it("comes back once rows have used as much fuel as they were to, and goes on", async () => {
    const {
      drive,
      column,
      handles,
      driven: used,
    } = await driven(`
      export function onUpdate(self: i32): void {
        for (let i = 0; i < self; i++) set_Position_x(self, get_Position_x(self) + 1);
      }`);
    const x = column("Position.x", Float32Array);
    handles.set([3, 3, 3, 3]);
    expect(drive(0, 4, 1000, 1)).toBe(1);
    const each = used();
    expect(drive(1, 4, 1000, each + 1)).toBe(3);
    expect(used()).toBe(2 * each);
    expect(drive(3, 4)).toBe(4);
    expect([...x.subarray(0, 5)]).toEqual([3, 3, 3, 3, 0]);
  });

  it("is driven though it accesses nothing, and left alone when there is nothing to be driven", async () => {
    const { drive, row, handles, lowered } = await driven(`
      let last = 0;
      export function onUpdate(self: i32): void { last = self; if (self == 9) unreachable(); }`);
    handles.set([7, 8, 9]);
    expect(drive(0, 2)).toBe(2);
    expect(() => drive(2, 3)).toThrow("unreachable");
    expect(row()).toBe(2);
    expect(lowered.layout.rows).toBeGreaterThan(4000);
    await expect(
      driven("export function other(self: i32): void { set_Position_x(self, 1); }"),
    ).rejects.toThrow("it wasn't lowered");
  });

  it("is driven by each of several exports, over the same columns", async () => {
    const { drives, calls, column, handles, lowered, row } = await driven(
      `
      // @ts-ignore: decorator
      @noInline function both(e: i32): f32 { return get_Position_x(e) + get_Position_y(e); }
      export function third(): void { set_Position_x(9, 1); }
      export function first(self: i32): void { set_Position_x(self, get_Position_x(self) + 1); }
      export function second(self: i32): void { set_Position_y(self, both(self)); }
      export function other(self: i32, more: i32): void { set_Position_y(self, 1); }`,
      ["first", "missing", "second", "third", "other"],
    );
    expect(lowered.driven).toEqual(["first", "second", "third"]);
    const [first, second, third] = drives;
    handles.set([5, 6, 7]);
    const y = column("Position.y", Float32Array);
    y.set([10, 20, 30]);
    expect(first?.(0, 2)).toBe(2);
    expect(second?.(1, 3)).toBe(3);
    expect([...column("Position.x", Float32Array).subarray(0, 3)]).toEqual([1, 1, 0]);
    expect([...y.subarray(0, 3)]).toEqual([10, 21, 30]);
    expect(calls).toEqual([]);
    expect(third?.(0, 2)).toBe(2);
    expect(calls).toEqual(["Position.x.set 9 1", "Position.x.set 9 1"]);
    expect(row()).toBe(1);
  });

  it("is driven where two exports are one function", async () => {
    const { drives, column, handles, lowered } = await driven(
      `export function first(self: i32): void { set_Position_x(self, get_Position_x(self) + 1); }
      export { first as second };`,
      ["first", "second"],
    );
    handles.set([5, 6]);
    for (const drive of drives) drive(0, 2);
    expect([...column("Position.x", Float32Array).subarray(0, 2)]).toEqual([2, 2]);
    const [first, second] = lowered.driver.functions;
    expect(first?.index).toBe(second?.index);
  });
});
