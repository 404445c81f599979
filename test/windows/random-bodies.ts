import fc from "fast-check";

/**
 * Statements of a function `(param $in i32) (local $x i32) (local $n i32)`, which does what the lowest {@link inputBits} of
 * its parameter say. Every one ends.
 */
export const inputBits = 5;

const bit = fc.integer({ min: 0, max: inputBits - 1 });
const test = (n: number): string => `(i32.and (local.get $in) (i32.const ${1 << n}))`;

const work = fc.constantFrom(
  "(local.set $x (i32.add (local.get $x) (i32.const 1)))",
  "(local.set $x (i32.mul (local.get $x) (i32.const 3)))",
  "(drop (i32.const 1))",
  "(global.set $g (local.get $x))",
  "(call $plain)",
  "nop",
);
const refuse = "(call $refuse (local.get $x) (i32.const 1)) unreachable";
const asks = fc.constantFrom(
  "(local.set $x (call $ask (i32.const 1)))",
  "(call $uneven (local.get $in))",
  "(local.set $n (i32.const 2)) (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
);

/** @param labels how many blocks the statement stands in. */
function statement(depth: number, labels: number): fc.Arbitrary<string> {
  const inner = (): fc.Arbitrary<string> => statements(depth - 1, labels + 1);
  const leaf = [
    { weight: 10, arbitrary: work },
    { weight: 2, arbitrary: bit.map((n) => `(if ${test(n)} (then ${refuse}))`) },
    { weight: 1, arbitrary: bit.map((n) => `(if ${test(n)} (then return))`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(bit, fc.integer({ min: 0, max: labels }))
        .map(([n, label]) => `(br_if ${label} ${test(n)})`),
    },
    { weight: 1, arbitrary: asks },
  ];
  if (depth === 0) return fc.oneof(...leaf);
  return fc.oneof(
    ...leaf,
    {
      weight: 3,
      // Arms that do the same.
      arbitrary: fc
        .tuple(bit, inner())
        .map(([n, arm]) => `(if ${test(n)} (then ${arm}) (else ${arm}))`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(bit, inner(), inner())
        .map(([n, one, other]) => `(if ${test(n)} (then ${one}) (else ${other}))`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(bit, inner(), fc.boolean())
        .map(([n, arm, first]) =>
          first
            ? `(if ${test(n)} (then ${arm} ${refuse}))`
            : `(if ${test(n)} (then ${arm}) (else ${refuse}))`,
        ),
    },
    { weight: 2, arbitrary: inner().map((code) => `(block ${code})`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(bit, statements(depth - 1, labels + 2), inner())
        .map(
          ([n, code, behind]) =>
            `(block (block ${code} (br_table 0 1 0 (i32.shr_u (local.get $in) (i32.const ${n})))) ${behind})`,
        ),
    },
  );
}

function statements(depth: number, labels: number): fc.Arbitrary<string> {
  return fc
    .array(statement(depth, labels), { minLength: 0, maxLength: 4 })
    .map((all) => all.join("\n"));
}

/** A module whose function "f", the fourth, is one of such statements, and can be refused. */
export const randomModules: fc.Arbitrary<string> = statements(3, 0).map(
  (code) => `(module
  (import "h" "refuse" (func $refuse (param i32 i32)))
  (import "h" "ask" (func $ask (param i32) (result i32)))
  (memory (export "m") 1) (global $g (mut i32) (i32.const 0))
  (func $plain (global.set $g (i32.const 5)))
  (func $uneven (param i32) (if (local.get 0) (then (global.set $g (i32.const 1)))))
  (func (export "f") (param $in i32) (local $x i32) (local $n i32)
    (if (i32.eq (local.get $in) (i32.const -1)) (then ${refuse}))
    ${code}))`,
);
