import type { Fault } from "../fault.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { GuestImports } from "./guest-imports.ts";
import { GuestInstance, type InstanceImage } from "./guest-instance.ts";
import type { PreparedScript } from "./prepared-script.ts";
import { checkSnapshot, type InstanceState, moduleKey, type ScriptSnapshot } from "./snapshot.ts";

/** What a keeper needs of its script. */
export interface KeeperParts {
  readonly prepared: PreparedScript;
  readonly imports: GuestImports;
  /** Runs an instance's top-level code under its budget. */
  readonly start: (instance: GuestInstance) => Fault | null;
  /** The fault of an instance that couldn't be made. */
  readonly refused: (thrown: unknown) => Fault;
}

/**
 * A script's instance: made, reset from an image of its state, or replaced. After a fault it is stale
 * until somebody asks for it.
 */
export class InstanceKeeper {
  readonly #parts: KeeperParts;
  #instance: GuestInstance | undefined;
  /** Its state behind its top-level code; undefined where restarts make a new instance. */
  #image: InstanceImage | undefined;
  #key: string | undefined;
  #generation = 0;
  #stale = true;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** The instance there is, stale or not. */
  get current(): GuestInstance | undefined {
    return this.#instance;
  }

  /** Counts instances, so that what is bound to an old one can be told. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether the next call needs a restart first. */
  get stale(): boolean {
    return this.#stale;
  }

  /** What it holds is half done. */
  spoil(): void {
    this.#stale = true;
  }

  /** The instance, restarted where it is stale; or the fault of its start. */
  ready(): GuestInstance | Fault {
    if (this.#stale) {
      const fault = this.restart();
      if (fault !== null) return fault;
    }
    return this.#instance as GuestInstance;
  }

  /** State as at load. The fault of its start, if it has one; there is no instance then. */
  restart(): Fault | null {
    const image = this.#image;
    if (image !== undefined && this.#instance?.resetToImage(image)) {
      this.#stale = false;
      return null;
    }
    if (image?.holdsFunctions === true) this.#image = undefined;
    const instance = this.#instantiate();
    if (!(instance instanceof GuestInstance)) return instance;
    if (this.#image !== undefined) {
      instance.reset(this.#image.state);
      return null;
    }
    const fault = instance.hasStart ? this.#parts.start(instance) : null;
    if (fault === null && this.#parts.prepared.resets) this.#image = instance.image();
    return fault;
  }

  /** Saves the state of an instance that isn't stale. */
  save(checkpoint: Checkpoint): void {
    this.#instance?.save(checkpoint);
  }

  /** Sets state to what was saved. @returns false when memory has grown since: that takes a new instance. */
  putBack(checkpoint: Checkpoint): boolean {
    if (this.#instance === undefined || !this.#instance.putBack(checkpoint)) return false;
    this.#stale = false;
    return true;
  }

  /** Sets state to what was saved, in a new instance. @returns the fault of that, if it can't be made. */
  putBackAnew(checkpoint: Checkpoint): Fault | null {
    const instance = this.#instantiate();
    if (!(instance instanceof GuestInstance)) return instance;
    instance.putBack(checkpoint);
    return null;
  }

  /** What was half done changed nothing of the instance. */
  acquit(): void {
    this.#stale = this.#instance === undefined;
  }

  /** @throws Error for a script that can't be restarted after its last fault, with that fault. */
  snapshot(describe: (fault: Fault) => string): ScriptSnapshot {
    const instance = this.ready();
    if (!(instance instanceof GuestInstance)) throw new Error(describe(instance));
    return this.snapshotOf(instance.capture());
  }

  /** A snapshot of a state: without the globals that were added to the module, which are at rest between calls. */
  snapshotOf(state: InstanceState): ScriptSnapshot {
    const globals = state.globals.slice(0, this.#guestGlobals.length);
    return { module: this.moduleKey, ...state, globals };
  }

  /** Those of the module as it came. */
  get #guestGlobals(): readonly number[] {
    const { metered, original } = this.#parts.prepared;
    return metered.stateGlobals.filter((global) => global < original.module.globals.length);
  }

  /** @throws TypeError for a snapshot that doesn't fit. */
  check(snapshot: ScriptSnapshot): void {
    const { lowered, original } = this.#parts.prepared;
    // What stands behind its own memory doesn't move, so that doesn't grow.
    checkSnapshot(snapshot, this.moduleKey, original, this.#guestGlobals, lowered?.ownPages);
  }

  /** @throws TypeError for a snapshot that doesn't fit; Error like {@link snapshot}. */
  restore(snapshot: ScriptSnapshot, describe: (fault: Fault) => string): void {
    this.check(snapshot);
    if (this.#instance === undefined || !this.#instance.reset(snapshot)) {
      const instance = this.#instantiate();
      if (!(instance instanceof GuestInstance)) throw new Error(describe(instance));
      instance.reset(snapshot);
    }
    this.#stale = false;
  }

  drop(): void {
    this.#instance = undefined;
    this.#image = undefined;
  }

  /** What tells its module from others. */
  get moduleKey(): string {
    this.#key ??= moduleKey(this.#parts.prepared.original.module);
    return this.#key;
  }

  /** A new instance, whose top-level code hasn't run. */
  #instantiate(): GuestInstance | Fault {
    this.#instance = undefined;
    this.#stale = true;
    this.#generation++;
    const { prepared, imports, refused } = this.#parts;
    const { metered, compiled, linked, lowered } = prepared;
    let created: GuestInstance;
    try {
      imports.renew();
      created = new GuestInstance(metered, compiled, imports.imports, lowered?.ownPages);
    } catch (thrown) {
      // Data or elements outside of their memory or table.
      return refused(thrown);
    }
    linked.functions.forEach((f, i) => {
      created.setPrice(i, "spec" in f ? f.spec.fuel : undefined);
    });
    this.#instance = created;
    this.#stale = false;
    return created;
  }
}
