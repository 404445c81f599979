import { emptyBlockType, Op } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import { driverLocal as local } from "./driver-locals.ts";
import * as sequences from "./sequences.ts";

const i32GeU = 0x4f;
const i32NeOp = 0x47;
const i32MulOp = 0x6c;
const i32DivUOp = 0x6e;

/** Globals that say where a driver is. */
export interface RowGlobals {
  /** The row that runs, as soon as it calls anybody or traps. */
  readonly row: number;
  /** Fuel that the finished rows of the last drive have used, refills left out. */
  readonly used: number;
}

/** Writes how a driver gets from row to row. */
export interface RowLoop {
  /** All that comes before a row. */
  open(): void;
  /** Tells which row it is, and what those before it used: before whatever may leave it. */
  tell(): void;
  /** All that comes behind a row's result, which is the fuel that it has left. That of the last row is in a local then. */
  close(): void;
}

/** Sums up what each row has used. */
export class CountingLoop implements RowLoop {
  readonly #out: ByteWriter;
  readonly #globals: RowGlobals;
  readonly #tellsLate: boolean;

  /** @param tellsLate whether rows tell only where they may be left, and not each when it begins. */
  constructor(out: ByteWriter, globals: RowGlobals, tellsLate: boolean) {
    this.#out = out;
    this.#globals = globals;
    this.#tellsLate = tellsLate;
  }

  open(): void {
    const out = this.#out;
    out.pair(Op.block, emptyBlockType);
    out.pair(Op.loop, emptyBlockType);
    leaveAtEnd(out, 1);
  }

  tell(): void {
    const out = this.#out;
    sequences.get(out, local.from);
    sequences.setGlobal(out, this.#globals.row);
    if (this.#tellsLate) this.#tellUsed();
  }

  #tellUsed(): void {
    sequences.get(this.#out, local.used);
    sequences.setGlobal(this.#out, this.#globals.used);
  }

  close(): void {
    const out = this.#out;
    sequences.set(out, local.left);
    sequences.get(out, local.used);
    sequences.get(out, local.slice);
    out.byte(Op.i32Add);
    sequences.get(out, local.left);
    out.byte(Op.i32Sub);
    if (this.#tellsLate) sequences.set(out, local.used);
    else {
      out.pair(Op.localTee, local.used);
      sequences.setGlobal(out, this.#globals.used);
    }
    sequences.get(out, local.from);
    sequences.constant(out, 1);
    out.byte(Op.i32Add);
    sequences.set(out, local.from);
    sequences.get(out, local.left);
    sequences.constant(out, 0);
    out.byte(Op.i32LtS);
    out.pair(Op.brIf, 1);
    sequences.get(out, local.used);
    sequences.get(out, local.look);
    out.byte(Op.i32LtU);
    out.pair(Op.brIf, 0);
    out.byte(Op.end);
    out.byte(Op.end);
    if (this.#tellsLate) this.#tellUsed();
  }
}

/** Of rows that all use the same: how many may run is known before the first, and nothing is summed up. */
export class SteadyLoop implements RowLoop {
  readonly #out: ByteWriter;
  readonly #globals: RowGlobals;
  readonly #cost: number;

  /** @param cost fuel of a row, 1 at least. */
  constructor(out: ByteWriter, globals: RowGlobals, cost: number) {
    this.#out = out;
    this.#globals = globals;
    this.#cost = cost;
  }

  open(): void {
    const out = this.#out;
    sequences.get(out, local.from);
    sequences.set(out, local.first);
    out.pair(Op.block, emptyBlockType);
    leaveAtEnd(out, 0);
    // Up to the row with which they have used `look`: that divided by the cost, rounded up, and 1 for 0.
    sequences.get(out, local.look);
    sequences.get(out, local.look);
    sequences.constant(out, 0);
    out.byte(i32NeOp);
    out.byte(Op.i32Sub);
    sequences.constant(out, this.#cost);
    out.byte(i32DivUOp);
    sequences.constant(out, 1);
    out.byte(Op.i32Add);
    // The first row is the last where it overdraws its slice.
    sequences.constant(out, 1);
    sequences.get(out, local.slice);
    sequences.constant(out, this.#cost);
    out.byte(Op.i32Sub);
    out.pair(Op.localTee, local.left);
    sequences.constant(out, 0);
    out.byte(Op.i32GeS);
    out.byte(Op.select);
    out.pair(Op.localTee, local.rows);
    sequences.get(out, local.from);
    out.byte(Op.i32Add);
    sequences.get(out, local.to);
    sequences.get(out, local.rows);
    sequences.get(out, local.to);
    sequences.get(out, local.from);
    out.byte(Op.i32Sub);
    out.byte(Op.i32LtU);
    out.byte(Op.select);
    sequences.set(out, local.to);
    out.pair(Op.loop, emptyBlockType);
    // Engines make more of a loop that is left at its top than of one that is at its end.
    leaveAtEnd(out, 1);
  }

  tell(): void {
    sequences.get(this.#out, local.from);
    sequences.setGlobal(this.#out, this.#globals.row);
    this.#tellUsed();
  }

  #tellUsed(): void {
    const out = this.#out;
    sequences.get(out, local.from);
    sequences.get(out, local.first);
    out.byte(Op.i32Sub);
    sequences.constant(out, this.#cost);
    out.byte(i32MulOp);
    sequences.setGlobal(out, this.#globals.used);
  }

  close(): void {
    const out = this.#out;
    out.byte(Op.drop);
    sequences.get(out, local.from);
    sequences.constant(out, 1);
    out.byte(Op.i32Add);
    sequences.set(out, local.from);
    out.pair(Op.br, 0);
    out.byte(Op.end);
    out.byte(Op.end);
    this.#tellUsed();
  }
}

/** Branches out of so many blocks when there is no row left. */
function leaveAtEnd(out: ByteWriter, depth: number): void {
  sequences.get(out, local.from);
  sequences.get(out, local.to);
  out.byte(i32GeU);
  out.pair(Op.brIf, depth);
}
