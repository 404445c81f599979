import { describe, expect, it } from "vitest";
import { admit, describeModule, LinkError, Linker, ScriptRuntime } from "../../scripting/index.ts";
import { nearestName } from "../../scripting/runtime/nearest-name.ts";
import { load } from "../metering/harness.ts";
import {
  type Bytes,
  body,
  code,
  exports,
  funcType,
  functions,
  imports,
  module,
  name,
  types,
} from "../wasm/assemble.ts";

const externref = 0x6f;
const large = funcType(Array(998).fill(externref), Array(999).fill(externref));

async function linkErrorOf(bytes: Uint8Array, linker = new Linker()): Promise<LinkError> {
  const loading = new ScriptRuntime({ linker }).load(bytes, { name: "x" });
  const error = await loading.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LinkError);
  return error as LinkError;
}

function importing(count: number, what: (i: number) => [string, string], type: Bytes): Uint8Array {
  const wanted = Array.from({ length: count }, (_, i) => {
    const [from, called] = what(i);
    return [name(from), name(called), 0, 0];
  });
  return module(types(type), imports(...wanted));
}

describe("a thousand imports that fit nowhere", () => {
  it("are all in the error, and the first twenty in its message", async () => {
    const bytes = importing(1_000, (i) => ["a", `f${i}`], large);
    const error = await linkErrorOf(bytes);
    expect(error.problems).toHaveLength(1_000);
    expect(error.message).toContain("x: 1000 imports can't be linked\n");
    expect(error.message).toMatch(/\n {2}… and 980 more$/);
    expect(error.message.length).toBeLessThan(20_000);
    expect(new Set(error.problems.map((p) => p.wanted)).size).toBe(1);
  });

  it("have a near name looked for in the first twenty only", async () => {
    const linker = new Linker();
    for (let i = 0; i < 400; i++) {
      linker.func("component", `Name${i}.get`, { params: [], results: [], fuel: 1 }, () => {});
    }
    const bytes = importing(1_000, (i) => ["component", `Name${i % 400}.gte`], funcType([], []));
    const { problems } = await linkErrorOf(bytes, linker);
    expect(
      problems.slice(0, 20).every((p) => p.suggestion === `Name${problems.indexOf(p)}.get`),
    ).toBe(true);
    expect(problems.slice(20).every((p) => p.suggestion === undefined)).toBe(true);
  });

  it("have their names cut, and kept on their lines", async () => {
    const long = await linkErrorOf(
      importing(1, () => ["m".repeat(5_000), "n".repeat(50_000)], large),
    );
    expect(long.message.length).toBeLessThan(1_500);
    const forged = await linkErrorOf(importing(1, () => ["m", 'f"\nall is well'], large));
    expect(forged.message.split("\n")).toHaveLength(2);
  });
});

describe("a suggestion", () => {
  const problemsOf = async (text: string, linker: Linker): Promise<string[]> => {
    const error = await load(text, {}, linker).catch((e: unknown) => e);
    return (error as LinkError).message.split("\n").slice(1);
  };
  const own = (from: string): Linker =>
    new Linker().func(from, "log", { params: [], results: [], fuel: 1 }, () => {});

  it("knows the runtime's own functions", async () => {
    const text = `(module (import "env" "abrot" (func)) (import "env" "lgo" (func)) (import "env" "sed" (func)))`;
    for (const linker of [new Linker(), own("env")]) {
      const lines = await problemsOf(text, linker);
      expect(lines[0]).toMatch(/"env" "abrot" is not defined, .*; did you mean "abort"\?$/);
      expect(lines[2]).toMatch(/did you mean "seed"\?$/);
    }
    expect((await problemsOf(text, own("env")))[1]).toMatch(/did you mean "log"\?$/);
  });

  it("says when it is the module's name", async () => {
    const lines = await problemsOf(
      `(module (import "emv" "abort" (func)) (import "tmie" "log" (func)))`,
      own("time"),
    );
    expect(lines[0]).toMatch(/did you mean the module "env"\?$/);
    expect(lines[1]).toMatch(/did you mean the module "time"\?$/);
  });
});

describe("signatures", () => {
  it("are told apart behind what is shown of them", async () => {
    const params = Array<"i32">(20).fill("i32");
    const linker = new Linker().func("h", "f", { params, results: [], fuel: 1 }, () => {});
    const text = (last: string): string =>
      `(module (import "h" "f" (func (param ${"i32 ".repeat(19)} ${last}))))`;
    expect((await load(text("i32"), {}, linker)).name).toBe("test");
    const error = await load(text("f32"), {}, linker).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as Error).message).toContain("i32, i32, … and 4 more) -> ()");
  });

  it("of ten thousand exports don't make a report of megabytes", () => {
    const list = Array.from({ length: 10_000 }, (_, i) => [name(i.toString(36)), 0, 0]);
    const bytes = module(types(large), functions(0), exports(...list), code(body([0x00])));
    const report = describeModule(admit(bytes));
    const shown = new Set(report.exports.map((e) => e.type));
    expect(shown.size).toBe(1);
    expect([...shown][0]).toMatch(
      /^\((externref, ){16}… and 982 more\) -> \((externref, ){16}… and 983 more\)$/,
    );
  });
});

describe("the nearest name", () => {
  /** Levenshtein distance, the plain way. */
  const edits = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
        next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
      }
      row = next;
    }
    return row[b.length] as number;
  };

  it("has the fewest edits, and at most two, or three for a name of nine letters", () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const word = (): string =>
      Array.from({ length: random(13) }, () => "abc"[random(3)] as string).join("");
    for (let round = 0; round < 2_000; round++) {
      const wanted = word();
      const names = Array.from({ length: 5 }, word);
      const most = wanted.length >= 9 ? 3 : 2;
      const least = Math.min(...names.map((n) => edits(wanted, n)));
      const expected = least > most ? undefined : names.find((n) => edits(wanted, n) === least);
      expect([wanted, names, nearestName(wanted, names)]).toEqual([wanted, names, expected]);
    }
  });
});
