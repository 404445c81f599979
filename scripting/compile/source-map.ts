import { decode, encode } from "@jridgewell/sourcemap-codec";
import { SectionId } from "../wasm/module.ts";
import { ByteReader } from "../wasm/reader.ts";
import { isStandardLibrary } from "./files.ts";
import type { SourceMapV3 } from "./source.ts";

/**
 * The emitter's source map as a script's faults need it: with the sources' text, and without gaps.
 *
 * The standard library's text is left out: every script has it, it is most of the map's size, and its authors
 * aren't this script's.
 *
 * @param json the emitter's map
 * @param bytes the module that it belongs to
 * @param textOf a source's text by its path without `.ts`
 */
export function finishSourceMap(
  json: string,
  bytes: Uint8Array,
  textOf: (internalPath: string) => string | null,
): SourceMapV3 {
  const { sources, names, mappings } = JSON.parse(json) as SourceMapV3;
  const sourcesContent = sources.map((source) =>
    isStandardLibrary(source) ? null : textOf(source.replace(/\.ts$/, "")),
  );
  return { version: 3, sources, sourcesContent, names, mappings: withoutGaps(mappings, bytes) };
}

/**
 * Lets each position reach to the next one of the same function. AssemblyScript gives no position to the calls of
 * `abort` that it makes for `throw`, `assert` and array bounds, and the emitter then marks them as unmapped, so
 * that the most common faults of all would have no line.
 */
function withoutGaps(mappings: string, bytes: Uint8Array): string {
  const bodies = bodyOffsets(bytes);
  let body = 0;
  let mapped = false;
  const [segments = []] = decode(mappings);
  const kept = segments.filter((segment) => {
    for (; segment[0] >= (bodies[body] ?? Number.POSITIVE_INFINITY); body++) mapped = false;
    if (segment.length > 1) mapped = true;
    return segment.length > 1 || !mapped;
  });
  return encode([kept]);
}

/** Where each function body of a module starts, ascending. */
function bodyOffsets(bytes: Uint8Array): number[] {
  const offsets: number[] = [];
  const reader = new ByteReader(bytes, 8);
  while (reader.offset < reader.end) {
    const id = reader.byte();
    const size = reader.u32();
    if (id !== SectionId.code) {
      reader.skip(size);
      continue;
    }
    for (let left = reader.u32(); left > 0; left--) {
      const bodySize = reader.u32();
      offsets.push(reader.offset);
      reader.skip(bodySize);
    }
  }
  return offsets;
}
