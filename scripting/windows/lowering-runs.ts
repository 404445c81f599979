import { OffsetMap } from "../metering/offsets.ts";
import { ByteWriter } from "../wasm/writer.ts";

/** A run of lowered code, and the original's offset that it stands for. */
interface Run {
  readonly position: number;
  readonly offset: number;
  readonly copied: boolean;
}

/** Notes which lowered code stands for which original, function by function. */
export class LoweringRuns {
  private readonly runs: Run[] = [];
  private ofBody: Run[] = [];

  /** Starts a function whose code begins at an original offset. */
  begin(codeStart: number): void {
    this.ofBody = [{ position: 0, offset: codeStart, copied: true }];
  }

  /** From here on, bytes are the original's from an offset on. */
  copied(position: number, offset: number): void {
    this.ofBody.push({ position, offset, copied: true });
  }

  /** From here on, bytes stand for the instruction at an original offset. */
  inserted(position: number, offset: number): void {
    this.ofBody.push({ position, offset, copied: false });
  }

  /** Ends a function whose code begins at a position among all bodies. */
  finish(start: number): void {
    for (const run of this.ofBody) this.runs.push({ ...run, position: start + run.position });
  }

  /** @param base where bodies begin in the lowered module. */
  map(base: number): OffsetMap {
    const out = new ByteWriter(4 * this.runs.length + 16);
    let position = 0;
    let offset = 0;
    for (const run of this.runs) {
      out.u32(((run.position - position) << 2) | (run.copied ? 0 : 1));
      out.s32(run.offset - offset);
      position = run.position;
      offset = run.offset;
    }
    return new OffsetMap(out.bytes.slice(0, out.length), base);
  }
}
