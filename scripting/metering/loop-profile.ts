import { Op, ValType } from "../wasm/opcodes.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import { reservedPrefix } from "./protocol.ts";
import * as sequences from "./sequences.ts";

/** Exported `mut i64` global: all fuel that was granted to the call so far; the host keeps it. */
export const grantedExport = `${reservedPrefix}granted`;

/** Exported `mut i64` globals: how often the n-th loop was gone round, and what that has burnt. */
export function turnsExport(loop: number): string {
  return `${reservedPrefix}turns:${loop}`;
}
export function loopFuelExport(loop: number): string {
  return `${reservedPrefix}loop-fuel:${loop}`;
}

/** A loop whose turns are counted. */
export interface ProfiledLoop {
  /** Function that it is in, and offset of its `loop` instruction, in the original module. */
  readonly functionIndex: number;
  readonly offset: number;
}

const globalsPerLoop = 3;

/**
 * Counts turns of loops, and the fuel burnt between two passes of a loop's header, by whatever the
 * loop calls included. For debugging: code with it is slower. Its globals come behind the meter's.
 */
export class LoopProfile {
  readonly loops: ProfiledLoop[] = [];

  /** @param firstGlobal index of the first of its globals. */
  constructor(private readonly firstGlobal: number) {}

  get globalCount(): number {
    return 1 + this.loops.length * globalsPerLoop;
  }

  /** Exported globals, by name. */
  *exports(): Iterable<[name: string, global: number]> {
    yield [grantedExport, this.firstGlobal];
    for (const loop of this.loops.keys()) {
      yield [turnsExport(loop), this.turns(loop)];
      yield [loopFuelExport(loop), this.turns(loop) + 1];
    }
  }

  /** Writes the globals' entries: all `mut i64`, 0. */
  writeGlobals(w: ByteWriter): void {
    for (let i = 0; i < this.globalCount; i++) {
      w.byte(ValType.i64);
      w.byte(1);
      w.pair(Op.i64Const, 0);
      w.byte(Op.end);
    }
  }

  /** In front of a loop: what was used by now isn't its own. Returns the loop's number. */
  enter(w: ByteWriter, loop: ProfiledLoop, fuelLocal: number): number {
    const n = this.loops.push(loop) - 1;
    this.used(w, fuelLocal);
    sequences.setGlobal(w, this.mark(n));
    return n;
  }

  /** At the header: another turn begins, and what was used since the last time is the loop's. */
  turn(w: ByteWriter, n: number, fuelLocal: number): void {
    sequences.getGlobal(w, this.turns(n));
    w.pair(Op.i64Const, 1);
    w.byte(Op.i64Add);
    sequences.setGlobal(w, this.turns(n));
    sequences.getGlobal(w, this.turns(n) + 1);
    this.used(w, fuelLocal);
    w.byte(Op.i64Add);
    sequences.getGlobal(w, this.mark(n));
    w.byte(Op.i64Sub);
    sequences.setGlobal(w, this.turns(n) + 1);
    this.used(w, fuelLocal);
    sequences.setGlobal(w, this.mark(n));
  }

  /** All fuel that the call has used by now. */
  private used(w: ByteWriter, fuelLocal: number): void {
    sequences.getGlobal(w, this.firstGlobal);
    sequences.get(w, fuelLocal);
    w.byte(Op.i64ExtendI32S);
    w.byte(Op.i64Sub);
  }

  private turns(loop: number): number {
    return this.firstGlobal + 1 + loop * globalsPerLoop;
  }

  private mark(loop: number): number {
    return this.turns(loop) + 2;
  }
}
