import type { Fault } from "../fault.ts";
import type { Searched } from "../host/neighbours.ts";
import { searchedBy } from "../host/query.ts";
import { Checkpoint } from "../runtime/checkpoint.ts";
import type { Entry } from "../runtime/entry.ts";
import type { PreparedScript } from "../runtime/prepared-script.ts";
import type { Script } from "../runtime/script.ts";
import type { ScriptSnapshot } from "../runtime/snapshot.ts";
import type { DrivenExport } from "../windows/lower.ts";
import type { Attachments } from "./attachments.ts";
import { type CallInfo, hookNumbers } from "./call-info.ts";
import type { SystemCore } from "./core.ts";
import type { Hook } from "./events.ts";
import { checkFieldImports, type FieldAccess } from "./field-access.ts";
import { RowWindow } from "./row-window.ts";
import type { ScriptTag } from "./scripted.ts";
import type { Transaction } from "./transaction.ts";

/** The hooks that are called for many entities at a time. */
export const drivenHooks: readonly DrivenExport[] = [
  { name: "onFixedUpdate" },
  { name: "onUpdate" },
  { name: "onMessage", hasMessage: true },
];

/** One version of a script, and the hooks that it exports. */
export class Program {
  readonly script: Script;
  readonly onStart: Entry | undefined;
  readonly onFixedUpdate: Entry | undefined;
  readonly onMessage: Entry | undefined;
  readonly onUpdate: Entry | undefined;
  readonly onDestroy: Entry | undefined;
  /** Whether a call was stopped, and the next one needs a new instance first: see {@link renew}. */
  stale = false;
  /** Where hooks are called for many rows at a time, if any can be; see {@link RowWindow.drives}. */
  readonly window: RowWindow | undefined;
  /** Whose members it searches by where they are. */
  readonly searched: readonly Searched[];
  /** Bytes of memory that a fresh instance has. */
  readonly #freshBytes: number;
  /** Whether what it was like before the stopped call is known, and no restart needed. */
  #isSaved = false;
  /** To make it anew, for a call that is to be captured; undefined where that isn't wanted, or can't be. */
  readonly isolated: PreparedScript | undefined;
  readonly #before: Checkpoint | undefined;
  readonly #onLoad: Entry | undefined;
  readonly #onReload: Entry | undefined;
  readonly #transaction: Transaction;
  readonly #call: CallInfo;
  readonly #fields: FieldAccess;

  /**
   * @throws TypeError for a hook that wants other arguments than it gets; LinkError for fields that it accesses and
   * doesn't list.
   */
  constructor(script: Script, core: SystemCore, tag: ScriptTag, isolated?: PreparedScript) {
    const { transaction, call, view } = core;
    checkFieldImports(script);
    this.script = script;
    this.#fields = core.fields;
    this.#freshBytes = script.memory.length;
    this.onStart = hookOf(script, "onStart");
    this.onFixedUpdate = hookOf(script, "onFixedUpdate");
    this.onMessage = hookOf(script, "onMessage");
    this.onUpdate = hookOf(script, "onUpdate");
    this.onDestroy = hookOf(script, "onDestroy");
    this.#onLoad = hookOf(script, "onLoad");
    this.#onReload = hookOf(script, "onReload");
    this.window = RowWindow.of(script, tag, core);
    const imports = (module: string, name: string) => script.imports(module, name);
    this.searched = searchedBy(imports, view, core.queries);
    for (const searched of this.searched) core.neighbours?.track(searched);
    this.#transaction = transaction;
    this.#call = call;
    this.isolated = isolated;
    // Where a stopped call is undone, the guest's state is what it was before, anyway.
    const isUndone = this.window?.driver.undoing !== undefined;
    if (isolated !== undefined && !isUndone) this.#before = new Checkpoint();
  }

  /** Its fields are those of these rows. */
  own(rows: Attachments): void {
    this.#fields.bind(this.script, rows);
  }

  /** Calls `onLoad` for the first time: what it does to the world stands. */
  load(): Fault | null {
    return this.run("onLoad", this.#onLoad, 0);
  }

  /**
   * Takes over from an older version: `onLoad` to fill the module's memory, as after a restart,
   * then `onReload`.
   */
  takeOver(): Fault | null {
    return this.#prepare() ?? this.run("onReload", this.#onReload, 0);
  }

  /** Whether a new instance leaves memory that has grown for the engine to collect. */
  get leavesMemory(): boolean {
    return this.stale && this.script.memory.length > this.#freshBytes;
  }

  /** Whether renewing it only undoes a stopped call. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /**
   * After a fault, a new instance: as it was before the stopped call where that is known, else as at load.
   * @returns the fault that prevented it.
   */
  renew(): Fault | null {
    // Nothing of it is part of the call that it is made for.
    this.script.callsBeginMs = undefined;
    if (this.#isSaved && this.window?.driver.undoAnew() === null) {
      this.#isSaved = false;
      this.stale = false;
      return null;
    }
    this.#isSaved = false;
    this.script.entity = 0;
    this.#call.serial++;
    const fault = this.script.restart() ?? this.#prepare();
    this.stale = fault !== null;
    return fault;
  }

  /** The window that a hook is called for many rows at a time in; undefined when that goes call by call. */
  windowOf(hook: Hook): RowWindow | undefined {
    return this.window?.drives(hook) === true ? this.window : undefined;
  }

  /** A call was stopped: it is undone in the guest, or the next one needs a new instance first. */
  stopped(): void {
    this.stale = !(this.window?.driver.undo() ?? false);
    this.#isSaved = this.stale && this.window?.driver.undoing === "state";
  }

  /** Before a call: what has to be known to undo it, or to make it again. */
  save(): void {
    this.window?.driver.save();
    if (this.#before !== undefined) this.script.save(this.#before);
  }

  /**
   * What the guest's state was before the last call, which was stopped; only of a program that can be made anew.
   * Undefined when that isn't known.
   */
  before(): ScriptSnapshot | undefined {
    if (this.#before !== undefined) return this.script.snapshotOf(this.#before);
    return this.stale ? undefined : this.script.snapshot();
  }

  /** Calls one hook for an entity, or for none (0). Nothing to call counts as finished. */
  run(hook: Hook, entry: Entry | undefined, entity: number): Fault | null {
    if (entry === undefined) return null;
    this.save();
    this.script.entity = entity;
    this.#call.serial++;
    this.#call.hook = hookNumbers[hook];
    const fault = entry.run(entity);
    this.#call.hook = 0;
    return fault;
  }

  dispose(): void {
    this.window?.dispose();
    this.#fields.unbind(this.script);
    this.script.dispose();
  }

  /**
   * Calls `onLoad` for the module's memory's sake alone: what it does to the world was done when
   * the script was loaded, so this time it is undone.
   */
  #prepare(): Fault | null {
    if (this.#onLoad === undefined) return null;
    this.#transaction.begin();
    try {
      return this.run("onLoad", this.#onLoad, 0);
    } finally {
      this.#transaction.rollback();
    }
  }
}

function hookOf(script: Script, hook: Hook): Entry | undefined {
  const entry = script.entry(hook);
  const most = hook === "onLoad" || hook === "onReload" ? 0 : 1;
  if (entry === undefined || entry.arity <= most) return entry;
  const wanted = most === 0 ? "none" : "at most one, the entity";
  throw new TypeError(`${script.name}.${hook} takes ${entry.arity} arguments; it gets ${wanted}`);
}
