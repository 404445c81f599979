import { type ChildProcess, fork } from "node:child_process";
import { emptyReport, type SeedReport } from "./seed.ts";

export interface SeedPoolOptions {
  /** The program that answers every seed it is sent with a {@link SeedReport}. */
  readonly program: URL;
  readonly processes: number;
  /** A seed that takes longer has failed, and its process is killed. */
  readonly seedTimeMs: number;
  readonly onReport: (report: SeedReport) => void;
}

/**
 * Has seeds checked in processes of their own, so that one that crashes the engine, uses up its
 * memory or doesn't come to an end is a failure like any other, and the rest goes on.
 */
export class SeedPool {
  private readonly children = new Set<ChildProcess>();
  private ended = false;
  private killed = false;

  constructor(private readonly options: SeedPoolOptions) {}

  /** Checks seeds as they are taken from `seeds`; resolves when all are, or `cut` was called. */
  async run(seeds: Iterator<number>): Promise<void> {
    const lanes = Array.from({ length: this.options.processes }, () => this.lane(seeds));
    await Promise.all(lanes);
  }

  /** No further seeds; those under way are still reported. */
  cut(): void {
    this.ended = true;
  }

  /** Ends what is under way too. */
  kill(): void {
    this.ended = true;
    this.killed = true;
    for (const child of this.children) child.kill("SIGKILL");
  }

  private async lane(seeds: Iterator<number>): Promise<void> {
    let child: ChildProcess | undefined;
    while (!this.ended) {
      const next = seeds.next();
      if (next.done === true) break;
      if (child === undefined || !this.children.has(child)) child = this.start();
      const report = await this.check(child, next.value);
      if (report !== undefined) this.options.onReport(report);
    }
    if (child?.connected === true) child.disconnect();
  }

  private start(): ChildProcess {
    // Detached, so that Ctrl-C reaches the pool's own process only.
    const child = fork(this.options.program, { serialization: "advanced", detached: true });
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
    child.once("error", () => this.children.delete(child));
    return child;
  }

  /** A seed's report; none when the run is ended before it. */
  private check(child: ChildProcess, seed: number): Promise<SeedReport | undefined> {
    const { seedTimeMs } = this.options;
    return new Promise((resolve) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, seedTimeMs);
      const settle = (report: SeedReport | undefined): void => {
        clearTimeout(timer);
        child.off("message", settle).off("exit", exited).off("error", failed);
        resolve(report);
      };
      const fail = (text: string): void => {
        const report = emptyReport();
        report.failures.push({ seed, text });
        settle(report);
      };
      const exited = (code: number | null, signal: NodeJS.Signals | null): void => {
        if (late) fail(`no end in ${seedTimeMs} ms`);
        else if (this.killed) settle(undefined);
        else fail(`its process ended by ${signal ?? `exit ${code}`}`);
      };
      const failed = (error: Error): void => fail(`its process: ${error.message}`);
      child.on("message", settle).on("exit", exited).on("error", failed);
      child.send(seed);
    });
  }
}
