import type { Clock } from "./clock.ts";
import type { Game } from "./game.ts";
import { type Phase, phases, type System, SystemError, type SystemTiming } from "./system.ts";

interface Timing extends SystemTiming {
  timeMs: number;
  runs: number;
}

interface Entry {
  readonly system: System;
  readonly timing: Timing;
  removed: boolean;
}

/**
 * The systems of a game by phase. May be changed while a phase runs: one that is removed doesn't
 * run any more, one that is added runs from the next time its phase does.
 */
export class Schedule {
  readonly #clock: Clock;
  readonly #names = new Set<string>();
  // Replaced, never changed in place, so that a phase that is running keeps its own list.
  readonly #entries: Record<Phase, readonly Entry[]> = {
    input: [],
    fixed: [],
    scripts: [],
    update: [],
    render: [],
  };
  #timings: readonly SystemTiming[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order in which the systems run. */
  get timings(): readonly SystemTiming[] {
    return this.#timings;
  }

  /** @returns what removes the system. @throws TypeError for an unknown phase or a taken name. */
  add(system: System): () => void {
    const { name, phase } = system;
    if (!phases.includes(phase)) {
      throw new TypeError(`unknown phase "${phase}"; known: ${phases.join(", ")}`);
    }
    if (this.#names.has(name)) throw new TypeError(`two systems are named "${name}"`);
    this.#names.add(name);
    const entry: Entry = { system, timing: { name, phase, timeMs: 0, runs: 0 }, removed: false };
    this.#replace(phase, [...this.#entries[phase], entry]);
    return () => {
      if (entry.removed) return;
      entry.removed = true;
      this.#names.delete(name);
      this.#replace(
        phase,
        this.#entries[phase].filter((other) => other !== entry),
      );
    };
  }

  /** Forgets the last frame's timings. */
  beginFrame(): void {
    for (const phase of phases) {
      const entries = this.#entries[phase];
      for (let i = 0; i < entries.length; i++) {
        const timing = entries[i]?.timing as Timing;
        timing.timeMs = 0;
        timing.runs = 0;
      }
    }
  }

  /** Runs a phase's systems, all of them, and reports those that throw. */
  run(phase: Phase, game: Game, report: (error: SystemError) => void): void {
    const entries = this.#entries[phase];
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      if (entry.removed) continue;
      game.world.commit();
      const startMs = this.#clock.nowMs();
      try {
        entry.system.run(game);
      } catch (error) {
        report(new SystemError(entry.system.name, phase, error));
      }
      entry.timing.timeMs += this.#clock.nowMs() - startMs;
      entry.timing.runs++;
    }
  }

  #replace(phase: Phase, entries: readonly Entry[]): void {
    this.#entries[phase] = entries;
    this.#timings = phases.flatMap((each) => this.#entries[each].map((entry) => entry.timing));
  }
}
