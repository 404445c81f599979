import { ExternKind, SectionId } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { type Bytes, module, name, section, u32 } from "../wasm/assemble.ts";

/** The module with its memory exported as `memory`, so that what it holds can be compared. */
export function exportMemory(bytes: Uint8Array): Uint8Array {
  const { sections, memories, exports } = parseModule(bytes);
  if (memories.length === 0 || exports.some((e) => e.name === "memory")) return bytes;
  const list = [
    ...exports.map((e): Bytes => [name(e.name), e.kind, u32(e.index)]),
    [name("memory"), ExternKind.memory, 0],
  ];
  const own = section(SectionId.export, u32(list.length), list);
  const kept = sections.filter((s) => s.id !== SectionId.export);
  const behind = kept.findIndex((s) => s.id === 8 || s.id === 9 || s.id >= 10);
  const at = behind < 0 ? kept.length : behind;
  const copy = (s: (typeof kept)[number]): Uint8Array => bytes.subarray(s.start, s.end);
  return module(kept.slice(0, at).map(copy), own, kept.slice(at).map(copy));
}
