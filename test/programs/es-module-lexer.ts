import { readFileSync } from "node:fs";
import { fileOf, freshRequire } from "./fresh.ts";
import type { Program } from "./program.ts";

interface Lexer {
  readonly init: Promise<void>;
  /** @throws Error with `idx`, the place where `source` can't be read. */
  parse(source: string): unknown;
}

/** The imports and exports of real files, or where one that was cut off can't be read. */
export const esModuleLexer: Program = {
  name: "es-module-lexer",
  language: "C",
  compiler: "wasi-sdk",
  async start() {
    const lexer = freshRequire<Lexer>("es-module-lexer");
    await lexer.init;
    const files = ["@chainsafe/as-sha256", "@wasm-fmt/zig_fmt/zig_fmt.js", "wabt"];
    const sources = files.map((file) => readFileSync(fileOf(file), "utf8").slice(0, 300_000));
    const parsed = (source: string): string => {
      try {
        return JSON.stringify(lexer.parse(source));
      } catch (error) {
        if (error instanceof Error && "idx" in error) return error.message;
        throw error;
      }
    };
    return () => sources.map(parsed);
  },
};
