import { type Clock, systemClock } from "./clock.ts";
import { FixedStep } from "./fixed-step.ts";
import type { Plugin } from "./plugin.ts";
import { Schedule } from "./schedule.ts";
import { animationFrameScheduler, type Scheduler } from "./scheduler.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import type { FrameStats, Phase, SystemError } from "./system.ts";
import { Time, type TimeSnapshot } from "./time.ts";
import type { World } from "./world.ts";
import type { WorldSnapshot } from "./world-snapshot.ts";

export interface GameOptions {
  readonly world: World;
  /** `performance.now()` when not given. */
  readonly clock?: Clock;
  /** What `start` runs frames by; `requestAnimationFrame` when not given. */
  readonly scheduler?: Scheduler;
  /** Milliseconds of one fixed step; 1000 / 60 when not given. */
  readonly fixedStepMs?: number;
  /** The most fixed steps in one frame, 4 when not given; those beyond are dropped. */
  readonly maxFixedSteps?: number;
  /** The longest that a frame's delta can be, in milliseconds; 100 when not given. */
  readonly maxDeltaMs?: number;
  /**
   * Told of every system that throws, at once. When not given, the frame throws after its last
   * system: the error itself, or an `AggregateError` of several. Either way the other systems run.
   */
  readonly onError?: (error: SystemError) => void;
}

/** All that a game's engine has come to. Plain data that JSON holds. */
export interface GameSnapshot {
  readonly format: "fusewire-game";
  readonly version: 1;
  readonly time: TimeSnapshot;
  readonly world: WorldSnapshot;
}

interface Installed {
  readonly plugin: Plugin;
  readonly systemRemovers: Set<() => void>;
  uninstall: (() => void) | undefined;
}

/** Runs a world's systems, frame by frame. */
export class Game {
  readonly world: World;
  readonly clock: Clock;
  readonly time: Time;
  /** The last frame's timings. Updated in place. */
  readonly stats: FrameStats;
  readonly #scheduler: Scheduler;
  readonly #fixedStep: FixedStep;
  readonly #maxDeltaMs: number;
  readonly #onError: ((error: SystemError) => void) | undefined;
  readonly #schedule: Schedule;
  readonly #plugins = new Map<string, Installed>();
  #installing: Installed | undefined;
  #errors: unknown[] = [];
  #frameMs = 0;
  #lastMs: number | undefined;
  #inFrame = false;
  #request: number | undefined;

  /** @throws RangeError naming an option that isn't a positive number. */
  constructor(options: GameOptions) {
    this.world = options.world;
    this.clock = options.clock ?? systemClock;
    this.#scheduler = options.scheduler ?? animationFrameScheduler;
    const fixedStepMs = positive("fixedStepMs", options.fixedStepMs ?? 1000 / 60);
    const maxFixedSteps = Math.floor(positive("maxFixedSteps", options.maxFixedSteps ?? 4, 1));
    this.#fixedStep = new FixedStep(fixedStepMs, maxFixedSteps);
    this.#maxDeltaMs = positive("maxDeltaMs", options.maxDeltaMs ?? 100);
    this.#onError = options.onError;
    this.time = new Time(fixedStepMs);
    this.#schedule = new Schedule(this.clock);
    this.stats = this.#createStats();
  }

  /** Whether a frame is being run: what is done now is done by a system, or by what one leads to. */
  get inFrame(): boolean {
    return this.#inFrame;
  }

  /** Whether `start` has been called, and `stop` not since. */
  get running(): boolean {
    return this.#request !== undefined;
  }

  /**
   * Adds a system to the end of a phase.
   * @returns what removes it again.
   * @throws TypeError for an unknown phase, or a name that another system has.
   */
  addSystem(phase: Phase, name: string, run: (game: Game) => void): () => void {
    const remove = this.#schedule.add({ name, phase, run });
    this.#installing?.systemRemovers.add(remove);
    return remove;
  }

  /**
   * Installs a plugin. One that throws meanwhile leaves none of its systems behind.
   * @throws TypeError when a plugin with its name is installed.
   */
  use(plugin: Plugin): this {
    if (this.#plugins.has(plugin.name)) {
      throw new TypeError(`a plugin named "${plugin.name}" is installed already`);
    }
    const installed: Installed = { plugin, systemRemovers: new Set(), uninstall: undefined };
    const outer = this.#installing;
    this.#installing = installed;
    this.#plugins.set(plugin.name, installed);
    try {
      installed.uninstall = plugin.install(this) ?? undefined;
    } catch (error) {
      this.#plugins.delete(plugin.name);
      for (const remove of installed.systemRemovers) remove();
      throw error;
    } finally {
      this.#installing = outer;
    }
    return this;
  }

  /** The installed plugin of that name. */
  plugin(name: string): Plugin | undefined {
    return this.#plugins.get(name)?.plugin;
  }

  /** Uninstalls a plugin: what its `install` returned, then its systems. False when there's none. */
  uninstall(name: string): boolean {
    const installed = this.#plugins.get(name);
    if (installed === undefined) return false;
    this.#plugins.delete(name);
    try {
      installed.uninstall?.();
    } finally {
      for (const remove of installed.systemRemovers) remove();
    }
    return true;
  }

  /**
   * Runs one frame. Its delta is the time since the last one; the first after construction or
   * `start` has none before it, so its delta is 0.
   * @param nowMs the clock's time when not given.
   * @throws what systems threw, unless there is an `onError`; Error when called by a system.
   */
  frame(nowMs: number = this.clock.nowMs()): void {
    if (!Number.isFinite(nowMs)) throw new RangeError(`a frame can't be at ${nowMs} ms`);
    const deltaMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    this.step(deltaMs);
  }

  /**
   * Runs one frame with a delta of its own, whatever the clock says: for headless runs and tests.
   * Limited to 0 … `maxDeltaMs` like any other.
   */
  step(deltaMs: number): void {
    if (Number.isNaN(deltaMs)) throw new RangeError("a frame's delta can't be NaN");
    if (this.#inFrame) throw new Error("a frame can't be run from inside a frame");
    const limitedMs = Math.min(Math.max(deltaMs, 0), this.#maxDeltaMs);
    const fixedSteps = this.#fixedStep.advance(limitedMs);
    const { alpha, droppedMs } = this.#fixedStep;
    this.time.beginFrame(limitedMs, fixedSteps, alpha, droppedMs);
    this.#schedule.beginFrame();
    const startMs = this.clock.nowMs();
    this.#inFrame = true;
    try {
      this.#runPhases(fixedSteps);
    } finally {
      this.#inFrame = false;
      this.#frameMs = this.clock.nowMs() - startMs;
    }
    if (this.#errors.length > 0) this.#throwErrors();
  }

  /**
   * The world, and how far time has come, which timers of scripts go by. Between frames.
   * @throws what `world.save` throws; Error from inside a frame.
   */
  save(): GameSnapshot {
    this.#assertBetweenFrames("save");
    const { owedMs } = this.#fixedStep;
    return {
      format: "fusewire-game",
      version: 1,
      time: { ...this.time.save(), owedMs },
      world: this.world.save(),
    };
  }

  /**
   * Goes on from a snapshot, which may come from anywhere. What `start` runs goes on running.
   * @throws what `world.load` throws, SnapshotError for times that there can't be among it, before anything has
   * changed; Error from inside a frame.
   */
  load(snapshot: GameSnapshot): void {
    this.#assertBetweenFrames("load");
    const reader = new SnapshotReader("the game's snapshot");
    const top = reader.top(snapshot, "fusewire-game", 1);
    const saved = reader.object("time", top["time"]);
    const time: TimeSnapshot = {
      frame: reader.whole("time.frame", saved["frame"]),
      elapsedMs: reader.duration("time.elapsedMs", saved["elapsedMs"]),
      fixedStep: reader.whole("time.fixedStep", saved["fixedStep"]),
      owedMs: reader.number("time.owedMs", saved["owedMs"]),
    };
    // A step that came a little early leaves a little less than nothing.
    if (!(Math.abs(time.owedMs) <= this.time.fixedStepMs)) {
      reader.problem("time.owedMs is longer than a fixed step");
    }
    reader.finish();
    this.world.load(top["world"] as WorldSnapshot);
    this.time.load(time);
    this.#fixedStep.owedMs = time.owedMs;
    this.#lastMs = undefined;
  }

  #assertBetweenFrames(what: string): void {
    if (this.#inFrame) throw new Error(`a game can't ${what} from inside a frame`);
  }

  /** Runs frames by the scheduler until `stop`. Does nothing when they are running. */
  start(): void {
    if (this.running) return;
    this.#lastMs = undefined;
    this.#requestFrame();
  }

  /** Runs no more frames by the scheduler. One that is running is finished. */
  stop(): void {
    if (this.#request === undefined) return;
    this.#scheduler.cancel(this.#request);
    this.#request = undefined;
  }

  /** Stops, and uninstalls all plugins, the latest first. */
  dispose(): void {
    this.stop();
    for (const name of [...this.#plugins.keys()].reverse()) this.uninstall(name);
  }

  #requestFrame(): void {
    this.#request = this.#scheduler.request(this.#onSchedule);
  }

  readonly #onSchedule = (nowMs: number): void => {
    // Asked for before the frame runs: one that throws must not be the last.
    this.#requestFrame();
    // The scheduler's time is that of the repaint, steadier than a clock looked at a little later;
    // but it is of no use to a game that runs by a clock of its own.
    if (this.clock === systemClock) this.frame(nowMs);
    else this.frame();
  };

  #runPhases(fixedSteps: number): void {
    const { world } = this;
    this.#schedule.run("input", this, this.#report);
    for (let step = 0; step < fixedSteps; step++) {
      this.time.beginFixedStep();
      this.#schedule.run("fixed", this, this.#report);
    }
    this.#schedule.run("scripts", this, this.#report);
    this.#schedule.run("update", this, this.#report);
    this.#schedule.run("render", this, this.#report);
    world.commit();
  }

  readonly #report = (error: SystemError): void => {
    if (this.#onError === undefined) {
      this.#errors.push(error);
      return;
    }
    try {
      this.#onError(error);
    } catch (fromHandler) {
      this.#errors.push(fromHandler);
    }
  };

  #throwErrors(): never {
    const errors = this.#errors;
    this.#errors = [];
    if (errors.length === 1) throw errors[0];
    throw new AggregateError(errors, `${errors.length} systems threw in frame ${this.time.frame}`);
  }

  #createStats(): FrameStats {
    const frameMs = (): number => this.#frameMs;
    const systems = (): FrameStats["systems"] => this.#schedule.timings;
    return Object.freeze({
      get frameMs() {
        return frameMs();
      },
      get systems() {
        return systems();
      },
    });
  }
}

function positive(name: string, value: number, least = 0): number {
  if (value > 0 && value >= least && value < Infinity) return value;
  throw new RangeError(`${name} must be a positive number, not ${value}`);
}
