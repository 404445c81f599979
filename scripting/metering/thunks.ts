import { pageBytes } from "../admission/admit.ts";
import { InstructionCursor } from "../wasm/instructions.ts";
import type { FuncType, WasmModule } from "../wasm/module.ts";
import { Op } from "../wasm/op.ts";
import { ByteReader } from "../wasm/reader.ts";
import { ByteWriter } from "../wasm/writer.ts";
import { Convention, StopReason } from "./codes.ts";
import { type DriverGlobals, type DriverPlan, writeDriver } from "./driver.ts";
import type { FunctionFacts } from "./facts.ts";
import { InlinedBody, type InlinedPiece } from "./inlined.ts";
import type { Layout, Thunk } from "./layout.ts";
import * as sequences from "./sequences.ts";

/** A function that another one, or part of it, may stand in. Positions are those in {@link ThunkWriter.code}. */
export interface InlinedFunction {
  readonly start: number;
  readonly end: number;
  /** Index of the other one in the original module. */
  readonly callee: number;
  /** By where they begin behind `start`; none where it is called. */
  readonly pieces: readonly InlinedPiece[];
}

/** Writes the functions that a metered module has and the original hadn't. */
export class ThunkWriter {
  private readonly module: WasmModule;
  private readonly facts: FunctionFacts;
  private readonly layout: Layout;
  /** The functions' bodies, sizes included; and where the code of each begins in it. */
  readonly code = new ByteWriter();
  readonly codeStarts: number[] = [];
  /** The drivers, and what stands in them. */
  readonly inlined: InlinedFunction[] = [];
  private readonly out = new ByteWriter(64);

  constructor(module: WasmModule, facts: FunctionFacts, layout: Layout) {
    this.module = module;
    this.facts = facts;
    this.layout = layout;
  }

  /** Writes `begin` and `remaining`. */
  writeOwnFunctions(): void {
    const { out, layout } = this;
    out.clear();
    out.u32(0); // no locals
    sequences.get(out, 1);
    sequences.setGlobal(out, layout.depthGlobal);
    sequences.get(out, 0);
    sequences.setGlobal(out, layout.fuelGlobal);
    sequences.constant(out, StopReason.none);
    sequences.setGlobal(out, layout.stopGlobal);
    this.finishOwn();
    out.clear();
    out.u32(0);
    sequences.getGlobal(out, layout.fuelGlobal);
    this.finishOwn();
  }

  /**
   * Writes what reads the drivers' globals, and a driver for each function of the plan, or two.
   * @param metered the bodies of defined functions, one behind the other.
   */
  writeDrivers(plan: DriverPlan, metered: Uint8Array): void {
    const { out, layout } = this;
    const globals = {
      fuel: layout.fuelGlobal,
      depth: layout.depthGlobal,
      stop: layout.stopGlobal,
      row: layout.rowGlobal,
      used: layout.drivenGlobal,
    };
    for (const global of [globals.row, globals.used]) {
      out.clear();
      out.u32(0);
      sequences.getGlobal(out, global);
      this.finishOwn();
    }
    const { globals: shown, indexMask, inOrderToo } = plan;
    this.writeEachDriver(plan.functions, { globals: shown, indexMask }, globals, metered);
    if (inOrderToo !== true) return;
    this.writeEachDriver(
      plan.functions,
      { globals: shown, indexMask: undefined },
      globals,
      metered,
    );
  }

  private writeEachDriver(
    functions: DriverPlan["functions"],
    rows: Pick<DriverPlan, "globals" | "indexMask">,
    globals: DriverGlobals,
    metered: Uint8Array,
  ): void {
    const { out, layout, facts } = this;
    const outlivesRows = growsMemory(this.module);
    for (const driven of functions) {
      const f = driven.index - this.module.importedFunctionCount;
      const convention = {
        convention: facts.convention[f] as number,
        fixedCost: facts.fixedCost[f] as number,
        deep: facts.deep[f] === 1,
        outlivesRows,
      };
      out.clear();
      const callee = layout.function(driven.index);
      const type = layout.types[layout.definedType(f)] as FuncType;
      const [start, end] = bodyAt(metered, f);
      const inlined = InlinedBody.of(metered, start, end, type, {
        firstParameter: driven.takesSelf ? 1 : 0,
        parameters: driven.pointers.length,
        bytes: (this.module.memories[0]?.min ?? 0) * pageBytes,
      });
      const pieces = writeDriver(out, driven, rows, convention, globals, callee, inlined);
      this.finishOwn();
      const at = this.codeStarts.at(-1) as number;
      this.inlined.push({ start: at, end: this.code.length, callee: driven.index, pieces });
    }
  }

  private finishOwn(): void {
    const { out, code } = this;
    out.byte(Op.end);
    code.u32(out.length);
    this.codeStarts.push(code.length);
    code.append(out);
  }

  /** Writes a thunk: one type outside, the original's convention inside. */
  writeThunk(thunk: Thunk): void {
    this.out.clear();
    this.out.u32(0); // no locals
    if (thunk.kind === "outside") this.outsideThunk(thunk.original);
    else this.tableThunk(thunk.original, thunk.deep);
    this.finishOwn();
  }

  private outsideThunk(original: number): void {
    const { out, facts, layout } = this;
    const f = original - this.module.importedFunctionCount;
    const threaded = f >= 0 && facts.convention[f] === Convention.threaded;
    if (!threaded) {
      sequences.getGlobal(out, layout.fuelGlobal);
      if (f < 0) sequences.getGlobal(out, layout.priceGlobal(original));
      else sequences.constant(out, facts.fixedCost[f] as number);
      out.byte(Op.i32Sub);
      sequences.setGlobal(out, layout.fuelGlobal);
    }
    this.passParameters(original);
    if (threaded) {
      sequences.getGlobal(out, layout.fuelGlobal);
      if (facts.deep[f] === 1) sequences.getGlobal(out, layout.depthGlobal);
    }
    sequences.call(out, layout.function(original));
    if (threaded) sequences.setGlobal(out, layout.fuelGlobal);
  }

  /** Fuel comes and goes as for a threaded function, whatever the original does. */
  private tableThunk(original: number, deep: boolean): void {
    const { out, facts, layout } = this;
    const f = original - this.module.importedFunctionCount;
    const fuel = this.passParameters(original);
    const convention = f < 0 ? Convention.shared : facts.convention[f];
    sequences.get(out, fuel);
    if (convention === Convention.fixed) {
      sequences.constant(out, facts.fixedCost[f] as number);
      out.byte(Op.i32Sub);
      sequences.set(out, fuel);
    } else if (convention === Convention.shared) {
      if (f < 0) {
        sequences.getGlobal(out, layout.priceGlobal(original));
        out.byte(Op.i32Sub);
      }
      sequences.setGlobal(out, layout.fuelGlobal);
      if (f >= 0 && deep && facts.deep[f] === 1) {
        sequences.get(out, fuel + 1);
        sequences.setGlobal(out, layout.depthGlobal);
      }
    }
    sequences.call(out, layout.function(original));
    if (convention === Convention.shared) sequences.getGlobal(out, layout.fuelGlobal);
    if (convention !== Convention.fixed) sequences.set(out, fuel);
    sequences.get(out, fuel);
  }

  /** Returns the local behind the parameters. */
  private passParameters(original: number): number {
    const type = this.module.types[this.module.functionTypes[original] as number] as FuncType;
    for (let i = 0; i < type.params.length; i++) sequences.get(this.out, i);
    return type.params.length;
  }
}

/** Where a body begins, behind its size, and ends. */
function bodyAt(bodies: Uint8Array, n: number): [start: number, end: number] {
  const reader = new ByteReader(bodies);
  for (let left = n; left > 0; left--) {
    const size = reader.u32();
    reader.offset += size;
  }
  const size = reader.u32();
  return [reader.offset, reader.offset + size];
}

/** Only the reason of a `memory.grow` that failed is there to stay: the other one's call traps at once. */
function growsMemory({ bodies, bytes }: WasmModule): boolean {
  const cursor = new InstructionCursor(bytes);
  for (const { codeStart, end } of bodies) {
    cursor.seek(codeStart, end);
    while (!cursor.done) {
      cursor.next();
      if (cursor.op === Op.memoryGrow) return true;
    }
  }
  return false;
}
