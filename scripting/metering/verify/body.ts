import { VerifyError } from "../../errors.ts";
import { type Body, ExternKind, type WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import { countedCheckLength, isCountedCheck } from "./counting.ts";
import { DepthReaders } from "./depth.ts";
import { BodyFlow } from "./flow.ts";
import { type FuelHolder, noFuel, readClaims } from "./holders.ts";
import { hasLength } from "./lengths.ts";
import { isCheck, Listing } from "./listing.ts";
import { CallOrder } from "./order.ts";
import { InstructionRules } from "./rules.ts";
import { Stretches } from "./stretches.ts";
import { hostHandlesFunctions, TableConvention } from "./tables.ts";
import { isOwnFunction, strayInThunk, usesFuelGlobal } from "./thunks.ts";
import type { MeterIndices } from "./verify.ts";

/**
 * Verifies every function, callees first, so that what a callee leaves unchecked is known to its
 * callers.
 */
export function verifyBodies(module: WasmModule, meter: MeterIndices): void {
  const holders = readClaims(module);
  const imported = module.importedFunctionCount;
  const exported = module.exports.filter((e) => e.kind === ExternKind.func).map((e) => e.index);
  for (const index of exported) {
    if (holders[index - imported]?.threaded) {
      throw new VerifyError(index, 0, "takes fuel as a parameter, yet can be reached from outside");
    }
  }
  const references = new Set(module.functionUses.map((u) => u.functionIndex));
  // A host that handles function references may put any exported one into a table.
  const hostHandles = hostHandlesFunctions(module);
  const reachable = hostHandles ? [...references, ...exported] : references;
  const order = new CallOrder(module, reachable, holders);
  const tables = new TableConvention(module, hostHandles);
  for (const index of references) tables.add(index, holders[index - imported]);
  const verifier = new BodyVerifier(module, meter, holders, order, tables, references);
  for (const f of order.sequence) verifier.run(f);
}

/** What is to be looked at, by one-byte opcode. */
const Look = { never: 0, local: 1, flow: 2, rules: 3, both: 4 } as const;

const looks: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (let op = 0; op <= Op.returnCallIndirect; op++) table[op] = Look.flow;
  table[Op.drop] = Look.flow;
  for (const op of [Op.localGet, Op.localSet, Op.localTee]) table[op] = Look.local;
  for (const op of [Op.globalSet, Op.globalGet, Op.refFunc, Op.memoryGrow]) table[op] = Look.rules;
  for (const op of [Op.call, Op.callIndirect, Op.returnCall, Op.returnCallIndirect, Op.return]) {
    table[op] = Look.both;
  }
  return table;
})();

class BodyVerifier {
  private readonly l: Listing;
  private readonly rules: InstructionRules;
  private readonly flow: BodyFlow;
  private readonly depthReaders: DepthReaders;

  constructor(
    private readonly module: WasmModule,
    private readonly meter: MeterIndices,
    private readonly holders: readonly FuelHolder[],
    order: CallOrder,
    tables: TableConvention,
    references: ReadonlySet<number>,
  ) {
    const imported = module.importedFunctionCount;
    this.l = new Listing(module.bytes);
    this.depthReaders = new DepthReaders(order, imported, holders);
    const { l, depthReaders } = this;
    const rules = new InstructionRules(
      module,
      meter,
      holders,
      l,
      order,
      tables,
      depthReaders,
      references,
    );
    this.rules = rules;
    this.flow = new BodyFlow(
      l,
      meter.refill,
      new Stretches(order),
      order,
      imported,
      (index) => this.holderOf(index).fuel >= 0,
      (i, message) => rules.fail(i, message),
    );
  }

  private holderOf(functionIndex: number): FuelHolder {
    return this.holders[functionIndex - this.module.importedFunctionCount] ?? noFuel;
  }

  /** Verifies defined function `f`. */
  run(f: number): void {
    const { l, meter, rules, flow } = this;
    const index = f + this.module.importedFunctionCount;
    l.read(this.module.bodies[f] as Body);
    rules.begin(f);
    if (index === meter.begin || index === meter.remaining) {
      if (!isOwnFunction(l, meter, index)) rules.fail(0, "not the meter's own function");
      return;
    }
    const holder = this.holderOf(index);
    const isThunk = holder.fuel < 0 && usesFuelGlobal(l, meter);
    if (isThunk) {
      const stray = strayInThunk(l, meter, this.module, f, (i) => this.holderOf(i));
      if (stray >= 0) rules.fail(stray, "neither a thunk nor a metered function");
    }
    flow.begin(f, holder.fuel);
    if (isThunk) {
      this.passThunk(f);
      flow.finish();
      return;
    }
    this.pass(holder);
    flow.finish();
    rules.finish();
  }

  private pass(holder: FuelHolder): void {
    const { l, rules, flow } = this;
    const { ops, a } = l;
    const { refill } = this.meter;
    let plain = 0; // Instructions since the last one that the flow was shown; they only count.
    for (let i = 0; i < l.length; i++) {
      const op = ops[i] as number;
      const look = op < 0x100 ? (looks[op] as number) : lookOfPrefixed(op);
      if (look === Look.never) {
        plain++;
        continue;
      }
      if (look === Look.local) {
        const local = a[i] as number;
        if (op === Op.localGet) {
          if (local === holder.depth && isCountedCheck(l, i, holder, this.meter)) {
            flow.count(i, plain);
            plain = 0;
            flow.countedCheck();
            i += countedCheckLength - 1;
            continue;
          }
          if (local === holder.fuel && isCheck(l, i, local, refill)) {
            flow.count(i, plain);
            plain = 0;
            flow.check();
            i += 7;
            continue;
          }
        } else if (local === holder.fuel) {
          const charges = isCharge(l, i, local);
          if (charges) flow.charge();
          if (!charges || op === Op.localTee) rules.instruction(i);
        } else if (local === holder.depth) rules.instruction(i);
        plain++;
        continue;
      }
      if (look === Look.rules) {
        rules.instruction(i);
        plain++;
        continue;
      }
      if (plain > 0) flow.count(i, plain);
      plain = 0;
      if (look === Look.both) rules.instruction(i);
      flow.instruction(i);
      if (flow.done && i < l.length - 1) rules.fail(i + 1, "code behind the function's end");
    }
    if (!flow.done) rules.fail(l.length - 1, "the function doesn't end");
  }

  /** Of a thunk every instruction is known; it reads the depth if it says so, or if what it calls does. */
  private passThunk(f: number): void {
    const { l, rules, flow, depthReaders } = this;
    for (let i = 0; i < l.length; i++) {
      if (l.is(i, Op.call)) rules.called(i);
      if (l.is(i, Op.globalGet, this.meter.depth) || depthReaders.isCalledAt(l, i)) {
        depthReaders.add(f);
      }
      flow.instruction(i);
    }
  }
}

function lookOfPrefixed(op: number): number {
  return op < 0xfd0000 && hasLength(op) ? Look.rules : Look.never;
}

/** Whether the `local.set` or `local.tee` at `i` takes at least 1 from the fuel. */
function isCharge(l: Listing, i: number, fuel: number): boolean {
  return (
    l.is(i - 1, Op.i32Sub) &&
    l.is(i - 2, Op.i32Const) &&
    (l.a[i - 2] as number) >= 1 &&
    l.is(i - 3, Op.localGet, fuel)
  );
}
