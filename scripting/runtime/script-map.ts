import {
  decodedMappings,
  originalPositionFor,
  sourceContentFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { SourceMapV3 } from "../compile/source.ts";
import type { SourceLocation } from "../fault.ts";
import { shownText } from "../shown-text.ts";

/** Longest source line in a location, in UTF-16 units. */
const maxLineText = 500;

/**
 * Checks the shape of a source map, which may come from outside with its module. What its mappings say
 * isn't read before somebody asks for a location.
 * @throws TypeError that says what is wrong with it.
 */
export function checkSourceMap(script: string, map: SourceMapV3): void {
  const refuse = (why: string): never => {
    throw new TypeError(
      `${script}: its source map can't be used: ${why}; leave it out to load the script without`,
    );
  };
  if (typeof map !== "object" || map === null) refuse("it is no object");
  if (map.version !== 3) refuse(`its version is ${shownText(String(map.version), 20)}, not 3`);
  if ("sections" in map) refuse("it has sections");
  if (typeof map.mappings !== "string") refuse("mappings is no text");
  if (!Array.isArray(map.sources) || !map.sources.every(isTextOrNull)) {
    refuse("sources is no list of texts");
  }
  const { sourcesContent, sourceRoot } = map as SourceMapV3 & { readonly sourceRoot?: unknown };
  const isContent = Array.isArray(sourcesContent) && sourcesContent.every(isTextOrNull);
  if (!isContent && (sourcesContent ?? null) !== null) refuse("sourcesContent is no list of texts");
  if (!isTextOrNull(sourceRoot ?? null)) refuse("sourceRoot is no text");
}

function isTextOrNull(value: unknown): boolean {
  return typeof value === "string" || value === null;
}

/** A script's source map, whose mappings may say anything. */
export class ScriptMap {
  readonly #map: SourceMapV3 & { readonly sourceRoot?: string };
  #trace: TraceMap | undefined;
  /** Whether it turned out to be of no use. */
  #broken = false;

  constructor(map: SourceMapV3) {
    this.#map = map;
  }

  /** Where an offset in the original module comes from; undefined where the map doesn't say. Never throws. */
  locate(offset: number): SourceLocation | undefined {
    return this.#read((trace) => {
      const { source, line, column } = originalPositionFor(trace, { line: 1, column: offset });
      // A mapping may point to a source that isn't there, or in front of one's beginning.
      if (typeof source !== "string" || !(line >= 1) || !(column >= 0)) return undefined;
      const text = lineOf(sourceContentFor(trace, source) ?? "", line);
      return {
        file: shownText(source),
        line,
        column: column + 1,
        ...(text === undefined ? {} : { lineText: text }),
      };
    });
  }

  /** The last offset from `start` to `offset` whose source fits; undefined for none. */
  lastBefore(offset: number, start: number, fits: (source: string) => boolean): number | undefined {
    return this.#read((trace) => {
      let nearest: number | undefined;
      for (const [column, source] of decodedMappings(trace)[0] ?? []) {
        if (column > offset) break;
        if (column < start || source === undefined) continue;
        const name = this.#map.sources[source];
        if (typeof name === "string" && fits(name)) nearest = column;
      }
      return nearest;
    });
  }

  #read<T>(read: (trace: TraceMap) => T | undefined): T | undefined {
    if (this.#broken) return undefined;
    try {
      // Nothing else that it holds may reach the reader: a field named like one of its own is taken for it.
      const { sources, sourcesContent, sourceRoot, mappings } = this.#map;
      this.#trace ??= new TraceMap({
        version: 3,
        names: [],
        sources,
        mappings,
        ...(sourcesContent && { sourcesContent }),
        ...(sourceRoot && { sourceRoot }),
      });
      return read(this.#trace);
    } catch {
      // A fault that has no location is better than a listener that throws.
      this.#broken = true;
      return undefined;
    }
  }
}

/** The n-th line of a text, from 1, cut; undefined when it has fewer, or isn't there at all. */
function lineOf(text: string, line: number): string | undefined {
  if (text === "") return undefined;
  let start = 0;
  for (let n = 1; n < line; n++) {
    start = text.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const end = text.indexOf("\n", start);
  const stop = Math.min(end < 0 ? text.length : end, start + maxLineText);
  return text.slice(start, stop);
}
