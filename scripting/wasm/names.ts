import { ByteReader, WasmFormatError } from "./reader.ts";
import { ByteWriter } from "./writer.ts";

const Subsection = { module: 0, functions: 1, locals: 2, labels: 3 } as const;

/** Longest function name kept, in UTF-16 units: engines put names into stack traces whole. */
const maxNameLength = 500;

/** A guest's own name for a function, so that it can't break or forge the lines it gets into. */
function oneLine(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  return name.slice(0, maxNameLength).replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " ");
}

/** How indices move when a module is rewritten. */
export interface NameRemap {
  /** New index of a function. */
  function(index: number): number;
  /** New index of a local of an (original) function. */
  local(functionIndex: number, local: number): number;
  /** Names of functions that the original didn't have, ascending by index. */
  readonly added: readonly { readonly index: number; readonly name: string }[];
}

/** Function names by index; empty where the section is broken, for names are only a courtesy. */
export function readFunctionNames(
  bytes: Uint8Array,
  start: number,
  end: number,
): Map<number, string> {
  const names = new Map<number, string>();
  const reader = new ByteReader(bytes, start, end);
  try {
    while (reader.offset < end) {
      const id = reader.byte();
      const size = reader.u32();
      const next = reader.offset + size;
      if (id === Subsection.functions) {
        for (let left = reader.u32(); left > 0; left--) {
          names.set(reader.u32(), oneLine(reader.name()));
        }
      }
      reader.offset = next;
    }
  } catch (error) {
    if (!(error instanceof WasmFormatError)) throw error;
  }
  return names;
}

/**
 * Writes a name section anew for moved indices. Label names are left out, for the blocks they
 * name aren't the same; all else stays. Undefined where the section is broken.
 */
export function rewriteNames(
  bytes: Uint8Array,
  start: number,
  end: number,
  remap: NameRemap,
): ByteWriter | undefined {
  const out = new ByteWriter(end - start + 64);
  out.name("name");
  const reader = new ByteReader(bytes, start, end);
  try {
    while (reader.offset < end) {
      const id = reader.byte();
      const size = reader.u32();
      const next = reader.offset + size;
      if (next > end) return undefined;
      if (id === Subsection.functions) out.section(id, functionNames(reader, remap));
      else if (id === Subsection.locals) out.section(id, localNames(reader, remap));
      else if (id !== Subsection.labels) {
        out.byte(id);
        out.u32(size);
        out.copy(bytes, reader.offset, next);
      }
      reader.offset = next;
    }
  } catch (error) {
    if (error instanceof WasmFormatError) return undefined;
    throw error;
  }
  return out;
}

function functionNames(reader: ByteReader, remap: NameRemap): ByteWriter {
  const out = new ByteWriter();
  const count = reader.u32();
  const entries: { index: number; name: string }[] = [];
  for (let i = 0; i < count; i++) {
    entries.push({ index: remap.function(reader.u32()), name: oneLine(reader.name()) });
  }
  entries.push(...remap.added);
  // The format wants them ascending; `refill` comes in between imports and defined functions.
  entries.sort((a, b) => a.index - b.index);
  out.u32(entries.length);
  for (const entry of entries) {
    out.u32(entry.index);
    out.name(entry.name);
  }
  return out;
}

function localNames(reader: ByteReader, remap: NameRemap): ByteWriter {
  const out = new ByteWriter();
  const functions = reader.u32();
  out.u32(functions);
  for (let i = 0; i < functions; i++) {
    const index = reader.u32();
    out.u32(remap.function(index));
    const entries: { index: number; start: number; end: number }[] = [];
    for (let left = reader.u32(); left > 0; left--) {
      const local = remap.local(index, reader.u32());
      const start = reader.offset;
      reader.skip(reader.u32());
      entries.push({ index: local, start, end: reader.offset });
    }
    entries.sort((a, b) => a.index - b.index);
    out.u32(entries.length);
    for (const { index, start, end } of entries) {
      out.u32(index);
      out.copy(reader.bytes, start, end);
    }
  }
  return out;
}
