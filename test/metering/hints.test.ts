import { describe, expect, it } from "vitest";
import { hintsSection } from "../../scripting/metering/hints.ts";
import { Op } from "../../scripting/wasm/op.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { ByteReader } from "../../scripting/wasm/reader.ts";
import { withSection } from "../fuzz/patch.ts";
import { name } from "../wasm/assemble.ts";
import { metered, wasm } from "./harness.ts";

const guest = wasm(`(module
  (memory 1)
  (func $deep (param i32) (result i32) (local i64 f64)
    (if (result i32) (local.get 0)
      (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func (export "run") (param i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get 0))
    (drop (memory.grow (local.get 0)))
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (drop (call $deep (local.get 0)))))`);

/** All hints of a module: the opcode that each stands at, and its direction. */
function hintsOf(bytes: Uint8Array): { op: number; taken: number }[] {
  const module = parseModule(bytes);
  const section = module.sections.find((s) => s.name === hintsSection);
  if (section === undefined) return [];
  const reader = new ByteReader(bytes, section.dataStart, section.end);
  const hints: { op: number; taken: number }[] = [];
  let lastFunction = -1;
  for (let functions = reader.u32(); functions > 0; functions--) {
    const index = reader.u32();
    expect(index).toBeGreaterThan(lastFunction);
    lastFunction = index;
    const body = module.bodies[index - module.importedFunctionCount];
    let lastOffset = -1;
    for (let count = reader.u32(); count > 0; count--) {
      const offset = reader.u32();
      expect(offset).toBeGreaterThan(lastOffset);
      lastOffset = offset;
      expect(reader.u32()).toBe(1);
      hints.push({ op: bytes[(body?.start ?? 0) + offset] as number, taken: reader.byte() });
    }
  }
  expect(reader.offset).toBe(section.end);
  return hints;
}

describe("branch hints", () => {
  it("say that refills are hardly ever wanted, and that loops go on", () => {
    const hints = hintsOf(metered(guest));
    expect(hints.length).toBeGreaterThan(6);
    for (const { op, taken } of hints)
      expect([op, taken]).toEqual(taken ? [Op.brIf, 1] : [Op.if_, 0]);
    expect(hints.some((h) => h.taken === 1)).toBe(true);
  });

  it("stand before the code, in a module that engines take", () => {
    const bytes = metered(guest);
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    const { sections } = parseModule(bytes);
    const at = sections.findIndex((s) => s.name === hintsSection);
    expect(sections[at + 1]?.id).toBe(10);
  });

  it("of the guest's own, whose offsets don't hold any more, are left out", () => {
    const stale = [name(hintsSection), 1, 0, 1, 3, 1, 1];
    const bytes = metered(withSection(guest, 0, stale, hintsSection));
    expect(parseModule(bytes).sections.filter((s) => s.name === hintsSection)).toHaveLength(1);
    expect(hintsOf(bytes)).toEqual(hintsOf(metered(guest)));
  });
});
