import { describe, expect, it } from "vitest";
import { admit, meter, verify } from "../../scripting/index.ts";
import { load, wasm, wat } from "./harness.ts";

/** Loops that are unrolled: text, what `run(n)` returns, and its fuel. */
const loops: [
  name: string,
  text: string,
  result: (n: number) => number,
  fuel: (n: number) => number,
][] = [
  [
    "a counted loop, out by a branch",
    `(func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
      (block $out
        (loop $l
          (br_if $out (i32.ge_s (local.get $i) (local.get $n)))
          (local.set $s (i32.add (local.get $s) (local.get $i)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $l)))
      (local.get $s))`,
    (n) => Math.max(0, (n * (n - 1)) / 2),
    (n) => 4 + n * (4 + 4 + 4 + 1) + 1,
  ],
  [
    "out by falling through, with a result",
    `(func (export "run") (param $n i32) (result i32) (local $i i32)
      (loop $l (result i32)
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_s (local.get $i) (local.get $n)))
        (i32.add (local.get $i) (i32.const 100))))`,
    (n) => Math.max(1, n) + 100,
    (n) => Math.max(1, n) * 8 + 3,
  ],
  [
    "two ways back that cost differently",
    `(func (export "run") (param $n i32) (result i32) (local $s i32)
      (loop $l
        (if (i32.and (local.get $n) (i32.const 1))
          (then
            (local.set $s (i32.add (local.get $s) (i32.const 1)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $l)))
        (local.set $n (i32.sub (local.get $n) (i32.const 2)))
        (br_if $l (i32.gt_s (local.get $n) (i32.const 0))))
      (local.get $s))`,
    (n) => n & 1,
    (n) => {
      let fuel = 0;
      let left = n;
      for (;;) {
        fuel += 4;
        if ((left & 1) === 1) {
          left--;
          fuel += 4 + 4 + 1;
          continue;
        }
        left -= 2;
        fuel += 4 + 4;
        if (left <= 0) return fuel + 1;
      }
    },
  ],
  [
    "a table of branches, back and out",
    `(func (export "run") (param $n i32) (result i32) (local $i i32)
      (block $out
        (loop $l
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_table $l $out (i32.ge_s (local.get $i) (local.get $n)))))
      (local.get $i))`,
    (n) => Math.max(1, n),
    (n) => Math.max(1, n) * (4 + 3 + 1) + 1,
  ],
  [
    "out by returning",
    `(func (export "run") (param $n i32) (result i32) (local $i i32)
      (loop $l
        (if (i32.eq (local.get $i) (local.get $n)) (then (return (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l))
      (unreachable))`,
    (n) => n,
    (n) => n * (4 + 4 + 1) + 4 + 1,
  ],
];

describe("an unrolled loop", () => {
  it.each(loops.filter(([name]) => !name.includes("table")))(
    "%s: is written several times",
    (_name, text) => {
      const text2 = wat(meter(admit(wasm(`(module ${text})`))).bytes);
      const loopCount = text2.match(/^\s*loop/gm)?.length;
      expect(loopCount).toBe(2);
      const first = /i32\.(?:ge_s|add|and|eq)\b/.exec(text2)?.[0] ?? "";
      expect(text2.split(first).length - 1).toBeGreaterThanOrEqual(4);
    },
  );

  it.each(loops)(
    "%s: costs what it cost before, wherever it ends",
    async (_name, text, result, fuel) => {
      const script = await load(`(module ${text})`);
      for (let n = 0; n <= 13; n++) {
        expect(script.call("run", n)).toMatchObject({
          ok: true,
          value: result(n),
          fuelUsed: fuel(n),
        });
      }
    },
  );

  it.each(loops)("%s: ends below its cost, and not at it", async (_name, text, _result, fuel) => {
    for (let n = 1; n <= 9; n++) {
      const enough = await load(`(module ${text})`, { fuelPerCall: fuel(n) });
      expect(enough.call("run", n)).toMatchObject({ ok: true, fuelUsed: fuel(n) });
      const short = await load(`(module ${text})`, { fuelPerCall: fuel(n) - 1 });
      expect(short.call("run", n)).toMatchObject({ ok: false, fault: { kind: "out-of-fuel" } });
    }
  });

  it("traps at the original's instruction, in whichever copy", () => {
    const text = `(func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (i32.div_u (i32.const 7) (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $l))
      (local.get $s))`;
    const original = wasm(`(module ${text})`);
    const { bytes, offsets } = meter(admit(original));
    verify(bytes);
    const divisions = [...bytes.keys()].filter(
      (at) =>
        bytes[at] === 0x6e &&
        !offsets.isInserted(at) &&
        original[offsets.toOriginal(at) ?? 0] === 0x6e,
    );
    expect(divisions).toHaveLength(4);
    expect(new Set(divisions.map((at) => offsets.toOriginal(at))).size).toBe(1);
  });

  it("leaves alone a loop that is long, or calls the host", () => {
    const count = (body: string, imports = ""): number => {
      const text = `(module ${imports} (func (export "run") (param $n i32)
        (loop $l ${body} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;
      return wat(meter(admit(wasm(text))).bytes).split("i32.eqz").length - 1;
    };
    expect(count("(drop (i32.eqz (local.get $n)))")).toBe(4);
    expect(count("(drop (i32.eqz (local.get $n)))".repeat(200))).toBe(200);
    const host = `(import "h" "f" (func $f))`;
    expect(count("(drop (i32.eqz (local.get $n))) (call $f)", host)).toBe(1);
  });
});
