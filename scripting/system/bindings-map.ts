import { decodedMappings, encodedMappings, TraceMap } from "@jridgewell/trace-mapping";
import type { SourceMapV3 } from "../compile/source.ts";
import { fieldCodeFolder } from "../fields/field-code.ts";
import { bindingsMark } from "./bindings.ts";

/**
 * A source map in which generated bindings, and code of fields, don't occur. Their functions are all inlined into the
 * script that uses them, so the nearest position before one of theirs is the place in the script
 * that an author wants to be shown. Without bindings it is the map itself.
 */
export function withoutBindings(map: SourceMapV3): SourceMapV3 {
  const hidden = new Set<number>();
  map.sources.forEach((path, source) => {
    const text = map.sourcesContent?.[source];
    if (path.startsWith(fieldCodeFolder) || text?.startsWith(bindingsMark)) hidden.add(source);
  });
  if (hidden.size === 0) return map;
  const mappings = decodedMappings(new TraceMap(map)).map((line) =>
    line.filter((segment) => segment.length === 1 || !hidden.has(segment[1])),
  );
  const { sources, names } = map;
  return {
    ...map,
    mappings: encodedMappings(new TraceMap({ version: 3, sources, names, mappings })),
  };
}
