import {
  type Entity,
  type Game,
  Hasher,
  type Message,
  type Plugin,
  savedNumber,
  type World,
} from "../../engine/index.ts";
import type { ScriptBinary } from "../compile/source.ts";
import type { FaultFile } from "../faults/fault-file.ts";
import { InputState } from "../host/input.ts";
import type { FrameTime } from "../host/time.ts";
import type { CallLimits } from "../limits.ts";
import { Recorder, type RecordOptions, savedNumbers } from "../recording/recorder.ts";
import type { RecordedCall } from "../recording/recording.ts";
import { assemble, type SystemParts } from "./assemble.ts";
import { commandKinds } from "./commands.ts";
import type { SystemCore } from "./core.ts";
import type { FaultEvent, ScriptEventOf, ScriptEventType } from "./events.ts";
import { FrameLoop } from "./frame-loop.ts";
import type { ScriptLoadOptions } from "./loader.ts";
import {
  checkCallTime,
  checkFrameBudget,
  checkOption,
  type ScriptSystemOptions,
} from "./options.ts";
import { type RestoredScript, restoreState } from "./restore-state.ts";
import { ScriptFields } from "./script-fields.ts";
import type { ScriptTag } from "./scripted.ts";
import { type SaveOptions, type ScriptsState, writeState } from "./scripts-state.ts";
import type { ScriptSlot } from "./slot.ts";
import { type FrameReport, type ScriptStats, type ScriptTotals, totalOf } from "./stats.ts";

/**
 * Runs scripts on the entities that carry them, once a frame. A script that fails is stopped,
 * undone and reported; the others, the game and the frame go on.
 *
 * State that has to last belongs into components. A script's own memory is scratch: its variables
 * start afresh after a reload. After a stopped call they are what they were before it, or afresh where
 * that can't be had.
 */
export class ScriptSystem implements Plugin {
  readonly name = "scripts";
  readonly world: World;
  readonly input: InputState;
  /** What the fields of scripts' own hold. */
  readonly fields: ScriptFields;
  readonly #parts: SystemParts;
  readonly #core: SystemCore;
  readonly #loop: FrameLoop;
  #game: Game | undefined;
  #recorder: Recorder | undefined;

  /**
   * Covers the components and prefabs that the world has by now.
   * @throws RangeError naming an option, limit or policy setting that makes no sense.
   */
  constructor(options: ScriptSystemOptions) {
    const frameBudgetMs = checkOption("frameBudgetMs", options.frameBudgetMs ?? 4, 0);
    this.world = options.world;
    this.input = options.input ?? new InputState();
    const time = { current: { delta: 0, elapsed: 0, frame: 0 } };
    this.#parts = assemble(options, frameBudgetMs, this.input, time);
    this.#core = this.#parts.core;
    this.#loop = new FrameLoop(this.#parts, this.input, time, options);
    this.fields = new ScriptFields(
      this.world,
      (name) => this.#get(name),
      (entity, script, field, value) =>
        this.#note({ do: "set-field", entity, script, field, value: savedNumber(value) }),
    );
  }

  /**
   * Milliseconds a frame that all scripts together may take. May be changed between frames, to no less
   * than a call of any loaded script may take.
   * @throws RangeError for anything else, with the script that is in the way.
   */
  get frameBudgetMs(): number {
    return this.#core.frameBudgetMs;
  }

  set frameBudgetMs(ms: number) {
    this.#core.frameBudgetMs = checkFrameBudget(ms, this.#core.slots);
  }

  /** Milliseconds a frame that scripts may take at present: less than `frameBudgetMs` under load. */
  get grantedMs(): number {
    return this.#loop.grantedMs;
  }

  /** Milliseconds that the next frame may take beyond that, saved up by earlier ones: at most `burstMs`. */
  get savedMs(): number {
    return this.#loop.savedMs;
  }

  /** What all scripts together did in the last frame, fixed steps included. Updated in place. */
  get lastFrame(): FrameReport {
    return this.#core.report;
  }

  /** The game that uses the system, if one does. */
  get game(): Game | undefined {
    return this.#game;
  }

  /** Kinds of message by name. */
  get messages(): ReadonlyMap<string, Message> {
    return this.#core.messages.types;
  }

  /**
   * For `game.use`: runs `onFixedUpdate` in the game's "fixed" phase, all else in its "scripts" phase.
   * @throws TypeError when the game has another world.
   */
  install(game: Game): () => void {
    if (game.world !== this.world)
      throw new TypeError("the game has another world than its scripts");
    this.#loop.measureBy(() => game.stats.frameMs);
    game.addSystem("fixed", `${this.name}-fixed`, () => this.runFixed(game.time));
    game.addSystem("scripts", this.name, () => this.run(game.time));
    this.#game = game;
    return () => {
      this.#game = undefined;
    };
  }

  /**
   * Loads a script; entities that have its tag start with the next frame. A call of it may take no longer
   * than all scripts may take of a frame, whatever the system's limits say.
   * @throws TypeError for a name that is taken or a hook with other arguments; RangeError for limits
   * that make no sense, with the frame's budget among them; AdmissionError, LinkError or StartError for a
   * script that can't run; Error when the system is disposed of meanwhile. The world is then as if it had
   * never been tried. What a listener throws doesn't count: that is thrown as an uncaught error.
   */
  async load(binary: ScriptBinary, options: ScriptLoadOptions = {}): Promise<void> {
    checkCallTime(this.frameBudgetMs, options.limits ?? {});
    const { events, slots } = this.#core;
    await this.#parts.loader.load(binary, options, (slot) =>
      events.apart(() => {
        slots.push(slot);
        this.#loop.fitCalls(slot);
        this.#note({ do: "load", script: slot.name });
        this.#parts.runner.refresh();
        slot.adopt();
        events.post({ type: "load", script: slot.name });
        this.#parts.structure.apply(this.#loop.endMs);
      }),
    );
  }

  /**
   * Replaces a script by a new version of it, between two frames: built and tried beside the old
   * one, which runs on until then, and for good when anything fails. Entities, attachments and all
   * components stay as they are, `onStart` isn't called again, strikes are forgotten.
   * @throws TypeError for an unknown name; else like `load`.
   */
  async reload(binary: ScriptBinary): Promise<void> {
    const { clock, events } = this.#core;
    const startMs = clock.nowMs();
    const find = () => this.#find(binary.name);
    await this.#parts.loader.reload(binary, find, (slot, fields) =>
      events.apart(() => {
        this.#loop.fitCalls(slot);
        this.#note({ do: "reload", script: slot.name });
        const elapsedMs = clock.nowMs() - startMs;
        events.post({ type: "reload", script: slot.name, elapsedMs, fields });
        this.#parts.structure.apply(this.#loop.endMs);
      }),
    );
  }

  /**
   * Takes a script off all entities and out of the system. `onDestroy` is called for each of them, until a
   * call of it is stopped, or they have taken as long as scripts may take of a frame.
   * @throws TypeError for a script that isn't loaded; Error while scripts run; what a listener throws.
   */
  unload(name: string): void {
    this.#mustNotRun("unload");
    const { core, departures, structure } = this.#parts;
    const slot = this.#get(name);
    this.#note({ do: "unload", script: name });
    const endMs = this.#loop.endMs;
    core.events.hold();
    try {
      slot.adopt();
      departures.ofSlot(slot, endMs);
      core.slots.splice(core.slots.indexOf(slot), 1);
      const carriers = slot.carriers();
      this.#drop(slot);
      // The game may observe these: it finds the script gone.
      for (const entity of carriers) {
        if (this.world.isAlive(entity)) this.world.remove(entity, slot.tag);
      }
      structure.apply(endMs);
    } finally {
      core.events.release();
    }
  }

  /**
   * Makes an entity carry a script, from the next frame on. One entity may carry several. Where a
   * whole kind of entity does, make `scripted(name)` part of its prefab instead.
   * @returns false when it carries it already.
   * @throws StaleEntityError; TypeError for a script that isn't loaded.
   */
  attach(entity: Entity, name: string): boolean {
    const slot = this.#get(name);
    const index = this.world.indexOf(entity);
    const row = slot.rowOf(entity);
    // One whose tag was taken without the system being asked may still have its row.
    if (row >= 0 && slot.isCarried(row)) return false;
    this.#note({ do: "attach", entity, script: name });
    // Observers of tags are the game's own.
    if (this.#recorder === undefined) this.#attach(slot, entity, index);
    else this.#recorder.unrecorded(() => this.#attach(slot, entity, index));
    return true;
  }

  #attach(slot: ScriptSlot, entity: Entity, index: number): void {
    this.world.add(entity, slot.tag);
    // Those that got the tag earlier without the system being asked come first.
    slot.adopt();
    // The game may observe tags, and do anything then.
    const carries = this.world.isAlive(entity) && this.world.has(entity, slot.tag);
    if (carries && slot.rowOf(entity) < 0) slot.rows.add(index, entity);
  }

  /**
   * Takes a script off an entity, with a call of `onDestroy` before. While scripts run, this
   * happens when they are done, or in a later frame when there is no time left for the call.
   * @returns false when the entity doesn't carry it.
   */
  detach(entity: Entity, name: string): boolean {
    const slot = this.#get(name);
    if (!this.world.isAlive(entity) || slot.rowOf(entity) < 0) return false;
    this.#note({ do: "detach", entity, script: name });
    this.#core.transaction.commands.push(commandKinds.detach, entity, slot.id);
    this.#settle();
    return true;
  }

  /**
   * Removes an entity, with a call of `onDestroy` to each of its scripts before. `world.despawn`
   * does without that call. While scripts run, this happens when they are done, or in a later frame when
   * there is no time left for the calls.
   * @throws StaleEntityError
   */
  despawn(entity: Entity): void {
    this.world.indexOf(entity);
    this.#note({ do: "despawn", entity });
    this.#core.transaction.commands.push(commandKinds.despawn, entity);
    this.#settle();
  }

  /**
   * Sends a message to the scripts that an entity carries. Those that export `onMessage` get it in the next frame,
   * in the order messages were sent in, before any `onUpdate`; if the entity is dead by then, nobody does.
   * @param values of the message's fields; the others have their defaults.
   * @throws StaleEntityError; TypeError for a message that isn't the system's or a field that it hasn't got;
   * RangeError for a value that a script couldn't send, and when no more may wait (`maxMessages`).
   */
  send<N extends string>(
    entity: Entity,
    message: Message<N>,
    values: { readonly [K in N]?: number } = {},
  ): void {
    const given = values as Record<string, number>;
    // A host function of the game's may send: behind what the call that asks for it has sent.
    this.#core.view.shown?.takeSent();
    this.#core.messages.send(this.world, entity, message, given);
    if (this.#recorder === undefined) return;
    this.#note({ do: "send", entity, message: message.name, values: savedNumbers(given) });
  }

  /** Names of the scripts that an entity carries, in the order they were loaded. */
  scriptsOf(entity: Entity): string[] {
    const { slots } = this.#core;
    return slots.filter((slot) => slot.rowOf(entity) >= 0).map((slot) => slot.name);
  }

  /** The tag of a loaded script, for queries. */
  tag(name: string): ScriptTag {
    return this.#get(name).tag;
  }

  /** Forgets all strikes of a script and calls it again for every entity that carries it. */
  enable(name: string): void {
    this.#get(name).pardon();
    this.#note({ do: "enable", script: name });
    this.#core.events.post({ type: "enable", script: name });
  }

  /** Calls a script no more, until it is enabled or reloaded. */
  disable(name: string): void {
    const slot = this.#get(name);
    if (slot.disabled) return;
    slot.disabled = true;
    this.#note({ do: "disable", script: name });
    this.#core.events.post({ type: "disable", script: name, entity: 0 });
  }

  /**
   * Changes what calls of a script may use, from the next one on and in its next versions, too.
   * @throws TypeError for a script that isn't loaded; RangeError for limits that make no sense, or that
   * are built into a loaded module.
   */
  setLimits(name: string, limits: Partial<CallLimits>): void {
    const slot = this.#get(name);
    checkCallTime(this.frameBudgetMs, limits);
    slot.program.script.setLimits(limits);
    this.#note({ do: "set-limits", script: name, limits: savedNumbers(limits) });
    this.#parts.loader.setLimits(name, limits);
    if (limits.callTimeMs !== undefined) slot.callTimeMs = limits.callTimeMs;
    this.#loop.fitCalls(slot);
    this.#core.events.post({ type: "limit-change", cause: "game", script: name, limits });
  }

  /** How every script is doing, in the order they were loaded. A snapshot: don't take it every frame. */
  stats(): readonly ScriptStats[] {
    return this.#core.slots.map((slot) => slot.stats(this.#parts.log.droppedOf(slot.name)));
  }

  /** What all scripts together have cost, and take. A snapshot: don't take it every frame. */
  totals(): ScriptTotals {
    return totalOf(this.stats());
  }

  /**
   * Listens to one kind of event. Those of a frame are delivered when its scripts are done and
   * what they asked for is carried out, so a listener may do anything with the system.
   * @returns what removes the listener again.
   */
  on<T extends ScriptEventType>(type: T, listener: (event: ScriptEventOf<T>) => void): () => void {
    return this.#core.events.on(type, listener);
  }

  /**
   * Runs one frame of all scripts; a game that uses the system does it by itself.
   * @param time what scripts are told about the frame.
   * @throws Error when scripts are running; what an event listener throws.
   */
  run(time: FrameTime): void {
    this.#mustNotRun("run");
    this.#recorder?.beginFrame(time, this.input, this.#game?.time.deltaMs);
    this.#loop.run(time, () => this.#recorder?.endFrame(this.#core.report.deferred));
  }

  /**
   * Runs one fixed step of the frame that the next {@link run} ends: `onFixedUpdate`, for every entity of the scripts
   * that export it. A game that uses the system does it by itself. The steps of a frame may take half of its budget;
   * entities for which there is no time left miss the step, and go first in the next one. What the calls send arrives
   * in the same frame.
   * @param time what scripts are told about the frame and its steps.
   * @throws Error when scripts are running; what an event listener throws.
   */
  runFixed(time: FrameTime): void {
    this.#mustNotRun("runFixed");
    if (!this.#parts.fixed.wanted) return;
    if (this.#recorder !== undefined && this.#game === undefined) {
      const { delta, elapsed, frame, fixedDelta } = time;
      this.#note({
        do: "fixed-step",
        time: savedNumbers({ delta, elapsed, frame, fixedDelta }),
      });
    }
    this.#loop.runFixed(time);
  }

  /**
   * What the system has come to: who carries what, fields of scripts' own, strikes and pauses, messages that wait,
   * frames so far. Goes with `world.save()` of the same moment, or `game.save()`. Limits, policies and what is
   * pressed aren't part of it, nor are figures.
   * @throws Error while scripts run, and where memory is asked for and can't be had.
   */
  saveState(options: SaveOptions = {}): ScriptsState {
    this.#mustNotRun("saveState");
    return writeState(this.#parts, options);
  }

  /**
   * Goes on from a saved state, once the world has been loaded that goes with it. The scripts in it have to be loaded
   * by their names, in whatever version: fields of the same name and kind are kept, as by a reload. Scripts that
   * aren't in it begin anew with the entities that carry them.
   * @param state may come from anywhere.
   * @returns what has become of each script.
   * @throws SnapshotError that names all that doesn't fit, before anything has changed; Error while scripts run, and
   * while they are recorded.
   */
  restoreState(state: ScriptsState): readonly RestoredScript[] {
    this.#mustNotRun("restoreState");
    if (this.#recorder !== undefined) {
      throw new Error(
        "restoreState: not while the system is being recorded; stop the recorder first",
      );
    }
    return restoreState(this.#parts, state);
  }

  /**
   * A file that reproduces a fault, for `reproduceFault` and `npx fusewire replay`: a stopped call with its module, its
   * memory before and all that host functions gave it. Has what is in them to see: mind who gets it.
   * @throws Error that says why there is none: `faultCaptures` isn't set or too little, the script's state can't be
   * saved, or it was a deadline, which no machine has to meet twice.
   */
  exportFault(event: FaultEvent): FaultFile {
    const { captures } = this.#core;
    if (captures !== undefined) return captures.fileOf(event);
    throw new Error("the system keeps no faults' files; faultCaptures says how many");
  }

  /** The files that {@link exportFault} has, the oldest first. */
  get faultFiles(): readonly FaultFile[] {
    return this.#core.captures?.files ?? [];
  }

  /** A hash of who carries what, of strikes and of scripts' own fields: 16 hexadecimal digits. Goes with `world.hash()`. */
  hash(): string {
    const hasher = new Hasher();
    for (const slot of this.#core.slots) slot.hash(hasher);
    return hasher.digest();
  }

  /**
   * Begins to note what comes into the system from outside, for `replay`: the time and the input of each frame, what
   * is asked of this system between frames, and hashes to hold a replay against. It grows by some 100 bytes a frame.
   *
   * What the game does isn't noted, because a replay runs the same game: what its systems, listeners, observers and
   * host functions do to the world and ask of this system, and what anybody writes into the world directly. A game that
   * makes entities as its player asks does so in a system, from input that is part of the recording; one without a
   * `Game` wraps what its systems ask of this system in `recorder.unrecorded`. Loading scripts, limits and policies
   * aren't part of a recording but for the fact that a script was loaded.
   *
   * Where the system isn't made with `snapshots`, scripts' memory starts afresh now, as after a fault, so that the
   * replay's does, too.
   * @throws Error while scripts run, in a frame of the game, and while another recorder is at it.
   */
  record(options: RecordOptions = {}): Recorder {
    this.#mustNotRun("record");
    if (this.#recorder !== undefined) throw new Error("the system is being recorded already");
    const { core, snapshots } = this.#parts;
    const game = this.#game?.save();
    const world = game?.world ?? this.world.save();
    const scripts = this.saveState({ memory: snapshots });
    let unlisten = () => {};
    const recorder = new Recorder(
      {
        world,
        scripts,
        time: game?.time,
        hash: () => ({ world: this.world.hash(), scripts: this.hash() }),
        stopped: () => {
          this.#recorder = undefined;
          unlisten();
        },
      },
      options,
    );
    unlisten = core.events.on("fault", ({ fault }) => {
      if (fault.kind === "deadline") recorder.noteDeadline();
    });
    if (!snapshots) for (const { program } of core.slots) program.stale = true;
    this.#recorder = recorder;
    return recorder;
  }

  /** Notes what was asked for from outside: by nobody that a replay will have, too. */
  #note(call: RecordedCall): void {
    if (this.#recorder === undefined || this.#loop.running || this.#game?.inFrame === true) return;
    const { structure, core } = this.#parts;
    if (structure.busy || core.transaction.open || core.events.delivering) return;
    this.#recorder.note(call);
  }

  /** Unloads every script, without calls of `onDestroy`. What is being loaded is refused. */
  dispose(): void {
    this.#mustNotRun("dispose");
    this.#parts.loader.forgetAll();
    for (const slot of this.#core.slots.splice(0)) this.#drop(slot);
  }

  /** Takes a script that is in no list any more out of everything else. */
  #drop(slot: ScriptSlot): void {
    this.#parts.runner.refresh();
    this.#parts.loader.forget(slot.name);
    slot.dispose();
  }

  /** Carries out what was asked for, unless scripts run: then that comes when they are done. */
  #settle(): void {
    if (!this.#loop.running) this.#parts.structure.applyLast(this.#loop.endMs);
  }

  #find(name: string): ScriptSlot | undefined {
    return this.#core.slots.find((slot) => slot.name === name);
  }

  #get(name: string): ScriptSlot {
    const slot = this.#find(name);
    if (slot !== undefined) return slot;
    const known = this.#core.slots.map((other) => other.name).join(", ") || "none";
    throw new TypeError(`no script named "${name}" is loaded; loaded: ${known}`);
  }

  #mustNotRun(what: string): void {
    const { structure, core } = this.#parts;
    if (!this.#loop.running && !structure.busy && !core.transaction.open) return;
    throw new Error(`${what}: not while scripts are running`);
  }
}
