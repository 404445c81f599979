import type { HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import { hostModule } from "./define.ts";
import { hostPrices } from "./prices.ts";

export type LogLevel = "info" | "warn";

/** One line that a script has logged. */
export interface LogLine {
  readonly script: string;
  /** The entity whose call logged it; 0 when the call was about none. */
  readonly entity: number;
  readonly level: LogLevel;
  readonly text: string;
}

interface Quota {
  lines: number;
  dropped: number;
}

/**
 * Takes scripts' log lines: so many of each script a frame, further ones are dropped and counted.
 * A line stays logged when its call is stopped afterwards; it may be what explains the stop.
 */
export class ScriptLog {
  readonly #linesPerFrame: number;
  readonly #onLine: (line: LogLine) => void;
  readonly #quotas = new Map<string, Quota>();

  constructor(linesPerFrame: number, onLine: (line: LogLine) => void) {
    this.#linesPerFrame = linesPerFrame;
    this.#onLine = onLine;
  }

  /** Drops lines without another word: those of calls that are made again. */
  muted = false;
  #savedLines = 0;
  #savedDropped = 0;
  /** Lines since {@link save}: of calls that may have to be made again in a later frame. */
  readonly #held: LogLine[] = [];
  #holds = false;
  #hidden = { lines: 0, dropped: 0, muted: false };

  /** Notes what a script has logged so far, for {@link restore}, and holds its lines back until {@link release}. */
  save(script: string): void {
    this.release();
    const quota = this.#quotaOf(script);
    this.#savedLines = quota.lines;
    this.#savedDropped = quota.dropped;
    this.#holds = true;
  }

  /** What a script has logged since {@link save} doesn't count. */
  restore(script: string): void {
    const quota = this.#quotaOf(script);
    quota.lines = this.#savedLines;
    quota.dropped = this.#savedDropped;
  }

  /** Passes on the lines that were held back. */
  release(): void {
    const held = this.#held;
    for (const line of held) this.#onLine(line);
    // To set an array's length takes its time.
    if (held.length > 0) held.length = 0;
    this.#holds = false;
  }

  /** Drops the lines that were held back, but those of some entities' calls. */
  keepHeld(isKept: (entity: number) => boolean): void {
    const kept = this.#held.filter(({ entity }) => isKept(entity));
    this.#held.length = 0;
    this.#held.push(...kept);
  }

  /** Lines of a script are dropped and don't count, until {@link show}. */
  hide(script: string): void {
    const { lines, dropped } = this.#quotaOf(script);
    this.#hidden = { lines, dropped, muted: this.muted };
    this.muted = true;
  }

  /** Ends {@link hide}. */
  show(script: string): void {
    const { lines, dropped, muted } = this.#hidden;
    const quota = this.#quotaOf(script);
    quota.lines = lines;
    quota.dropped = dropped;
    this.muted = muted;
  }

  /** Whether a script may log another line in this frame; when not, the line counts as dropped. */
  admits(script: string): boolean {
    const quota = this.#quotaOf(script);
    if (quota.lines < this.#linesPerFrame) return true;
    quota.dropped++;
    return false;
  }

  write(line: LogLine): void {
    this.#quotaOf(line.script).lines++;
    if (this.muted) return;
    if (this.#holds) this.#held.push(line);
    else this.#onLine(line);
  }

  /** Lines of a script that were dropped so far. */
  droppedOf(script: string): number {
    return this.#quotas.get(script)?.dropped ?? 0;
  }

  /** A new frame: every script may log again. */
  beginFrame(): void {
    for (const quota of this.#quotas.values()) quota.lines = 0;
  }

  /** Forgets a script that was unloaded. */
  forget(script: string): void {
    this.#quotas.delete(script);
  }

  #quotaOf(script: string): Quota {
    let quota = this.#quotas.get(script);
    if (quota === undefined) {
      quota = { lines: 0, dropped: 0 };
      this.#quotas.set(script, quota);
    }
    return quota;
  }
}

/** Host functions of module "log". */
export function linkLog(linker: Linker, log: ScriptLog): void {
  const define = hostModule(linker, "log");
  const fuelPerByte = hostPrices["log.byte"].fuel;
  for (const level of ["info", "warn"] as const) {
    const write: HostFunction = (ctx, pointer) => {
      const script = ctx.script.name;
      if (!log.admits(script)) return;
      const text = ctx.readString(pointer);
      log.write({ script, entity: ctx.entity, level, text });
    };
    define(level, ["i32"], [], write, { fuelPerByte });
  }
}
