import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { admit, limitProfiles, type MeteredModule, meter } from "../../scripting/index.ts";
import { type ShippedModule, shippedModules } from "../bench/shipped.ts";
import { generate } from "../fuzz/generate.ts";
import { assemble } from "../fuzz/program.ts";
import { randomBytes } from "../fuzz/random-modules.ts";
import { decode } from "./decode.ts";
import { wasm } from "./harness.ts";
import { check, type Mapping } from "./offset-check.ts";

const kernelFolder = new URL("../bench/kernels/", import.meta.url);
const kernels = readdirSync(kernelFolder).filter((file) => file.endsWith(".ts"));
const programCount = 50;

async function compiled(kernel: string): Promise<Uint8Array> {
  const sources = diskSources(new URL("../..", import.meta.url).pathname);
  const result = await compile({ ...sources, entry: `test/bench/kernels/${kernel}` });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return result.binary.bytes;
}

function metered(original: Uint8Array): MeteredModule {
  return meter(admit(original, { limits: limitProfiles.unlimited }));
}

function violations(original: Uint8Array): string[] {
  const { bytes, offsets } = metered(original);
  return check(offsets, original, bytes);
}

describe("offsets of a metered module map to the original's instructions", () => {
  let shipped: readonly ShippedModule[];

  beforeAll(async () => {
    shipped = await shippedModules();
  });

  it.each(["es-module-lexer", "libktx", "wabt"])("in %s", (name) => {
    const module = shipped.find((m) => m.name === name) as ShippedModule;
    expect(violations(module.bytes)).toEqual([]);
  });

  it.each(kernels)("in the kernel %s", async (kernel) => {
    expect(violations(await compiled(kernel))).toEqual([]);
  });

  it("in generated programs", () => {
    for (let seed = 0; seed < programCount; seed++) {
      const choices = randomBytes(seed, 50 + (seed % 10) * 120);
      expect(violations(assemble(generate(choices))), `seed ${seed}`).toEqual([]);
    }
  });
});

describe("the checks of a map", () => {
  const original = wasm(`(module
    (import "h" "f" (func $host (param i32)))
    (func $leaf (result i32) (i32.const 7))
    (func (export "run") (param $n i32)
      (loop $l
        (drop (i32.div_u (call $leaf) (local.get $n)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (if (local.get $n) (then (call $host (i32.const 1))) (else (unreachable)))))`);
  const { bytes, offsets } = metered(original);
  const by = (shift: number): Mapping => ({
    toOriginal: (at) => offsets.toOriginal(at + shift),
    isInserted: (at) => offsets.isInserted(at + shift),
  });
  /** The map with something changed of every offset that it maps. */
  const changed = (change: (original: number, at: number) => number | undefined): Mapping => ({
    toOriginal: (at) => {
      const offset = offsets.toOriginal(at);
      return offset === undefined ? undefined : change(offset, at);
    },
    isInserted: (at) => offsets.isInserted(at),
  });

  it("find nothing wrong with the meter's", () => {
    expect(check(offsets, original, bytes)).toEqual([]);
  });

  const tampered: [what: string, map: Mapping][] = [
    ["one byte early", by(1)],
    ["one byte late", by(-1)],
    ["of a module one byte shorter", changed((offset) => offset - 1)],
    ["of a module one byte longer", changed((offset) => offset + 1)],
    [
      "whose inserted code maps into an instruction",
      changed((offset, at) => (offsets.isInserted(at) ? offset + 1 : offset)),
    ],
    ["to nowhere", changed(() => undefined)],
    ["where all is inserted", { ...changed((offset) => offset), isInserted: () => true }],
    ["where nothing is inserted", { ...changed((offset) => offset), isInserted: () => false }],
  ];

  it.each(tampered)("fail for a map %s", (_what, map) => {
    expect(check(map, original, bytes)).not.toEqual([]);
  });

  const copied = [...decode(bytes).starts].filter((at) => !offsets.isInserted(at));

  it("fail for a map that is wrong at a single instruction", () => {
    const moved = copied.filter((place) => {
      const map = changed((offset, at) => (at === place ? offset + 1 : offset));
      return check(map, original, bytes).length > 0;
    });
    expect(moved).toEqual(copied);
  });

  it("fail for a map where a single instruction is inserted that isn't", () => {
    const hidden = copied.filter((place) => {
      const isInserted = (at: number): boolean => at === place || offsets.isInserted(at);
      return check({ ...changed((offset) => offset), isInserted }, original, bytes).length > 0;
    });
    expect(hidden).toEqual(copied);
    const times = (place: number): number =>
      copied.filter((at) => offsets.toOriginal(at) === offsets.toOriginal(place)).length;
    // So instructions of the unrolled loop's copies are among them.
    expect(copied.filter((place) => times(place) > 1).length).toBeGreaterThan(10);
  });

  it("fail for another module", () => {
    expect(check(offsets, original, original)).not.toEqual([]);
    expect(check(offsets, bytes, bytes)).not.toEqual([]);
  });
});
