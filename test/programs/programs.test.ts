import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type wabtFactory from "wabt";
import { metered, wasm, wat } from "../metering/harness.ts";
import { type Meter, metering } from "./metered-engine.ts";

// Programs that somebody else wrote and compiled, with all that their compilers make of C and C++.
const require = createRequire(import.meta.url);

/** A CommonJS module, started anew each time. */
function started(path: string): unknown {
  const resolved = require.resolve(path);
  delete require.cache[resolved];
  return require(resolved);
}

type Wabt = Awaited<ReturnType<typeof wabtFactory>>;

describe("a program runs metered as it runs raw", () => {
  it("WABT (C++): text to binary and back", async () => {
    const factory = require("wabt") as typeof wabtFactory;
    const meter: Meter = { fuel: 0 };
    const raw = await factory();
    const guarded = await metering(() => factory(), meter);
    const texts = [
      "(module)",
      `(module (memory 1) (func (export "f") (param i32) (result i32) (local.get 0)))`,
      wat(
        metered(
          wasm(`(module (func (export "run") (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`),
        ),
      ),
    ];
    const binary = (wabt: Wabt, text: string): Buffer => {
      const module = wabt.parseWat("a.wat", text);
      return Buffer.from(module.toBinary({}).buffer.slice());
    };
    for (const text of texts) {
      const bytes = binary(raw, text);
      expect(binary(guarded, text)).toEqual(bytes);
      const print = (wabt: Wabt): string =>
        wabt
          .readWasm(new Uint8Array(bytes), { readDebugNames: false })
          .toText({ foldExprs: true, inlineExport: false });
      const printed = print(raw);
      expect(print(guarded)).toBe(printed);
    }
    expect(() => guarded.parseWat("a.wat", "(module (func (result i32)))").validate()).toThrow(
      /type mismatch/,
    );
    expect(meter.fuel).toBeGreaterThan(100_000);
  });

  it("es-module-lexer (C): the imports of real files", async () => {
    interface Lexer {
      init: Promise<void>;
      parse(source: string): unknown;
    }
    const meter: Meter = { fuel: 0 };
    const start = async (): Promise<Lexer> => {
      const lexer = started("es-module-lexer") as Lexer;
      await lexer.init;
      return lexer;
    };
    const raw = await start();
    const guarded = await metering(start, meter);
    expect(guarded).not.toBe(raw);
    for (const file of ["wabt", "pixi.js", "bitecs"]) {
      const source = readFileSync(require.resolve(file), "utf8").slice(0, 300_000);
      let expected: unknown;
      try {
        expected = raw.parse(source);
      } catch (error) {
        expect(() => guarded.parse(source)).toThrow((error as Error).message);
        continue;
      }
      expect(JSON.stringify(guarded.parse(source))).toBe(JSON.stringify(expected));
    }
    expect(meter.fuel).toBeGreaterThan(100_000);
  });
});
