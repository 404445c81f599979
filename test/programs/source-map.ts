import { readFileSync } from "node:fs";
import type * as sourceMapApi from "source-map";
import { fileOf, freshRequire } from "./fresh.ts";
import type { Program } from "./program.ts";

/** Decodes a map, walks through it, and looks places up in both directions. */
export const sourceMap: Program = {
  name: "source-map",
  language: "Rust",
  compiler: "rustc",
  async start() {
    const { SourceMapConsumer } = freshRequire<typeof sourceMapApi>("source-map");
    const map = readFileSync(`${fileOf("quickjs-emscripten-core")}.map`, "utf8");
    const consumer = await new SourceMapConsumer(map);
    return () => {
      const places: string[] = [];
      consumer.eachMapping((m) => {
        places.push(`${m.generatedLine}:${m.generatedColumn} ${m.originalLine} ${m.name}`);
      });
      for (let column = 0; column < 20_000; column += 37) {
        const { source, line, name } = consumer.originalPositionFor({ line: 1, column });
        places.push(`${source}:${line} ${name}`);
        if (source === null || line === null) continue;
        const generated = consumer.allGeneratedPositionsFor({ source, line, column: 0 });
        places.push(generated.map((p) => `${p.line}:${p.column}`).join());
      }
      // It forgets what it has decoded, and decodes the map again for the next lookup.
      consumer.destroy();
      return places;
    };
  },
};
