import type { FaultKind, HostContext, Linker, ResourceLimits } from "../../scripting/index.ts";

/** A module that is admitted, and how the call of its `run` is stopped. */
export interface StoppedModule {
  readonly what: string;
  readonly text: string;
  readonly kind: FaultKind;
  readonly limits?: Partial<ResourceLimits>;
  /** Stopped while it is loaded, in its top-level code. */
  readonly atStart?: boolean;
}

/** Host functions for them to misuse. */
export function linkVictims(linker: Linker): Linker {
  const none = { params: [], results: [], fuel: 10 } as const;
  let view: Uint8Array = new Uint8Array();
  return linker
    .func("h", "nop", none, () => {})
    .func("h", "rare", { ...none, perCall: 3 }, () => {})
    .func("h", "throws", none, () => {
      throw new Error("the host's own business");
    })
    .func("h", "overflows", none, function overflow(): void {
      overflow();
    })
    .func("h", "wrong", { params: [], results: ["i32"], fuel: 10 }, () => "text" as never)
    .func("h", "again", none, (ctx: HostContext) => void ctx.script.call("run"))
    .func("h", "swallows", none, (ctx: HostContext) => {
      try {
        ctx.charge(1e12);
      } catch {}
    })
    .func("h", "text", { params: ["i32"], results: [], fuel: 10 }, (ctx, at) => {
      ctx.readString(at);
    })
    .func("h", "bytes", { params: ["i32", "i32"], results: [], fuel: 10 }, (ctx, at, length) => {
      ctx.bytes(at, length);
    })
    .func("h", "float", { params: ["f64"], results: [], fuel: 10 }, () => {})
    .func("h", "hold", none, (ctx) => {
      view = ctx.memory;
    })
    .func("h", "use", { params: [], results: ["i32"], fuel: 10 }, () => view[0] ?? -1)
    .memory("env", "memory");
}

const host = (name: string, type = ""): string => `(import "h" "${name}" (func $${name} ${type}))`;
const run = (body: string, before = ""): string =>
  `(module ${before} (func $run (export "run") ${body}))`;

/** Functions of which each calls the one below `width` times. */
function callTree(depth: number, width: number): string {
  const functions = Array.from(
    { length: depth },
    (_, i) => `(func $f${i + 1} ${`(call $f${i})`.repeat(width)})`,
  );
  return `(func $f0) ${functions.join(" ")}`;
}

const deadline = { fuelPerCall: Infinity, callTimeMs: 5 };

export const stoppedModules: readonly StoppedModule[] = [
  { what: "an endless loop", text: run("(loop (br 0))"), kind: "out-of-fuel" },
  {
    what: "an endless loop without a limit on fuel",
    text: run("(loop (br 0))"),
    kind: "deadline",
    limits: deadline,
  },
  {
    what: "a loop that goes round through a block",
    text: run("(loop $l (block (br $l)))"),
    kind: "out-of-fuel",
  },
  {
    what: "a loop that goes round through a branch table",
    text: run("(loop $l (br_table $l $l $l (i32.const 7)))"),
    kind: "out-of-fuel",
  },
  {
    what: "a loop that hands a value round",
    text: run("(i32.const 1) (loop $l (param i32) (br $l))"),
    kind: "out-of-fuel",
  },
  {
    what: "loops within loops within loops",
    text: run("(loop $a (loop $b (loop $c (br_if $c (i32.const 1)) (br $b)) (br $a)))"),
    kind: "out-of-fuel",
  },
  { what: "endless recursion", text: run("(call $run)"), kind: "stack-overflow" },
  {
    what: "recursion of two",
    text: run("(call $other)", "(func $other (call $run))"),
    kind: "stack-overflow",
  },
  {
    what: "recursion through a table",
    text: run("(call_indirect (i32.const 0))", "(table funcref (elem $run))"),
    kind: "stack-overflow",
  },
  {
    what: "recursion of large frames",
    text: run(
      `(local ${"i64 ".repeat(2_000)}) (call $run) ${Array.from({ length: 2_000 }, (_, i) => `(local.set ${i} (i64.const 1))`).join("")}`,
    ),
    kind: "stack-overflow",
    limits: { callDepth: 2_500 },
  },
  {
    what: "recursion that ends in a host call",
    text: run("(call $run) (call $nop)", host("nop")),
    kind: "stack-overflow",
  },
  {
    what: "recursion that calls the host in every frame",
    text: run("(call $nop) (call $run)", host("nop")),
    kind: "stack-overflow",
  },
  { what: "endless tail calls", text: run("(return_call $run)"), kind: "out-of-fuel" },
  {
    what: "endless tail calls through a table",
    text: run("(return_call_indirect (i32.const 0))", "(table funcref (elem $run))"),
    kind: "out-of-fuel",
  },
  {
    what: "sixteen functions that call the one below four times",
    text: run("(call $f16)", callTree(16, 4)),
    kind: "out-of-fuel",
  },
  {
    what: "thirty functions that call the one below twice, against the clock",
    text: run("(call $f30)", callTree(30, 2)),
    kind: "deadline",
    limits: deadline,
  },
  {
    what: "ten thousand locals, over and over",
    text: run("(loop (call $wide) (br 0))", `(func $wide (local ${"i64 ".repeat(10_000)}))`),
    kind: "out-of-fuel",
    limits: { functionBytes: 1 << 20 },
  },
  {
    what: "fills of all its memory, over and over",
    text: run(
      "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576)) (br 0))",
      "(memory 16)",
    ),
    kind: "deadline",
    limits: { ...deadline, memoryBytes: 1 << 20 },
  },
  {
    what: "a fill that its fuel doesn't pay for",
    text: run("(memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576))", "(memory 16)"),
    kind: "out-of-fuel",
    limits: { fuelPerCall: 10_000 },
  },
  {
    what: "a copy of four thousand million bytes",
    text: run("(memory.copy (i32.const 0) (i32.const 0) (i32.const -1))", "(memory 1)"),
    kind: "out-of-fuel",
  },
  {
    what: "a copy of four thousand million bytes that there is no time for",
    text: run("(memory.copy (i32.const 0) (i32.const 0) (i32.const -1))", "(memory 1)"),
    kind: "deadline",
    limits: { fuelPerCall: Infinity },
  },
  {
    what: "a copy of four thousand million bytes that it hasn't got",
    text: run("(memory.copy (i32.const 0) (i32.const 0) (i32.const -1))", "(memory 1)"),
    kind: "trap",
    limits: { fuelPerCall: Infinity, callTimeMs: Infinity },
  },
  {
    what: "a frame of fifty thousand locals",
    text: run(`(local ${"i64 ".repeat(49_000)}) (call $run)`),
    kind: "stack-overflow",
    limits: { functionBytes: 1 << 20 },
  },
  {
    what: "tables filled over and over",
    text: run(
      "(loop (table.fill 0 (i32.const 0) (ref.null func) (i32.const 10000)) (br 0))",
      "(table 10000 funcref)",
    ),
    kind: "out-of-fuel",
  },
  {
    what: "attempts to grow memory, over and over",
    text: run("(loop (drop (memory.grow (i32.const 65535))) (br 0))", "(memory 1)"),
    kind: "out-of-fuel",
  },
  {
    what: "memory grown as far as it goes, and written behind that",
    text: run(
      `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
       (i32.store (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))`,
      "(memory 1)",
    ),
    kind: "memory-limit",
    limits: { memoryBytes: 4 * 65_536 },
  },
  { what: "an unreachable", text: run("(unreachable)"), kind: "trap" },
  {
    what: "a division by zero",
    text: run("(drop (i32.div_s (i32.const 1) (i32.const 0)))"),
    kind: "trap",
  },
  {
    what: "a division that overflows",
    text: run("(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))"),
    kind: "trap",
  },
  {
    what: "a NaN as an integer",
    text: run("(drop (i32.trunc_f64_s (f64.const nan:0xfffffffffffff)))"),
    kind: "trap",
  },
  {
    what: "a write in front of its memory",
    text: run("(i64.store (i32.const -8) (i64.const 1))", "(memory 1)"),
    kind: "trap",
  },
  {
    what: "a write far behind its memory",
    text: run("(i32.store offset=4294967295 (i32.const -1) (i32.const 1))", "(memory 1)"),
    kind: "trap",
  },
  {
    what: "a call of an empty table entry",
    text: run("(call_indirect (i32.const 1))", "(table 2 funcref)"),
    kind: "trap",
  },
  {
    what: "a call behind a table's end",
    text: run("(call_indirect (i32.const -1))", "(table 2 funcref)"),
    kind: "trap",
  },
  {
    what: "a call of another type than the table holds",
    text: run(
      "(call_indirect (param i32) (i32.const 5) (i32.const 0))",
      "(table funcref (elem $run))",
    ),
    kind: "trap",
  },
  {
    what: "host calls without end",
    text: run("(loop (call $nop) (br 0))", host("nop")),
    kind: "out-of-fuel",
  },
  {
    what: "more host calls than it has",
    text: run("(loop (call $nop) (br 0))", host("nop")),
    kind: "host-call-limit",
    limits: { hostCallsPerCall: 100 },
  },
  {
    what: "more calls of one host function than that allows",
    text: run("(loop (call $rare) (br 0))", host("rare")),
    kind: "host-call-limit",
  },
  {
    what: "a host function that throws",
    text: run("(call $throws)", host("throws")),
    kind: "host-error",
  },
  {
    what: "a host function that runs out of stack",
    text: run("(call $overflows)", host("overflows")),
    kind: "stack-overflow",
  },
  {
    what: "a host function that returns something else",
    text: run("(drop (call $wrong))", host("wrong", "(result i32)")),
    kind: "host-error",
  },
  {
    what: "host and guest that call each other",
    text: run("(call $again)", host("again")),
    kind: "stack-overflow",
  },
  {
    what: "a loop behind a host function that swallowed the stop",
    text: run("(call $swallows) (loop (br 0))", host("swallows")),
    kind: "out-of-fuel",
  },
  ...[0, 4, 7, 65_528, 65_535, 65_536, 0x7fff_ffff, -1, -4].map(
    (at): StoppedModule => ({
      what: `a string at ${at}`,
      text: run(`(call $text (i32.const ${at}))`, `${host("text", "(param i32)")} (memory 1)`),
      kind: "host-error",
    }),
  ),
  {
    what: "a string whose length goes on behind its memory",
    text: run(
      "(call $text (i32.const 16))",
      `${host("text", "(param i32)")} (memory 1) (data (i32.const 8) "\\02\\00\\00\\00\\ff\\ff\\ff\\7f")`,
    ),
    kind: "host-error",
  },
  {
    what: "a string longer than a payload",
    text: run(
      "(call $text (i32.const 16))",
      `${host("text", "(param i32)")} (memory 1) (data (i32.const 8) "\\02\\00\\00\\00\\00\\10\\00\\00")`,
    ),
    kind: "host-error",
    limits: { payloadBytes: 100 },
  },
  ...[
    [0, -1],
    [-1, 1],
    [65_536, 1],
    [65_000, 1_000],
    [0x7fff_ffff, 0x7fff_ffff],
  ].map(
    ([at, length]): StoppedModule => ({
      what: `a buffer of ${length} bytes at ${at}`,
      text: run(
        `(call $bytes (i32.const ${at}) (i32.const ${length}))`,
        `${host("bytes", "(param i32 i32)")} (memory 1)`,
      ),
      kind: "host-error",
    }),
  ),
  ...["nan", "nan:0x4000000000001", "-nan", "inf", "-inf"].map(
    (value): StoppedModule => ({
      what: `${value} as a number`,
      text: run(`(call $float (f64.const ${value}))`, host("float", "(param f64)")),
      kind: "host-error",
    }),
  ),
  {
    what: "an abort with pointers to nowhere",
    text: run(
      "(call $abort (i32.const -4) (i32.const 2147483647) (i32.const -1) (i32.const -1))",
      `(import "env" "abort" (func $abort (param i32 i32 i32 i32)))`,
    ),
    kind: "abort",
  },
  {
    what: "traces without end",
    text: run(
      "(loop (call $trace (i32.const 0) (i32.const 2147483647) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0)) (br 0))",
      `(import "env" "trace" (func $trace (param i32 i32 f64 f64 f64 f64 f64)))`,
    ),
    kind: "host-call-limit",
    limits: { hostCallsPerCall: 50 },
  },
  {
    what: "memory that grows while the host holds on to it",
    text: run(
      "(call $hold) (drop (memory.grow (i32.const 1))) (if (i32.ne (call $use) (i32.const -1)) (then (return))) (unreachable)",
      `${host("hold")} ${host("use", "(result i32)")} (memory 1)`,
    ),
    kind: "trap",
  },
  {
    what: "a start that never ends",
    text: `(module (func $s (loop (br 0))) (start $s) (func (export "run")))`,
    kind: "out-of-fuel",
    atStart: true,
  },
  {
    what: "a start that recurses",
    text: `(module (func $s (call $s)) (start $s) (func (export "run")))`,
    kind: "stack-overflow",
    atStart: true,
  },
  {
    what: "a start that traps",
    text: `(module (start $s) (func $s unreachable) (func (export "run")))`,
    kind: "trap",
    atStart: true,
  },
  {
    what: "a start that floods the host",
    text: `(module ${host("nop")} (func $s (loop (call $nop) (br 0))) (start $s) (func (export "run")))`,
    kind: "host-call-limit",
    limits: { hostCallsPerCall: 100 },
    atStart: true,
  },
  {
    what: "data that don't fit its memory",
    text: `(module (memory 1) (data (i32.const 65533) "four") (func (export "run")))`,
    kind: "trap",
    atStart: true,
  },
  {
    what: "elements that don't fit its table",
    text: `(module (table 1 funcref) (elem (i32.const 1) $f) (func $f (export "run")))`,
    kind: "trap",
    atStart: true,
  },
];
