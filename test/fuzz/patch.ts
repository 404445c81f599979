import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import { ExternKind, SectionId, type WasmModule } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { type Bytes, flat, module, name, section, u32 } from "../wasm/assemble.ts";

/** An instruction as it stands in a body. */
export interface Placed {
  readonly op: number;
  /** First immediate. */
  readonly a: number;
  readonly bytes: readonly number[];
}

/** The instructions of a defined function. */
export function instructionsOf(bytes: Uint8Array, f: number): Placed[] {
  const body = parseModule(bytes).bodies[f];
  if (body === undefined) throw new Error(`no function ${f}`);
  const cursor = new InstructionCursor(bytes, body.codeStart, body.end);
  const list: Placed[] = [];
  while (!cursor.done) {
    cursor.next();
    const { op, a, start, end } = cursor;
    list.push({ op, a, bytes: [...bytes.subarray(start, end)] });
  }
  return list;
}

/** The module with a section's content replaced, or left out where that is undefined. */
export function withSection(
  bytes: Uint8Array,
  id: number,
  content: Bytes | undefined,
  custom = "",
): Uint8Array {
  const { sections } = parseModule(bytes);
  const at = sections.findIndex((s) => s.id === id && s.name === custom);
  const before = sections.filter((s, i) => (at >= 0 ? i < at : s.id !== 0 && s.id < id));
  const behind = sections.filter((s, i) => (at >= 0 ? i > at : !before.includes(s)));
  const copy = (list: typeof sections): Bytes => list.map((s) => bytes.subarray(s.start, s.end));
  return module(copy(before), content === undefined ? [] : section(id, content), copy(behind));
}

/** The module with one function's code replaced. */
export function withCode(bytes: Uint8Array, f: number, code: Bytes): Uint8Array {
  const { bodies } = parseModule(bytes);
  const all = bodies.map((body, i): Bytes => {
    if (i !== f) return [u32(body.end - body.start), bytes.subarray(body.start, body.end)];
    const content = flat(bytes.subarray(body.start, body.codeStart), code);
    return [u32(content.length), content];
  });
  return withSection(bytes, SectionId.code, [u32(all.length), all]);
}

/** The module with its exports written anew. */
export function withExports(
  bytes: Uint8Array,
  edit: (
    exports: WasmModule["exports"],
  ) => readonly { name: string; kind: number; index: number }[],
): Uint8Array {
  const list = edit(parseModule(bytes).exports);
  const content = list.map((e) => [name(e.name), e.kind, u32(e.index)]);
  return withSection(bytes, SectionId.export, [u32(list.length), content]);
}

/** Index of the defined function that an export's thunk, or the export itself, leads to. */
export function definedBehind(bytes: Uint8Array, exported: string): number {
  const { exports, importedFunctionCount } = parseModule(bytes);
  const found = exports.find((e) => e.name === exported && e.kind === ExternKind.func);
  if (found === undefined) throw new Error(`no export ${exported}`);
  return found.index - importedFunctionCount;
}
