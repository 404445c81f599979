import { orderSection } from "../../scripting/metering/protocol.ts";
import { SectionId } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { ByteReader } from "../../scripting/wasm/reader.ts";
import { type Bytes, name, s32, u32 } from "../wasm/assemble.ts";
import { instructionsOf, withCode, withExports, withSection } from "./patch.ts";

const codes: Readonly<Record<string, readonly number[]>> = {
  nop: [0x01],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  else: [0x05],
  end: [0x0b],
  br: [0x0c],
  br_if: [0x0d],
  return: [0x0f],
  unreachable: [0x00],
  call: [0x10],
  call_indirect: [0x11],
  return_call: [0x12],
  return_call_indirect: [0x13],
  drop: [0x1a],
  select: [0x1b],
  "local.get": [0x20],
  "local.set": [0x21],
  "local.tee": [0x22],
  "global.get": [0x23],
  "global.set": [0x24],
  "i32.const": [0x41],
  "i32.eqz": [0x45],
  "i32.lt_s": [0x48],
  "i32.lt_u": [0x49],
  "i32.ge_s": [0x4e],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.shl": [0x74],
  "i32.shr_u": [0x76],
  "ref.func": [0xd2],
  "memory.fill": [0xfc, 11, 0],
  "memory.grow": [0x40, 0],
  "table.fill": [0xfc, 17, 0],
};

/** Instructions written one behind the other, with `;` between them. */
function code(text: string): number[][] {
  const lines = text.split(";").map((line) => line.trim());
  return lines
    .filter((line) => line.length > 0)
    .map((line) => {
      const [op = "", ...immediates] = line.split(/\s+/);
      const bytes = codes[op];
      if (bytes === undefined) throw new Error(`unknown instruction ${op}`);
      const leb = op === "i32.const" ? s32 : u32;
      return [...bytes, ...immediates.flatMap((i) => leb(Number(i)))];
    });
}

/** Changes a module in one place. */
export type Mutate = (bytes: Uint8Array) => Uint8Array;

/** Replaces the n-th place where instructions stand in a function. */
export function replace(f: number, from: string, to: string, nth = 0): Mutate {
  return (bytes) => {
    const list = instructionsOf(bytes, f).map((i) => i.bytes);
    const wanted = code(from);
    const matches = (at: number): boolean =>
      wanted.every((w, i) => w.join() === list[at + i]?.join());
    const places = [...list.keys()].filter(matches);
    const at = places[nth];
    if (at === undefined) throw new Error(`"${from}" is not in function ${f}`);
    const kept: Bytes[] = [list.slice(0, at), code(to), list.slice(at + wanted.length)];
    return withCode(bytes, f, kept);
  };
}

/** Puts instructions in front of a function's last `end`, or its first instruction. */
export function insert(f: number, what: string, at: "begin" | "end" = "begin"): Mutate {
  return (bytes) => {
    const list = instructionsOf(bytes, f).map((i) => i.bytes);
    const i = at === "begin" ? 0 : list.length - 1;
    return withCode(bytes, f, [list.slice(0, i), code(what), list.slice(i)]);
  };
}

/** One change behind the other. */
export function inTurn(...all: Mutate[]): Mutate {
  return (bytes) => all.reduce((mutated, mutate) => mutate(mutated), bytes);
}

/** Replaces the claim of a function. */
export function claim(f: number, value: number): Mutate {
  return (bytes) => {
    const title = "fusewire:claims";
    const { sections } = parseModule(bytes);
    const found = sections.find((s) => s.name === title);
    if (found === undefined) throw new Error("no claims");
    const content = bytes.slice(found.contentStart, found.end);
    content[name(title).length + f] = value;
    return withSection(bytes, SectionId.custom, content, title);
  };
}

/** Writes the claimed order of calls anew: functions in their order, and where a group begins. */
export function order(edit: (entries: readonly Ordered[]) => readonly Ordered[]): Mutate {
  return (bytes) => {
    const { sections } = parseModule(bytes);
    const found = sections.find((s) => s.name === orderSection);
    if (found === undefined) throw new Error("no order");
    const reader = new ByteReader(bytes, found.dataStart, found.end);
    const entries: Ordered[] = [];
    while (reader.offset < found.end) {
      const entry = reader.u32();
      entries.push({ f: entry >> 1, begins: (entry & 1) === 1 });
    }
    const content = edit(entries).map(({ f, begins }) => u32(f * 2 + (begins ? 1 : 0)));
    return withSection(bytes, SectionId.custom, [name(orderSection), content], orderSection);
  };
}

/** A function in the claimed order of calls. */
export interface Ordered {
  readonly f: number;
  readonly begins: boolean;
}

/** Adds an export. */
export function also(title: string, kind: number, at: number): Mutate {
  return (bytes) => withExports(bytes, (list) => [...list, { name: title, kind, index: at }]);
}

/** Puts one function into the table. */
export function elements(functionIndex: number): Mutate {
  return (bytes) =>
    withSection(bytes, SectionId.element, [1, 0, 0x41, 0, 0x0b, 1, u32(functionIndex)]);
}
