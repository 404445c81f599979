import { describe, expect, it } from "vitest";
import { steadyCost } from "../../scripting/metering/steady.ts";
import { takesAlways } from "../../scripting/metering/verify/steady.ts";
import { InstructionCursor } from "../../scripting/wasm/instructions.ts";
import { type Body, readLocalRuns } from "../../scripting/wasm/module.ts";
import { parseModule } from "../../scripting/wasm/parse.ts";
import { ByteReader } from "../../scripting/wasm/reader.ts";
import { wasm } from "./harness.ts";

const take = (fuel: number): string =>
  `(local.set $fuel (i32.sub (local.get $fuel) (i32.const ${fuel})))`;
const dies = "(call $host) (local.set $fuel (global.get $left)) (unreachable)";

/** Bodies of `(param $x i32) (param $fuel i32) (result i32)`, and what they take; undefined for no one amount. */
const bodies: [name: string, code: string, cost: number | undefined][] = [
  ["takes once", `${take(7)} (local.get $fuel)`, 7],
  ["takes twice", `${take(7)} ${take(300)} (local.get $fuel)`, 307],
  [
    "keeps it on the stack, too",
    "(drop (local.tee $fuel (i32.sub (local.get $fuel) (i32.const 9)))) (local.get $fuel)",
    9,
  ],
  ["takes nothing", "(local.get $fuel)", undefined],
  ["gives some back", `${take(9)} ${take(-2)} (local.get $fuel)`, undefined],
  ["takes more than fuel can be", `${take(0x7fffffff)} ${take(1)} (local.get $fuel)`, undefined],
  [
    "takes what a local says",
    "(local.set $fuel (i32.sub (local.get $fuel) (local.get $x))) (local.get $fuel)",
    undefined,
  ],
  [
    "takes it from another",
    "(local.set $fuel (i32.sub (local.get $x) (i32.const 5))) (local.get $fuel)",
    undefined,
  ],
  [
    "adds",
    "(local.set $fuel (i32.add (local.get $fuel) (i32.const 5))) (local.get $fuel)",
    undefined,
  ],
  [
    "subtracts the wrong way round",
    "(local.set $fuel (i32.sub (i32.const 5) (local.get $fuel))) (local.get $fuel)",
    undefined,
  ],
  [
    "takes it from what is left elsewhere",
    `${take(5)} (local.set $fuel (global.get $left)) (local.get $fuel)`,
    undefined,
  ],
  ["hands back another", `${take(5)} (local.get $x)`, undefined],
  ["hands back more", `${take(5)} (i32.add (local.get $fuel) (i32.const 1))`, undefined],
  ["hands back what it was handed", `(local.get $fuel) ${take(5)}`, undefined],
  [
    "takes from another, too",
    `${take(5)} (local.set $x (i32.sub (local.get $fuel) (i32.const 1))) (local.get $fuel)`,
    5,
  ],
  [
    "has arms that take the same",
    `(if (local.get $x) (then ${take(4)}) (else ${take(4)})) (local.get $fuel)`,
    4,
  ],
  [
    "has arms that differ",
    `(if (local.get $x) (then ${take(4)}) (else ${take(5)})) (local.get $fuel)`,
    undefined,
  ],
  ["has one arm", `(if (local.get $x) (then ${take(4)})) ${take(1)} (local.get $fuel)`, undefined],
  ["has one arm that is free", `(if (local.get $x) (then nop)) ${take(1)} (local.get $fuel)`, 1],
  [
    "has arms that make up for it",
    `(if (local.get $x) (then ${take(4)} ${take(1)}) (else ${take(5)})) (local.get $fuel)`,
    5,
  ],
  [
    "has one arm that dies",
    `${take(3)} (if (local.get $x) (then ${take(4)} ${dies})) ${take(1)} (local.get $fuel)`,
    4,
  ],
  [
    "has another arm that dies",
    `(if (local.get $x) (then ${take(4)}) (else ${take(9)} ${dies})) (local.get $fuel)`,
    4,
  ],
  [
    "has an arm that asks",
    `${take(3)} (if (local.get $x) (then (call $host) (local.set $fuel (global.get $left)))) (local.get $fuel)`,
    undefined,
  ],
  [
    "asks and dies on one way only",
    `${take(3)} (if (local.get $x) (then (call $host) (local.set $fuel (global.get $left)) (br_if 0 (local.get $x)) (unreachable))) (local.get $fuel)`,
    undefined,
  ],
  ["dies always", `${take(3)} unreachable`, undefined],
  [
    "returns early, and takes the same",
    `(if (local.get $x) (then ${take(4)} (return (local.get $fuel)))) ${take(4)} (local.get $fuel)`,
    4,
  ],
  [
    "returns early, and takes less",
    `(if (local.get $x) (then ${take(3)} (return (local.get $fuel)))) ${take(4)} (local.get $fuel)`,
    undefined,
  ],
  [
    "returns another",
    `(if (local.get $x) (then ${take(4)} (return (local.get $x)))) ${take(4)} (local.get $fuel)`,
    undefined,
  ],
  [
    "leaves a block early, having taken the same",
    `(block ${take(4)} (br_if 0 (local.get $x)) nop) (local.get $fuel)`,
    4,
  ],
  [
    "leaves a block early, having taken less",
    `(block ${take(4)} (br_if 0 (local.get $x)) ${take(1)}) (local.get $fuel)`,
    undefined,
  ],
  [
    "leaves two blocks, having taken less",
    `(block (block ${take(4)} (br_if 1 (local.get $x))) ${take(1)}) (local.get $fuel)`,
    undefined,
  ],
  [
    "goes on behind a block that is left early",
    `(block (block ${take(4)} (br_if 0 (local.get $x)) (br 0)) ${take(1)}) (local.get $fuel)`,
    5,
  ],
  [
    "leaves by a table, having taken the same",
    `(block (block (block ${take(2)} (br_table 0 1 2 (local.get $x))))) (local.get $fuel)`,
    2,
  ],
  [
    "leaves by a table, having taken what differs",
    `(block (block (block ${take(2)} (br_table 0 1 2 (local.get $x))) ${take(1)}) ${take(1)}) (local.get $fuel)`,
    undefined,
  ],
  [
    "differs by a table's last label only",
    `(block (block ${take(2)} (br_table 0 0 1 (local.get $x))) ${take(1)}) (local.get $fuel)`,
    undefined,
  ],
  ["branches to its end", `${take(4)} (br 0 (local.get $x))`, undefined],
  [
    "branches to its end on a way",
    `${take(4)} (drop (br_if 0 (local.get $x) (local.get $x))) (local.get $fuel)`,
    undefined,
  ],
  ["goes round", `(loop ${take(4)} (br_if 0 (local.get $x))) (local.get $fuel)`, undefined],
  [
    "goes round for nothing",
    `${take(4)} (loop (br_if 0 (local.get $x))) (local.get $fuel)`,
    undefined,
  ],
  [
    "takes behind what is never left",
    `${take(4)} (block (br 0) ${take(5)} (local.set $fuel (local.get $x))) (local.get $fuel)`,
    4,
  ],
  [
    "ends in a tail call",
    `${take(4)} (return_call $same (local.get $x) (local.get $fuel))`,
    undefined,
  ],
  [
    "calls somebody who can't reach its locals",
    `${take(4)} (drop (call $same (local.get $x) (i32.const 5))) (local.get $fuel)`,
    4,
  ],
  [
    "has somebody else's fuel",
    `(local.set $fuel (call $same (local.get $x) (local.get $fuel))) (local.get $fuel)`,
    undefined,
  ],
  [
    "takes half of a charge in a block of its own",
    `(local.get $fuel) (i32.const 5) i32.sub (block) (local.set $fuel) (local.get $fuel)`,
    undefined,
  ],
];

function cursorOf(code: string): InstructionCursor {
  const bytes = wasm(`(module (import "h" "h" (func $host)) (global $left (mut i32) (i32.const 0))
    (func $same (param i32 i32) (result i32) (local.get 1))
    (func (param $x i32) (param $fuel i32) (result i32) ${code}))`);
  expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
  const { start, end } = parseModule(bytes).bodies[1] as Body;
  const reader = new ByteReader(bytes, start, end);
  readLocalRuns(reader);
  return new InstructionCursor(bytes, reader.offset, end);
}

describe("a function that", () => {
  it.each(bodies)("%s", (_name, code, cost) => {
    expect(steadyCost(cursorOf(code), 1)).toBe(cost);
    const claims = [0, 1, 2, 3, 4, 5, 7, 8, 9, 300, 306, 307, 308, 0x7fffffff, -2, 2 ** 31];
    const proven = claims.filter((claim) => takesAlways(claim, cursorOf(code), 1));
    // Whatever the meter finds is proven, and nothing else; the verifier has no word for 0 and what isn't i32.
    const allowed = proven.filter((claim) => claim > 0 && claim < 2 ** 31);
    expect(allowed).toEqual(cost === undefined ? [] : [cost]);
  });

  it("isn't complete isn't proven", () => {
    const whole = wasm(`(module (func (param $x i32) (param $fuel i32) (result i32)
      ${take(3)} (block ${take(1)}) (local.get $fuel)))`);
    const { codeStart, end } = parseModule(whole).bodies[0] as Body;
    for (let cut = codeStart; cut < end; cut++) {
      const cursor = new InstructionCursor(whole, codeStart, cut);
      let proven = false;
      try {
        proven = takesAlways(4, cursor, 1);
      } catch {
        // Cut within an instruction.
      }
      expect(proven).toBe(false);
    }
    expect(takesAlways(4, new InstructionCursor(whole, codeStart, end), 1)).toBe(true);
  });
});
