import { SectionId, type WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";

const passive = 1;

/** Where the data end that a module's memory begins with, in bytes; Infinity where that isn't plain to see. */
export function dataEndOf({ bytes, sections }: WasmModule): number {
  const section = sections.find(({ id }) => id === SectionId.data);
  if (section === undefined) return 0;
  const reader = new ByteReader(bytes, section.contentStart, section.end);
  let end = 0;
  for (let left = reader.u32(); left > 0; left--) {
    const flags = reader.u32();
    let start = 0;
    if (flags !== passive) {
      if (flags > passive) reader.u32();
      if (reader.byte() !== Op.i32Const) return Infinity;
      start = reader.s32() >>> 0;
      if (reader.byte() !== Op.end) return Infinity;
    }
    const length = reader.u32();
    reader.skip(length);
    if (flags !== passive) end = Math.max(end, start + length);
  }
  return end;
}
