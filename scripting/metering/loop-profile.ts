import { Op, ValType } from "../wasm/op.ts";
import type { ByteWriter } from "../wasm/writer.ts";
import { reservedPrefix } from "./protocol.ts";

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
 * Where turns of loops are counted, and the fuel burnt between two passes of a loop's header, by whatever the
 * loop calls included. For debugging: code with it is slower. Its globals come behind the meter's: what
 * was granted, then for each loop its turns, its fuel, and what was used when its header was last passed.
 */
export class LoopProfile {
  loops: readonly ProfiledLoop[] = [];

  /** @param firstGlobal index of the first of its globals. */
  constructor(readonly firstGlobal: number) {}

  get globalCount(): number {
    return 1 + this.loops.length * globalsPerLoop;
  }

  get exportCount(): number {
    return 1 + this.loops.length * 2;
  }

  /** Exported globals, by name: {@link exportCount} of them. */
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

  private turns(loop: number): number {
    return this.firstGlobal + 1 + loop * globalsPerLoop;
  }
}
