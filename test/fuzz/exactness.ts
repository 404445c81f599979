import assert from "node:assert/strict";
import { admit, meter, verify } from "../../scripting/index.ts";
import { answer, type InterpretedEnding, Interpreter } from "./interpreter.ts";
import { type MeteredEnding, MeteredGuest, type Slicing } from "./metered-guest.ts";
import { assemble, globalCount, hostFunctions, type Program } from "./program.ts";

const maxFuel = 20_000;
const maxDepth = 400;
const callDepth = 4_000;

/** Everything that a run leaves behind, besides its end. */
interface Traces {
  readonly globals: readonly number[];
  readonly log: readonly number[];
  readonly memory: Buffer;
}

/** Counts of the budgets that finished programs were given, and of those that had to stop them. */
export interface Budgets {
  budgets: number;
  stops: number;
}

/** Plenty at once, nothing at all, one by one, and odd ones. */
const slicings: readonly Slicing[] = [
  () => 1 << 20,
  () => 0,
  () => 1,
  (used) => (used * 7919) % 97,
];

/**
 * Holds a metered program against the interpreter: charged is exactly what was executed, and a
 * budget stops it if and only if it is below that, whatever the slices.
 * @param tried counts what was tried.
 * @returns how the interpreter ended.
 * @throws AssertionError when they differ.
 */
export function checkExact(
  program: Program,
  tried: Budgets = { budgets: 0, stops: 0 },
): InterpretedEnding["kind"] {
  const args = Array.from({ length: program.functions[0]?.params ?? 0 }, (_, i) => i * 3 + 1);
  const interpreter = new Interpreter(program, maxFuel, maxDepth);
  const expected = interpreter.run(args);
  const { fuel } = interpreter;
  const traces: Traces = {
    globals: [...interpreter.globals],
    log: interpreter.log,
    memory: Buffer.from(interpreter.memory),
  };
  const { bytes } = meter(admit(assemble(program)));
  verify(bytes);
  const compiled = new WebAssembly.Module(bytes as BufferSource);
  for (const slicing of slicings) {
    const at = (budget: number): [MeteredEnding, Traces] => run(compiled, args, budget, slicing);
    if (expected.kind === "finished") checkFinished(at, expected, fuel, traces, tried);
    else if (expected.kind === "trap") checkTrapped(at, fuel, traces);
    else if (fuel > maxFuel) assert.notEqual(at(maxFuel)[0].kind, "finished");
  }
  return expected.kind;
}

type At = (budget: number) => [MeteredEnding, Traces];

function checkFinished(
  at: At,
  expected: InterpretedEnding,
  fuel: number,
  traces: Traces,
  tried: Budgets,
): void {
  for (const budget of budgetsFor(fuel)) {
    const [ending, left] = at(budget);
    tried.budgets++;
    if (budget < fuel) {
      tried.stops++;
      assert.equal(ending.kind, "out-of-fuel", `a budget of ${budget}, the cost being ${fuel}`);
      continue;
    }
    assert.deepEqual(ending, { ...expected, fuel }, `a budget of ${budget}`);
    assert.deepEqual(left, traces);
  }
}

/** What is charged in advance for code behind a trap may stop a call before it. */
function checkTrapped(at: At, fuel: number, traces: Traces): void {
  assert.notEqual(at(fuel)[0].kind, "finished");
  const [ending, left] = at(fuel + 10 * maxFuel);
  assert.equal(ending.kind, "trap");
  assert.deepEqual(left, traces);
}

/** Budgets around and below a cost. */
function budgetsFor(fuel: number): number[] {
  const parts = [0.25, 0.5, 0.75, 0.9].map((part) => Math.floor(fuel * part));
  return [...new Set([0, 1, ...parts, fuel - 1, fuel, fuel + 1])].filter((b) => b >= 0);
}

function run(
  compiled: WebAssembly.Module,
  args: readonly number[],
  budget: number,
  slicing: Slicing,
): [MeteredEnding, Traces] {
  const log: number[] = [];
  const h = {
    tick: (argument: number) => {
      log.push(0, argument);
      return answer(argument);
    },
    note: () => {
      log.push(1, 0);
    },
  };
  const prices = hostFunctions.map((f) => f.price);
  const guest = new MeteredGuest(compiled, { h }, prices);
  const ending = guest.call("run", args, budget, slicing, callDepth);
  const globals = Array.from(
    { length: globalCount },
    (_, i) => (guest.exports[`g${i}`] as WebAssembly.Global).value as number,
  );
  const memory = Buffer.from((guest.exports["memory"] as WebAssembly.Memory).buffer);
  return [ending, { globals, log, memory }];
}
