import type { Fault } from "../fault.ts";
import type { LoweredModule, TouchedFields } from "../windows/module-lowering.ts";
import type { WindowLayout } from "../windows/window-layout.ts";
import { Checkpoint } from "./checkpoint.ts";
import type { DrivenRows } from "./open-call.ts";
import type { Script } from "./script.ts";

/** Calls a script's functions for row after row of its window. Allocates nothing when rows finish. */
export class RowDriver {
  readonly layout: WindowLayout;
  /** The same memory with rows that are those of calls, where that will do, too. */
  readonly inOrder: WindowLayout | undefined;
  /** Whether rows are to be those of {@link inOrder}. */
  isInOrder = false;
  /** The exports that can be called. */
  readonly driven: readonly string[];
  /** What they access, likewise. */
  readonly touched: readonly TouchedFields[];
  /**
   * What has to be saved, so that a stopped call can be undone in the guest: nothing, where it changes nothing;
   * undefined where it can't be, and the script has to be restarted.
   */
  readonly undoing: "nothing" | "state" | undefined;
  /**
   * Whether calls can be made again, for all that they do is undone: those that finished before one was stopped, and one
   * that is cut short by the script's `rowsEndMs`.
   */
  readonly repeatable: boolean;
  /** Whether the guest may write the window past the code that checks values. */
  readonly writesMemory: boolean;
  /** @internal */
  readonly rows: DrivenRows;
  /** The row behind the one that ran last. */
  next = 0;
  /** Fuel of the last run's rows that finished. */
  finishedFuel = 0;
  /** Whether the last run's fault is only that the script's `rowsEndMs` came while a row was under way. */
  isCut = false;
  readonly #script: Script;
  readonly #checkpoint = new Checkpoint();

  constructor(
    script: Script,
    lowered: LoweredModule,
    undoing: "nothing" | "state" | undefined,
    repeatable: boolean,
    rows: DrivenRows,
  ) {
    this.#script = script;
    this.driven = lowered.driven;
    this.touched = lowered.touched;
    this.layout = lowered.layout;
    this.inOrder = lowered.inOrder;
    this.undoing = undoing;
    this.repeatable = repeatable;
    this.writesMemory = lowered.reach.writesMemory;
    this.rows = rows;
  }

  /**
   * Runs rows from one on by one of the driven functions; they are {@link next} behind it when it comes back. Each has what the script's limits
   * give a call.
   * @param which place of the export in {@link driven}.
   * @param lookFuel comes back once rows have used that much together.
   * @returns the fault of the row in front of `next`, or null when those that ran finished.
   */
  run(which: number, from: number, to: number, lookFuel: number): Fault | null {
    return this.#script.runRows(this, which, from, to, lookFuel);
  }

  /** Saves the guest's state, to {@link undo} what comes after. */
  save(): void {
    if (this.undoing === "state") this.#script.save(this.#checkpoint);
  }

  /**
   * After a fault: sets the guest's state to what it was when it was saved, or does nothing where no call changes
   * it.
   * @returns false when that can't be done, for it takes {@link undoAnew}, or a restart.
   */
  undo(): boolean {
    if (this.undoing === undefined) return false;
    return this.#script.undo(this.undoing === "state" ? this.#checkpoint : undefined);
  }

  /** {@link undo} in a new instance, as a memory can't shrink. @returns the fault that prevented it. */
  undoAnew(): Fault | null {
    return this.#script.undoAnew(this.#checkpoint);
  }

  /** The fuel of the row that was stopped. */
  get fuelUsed(): number {
    return this.#script.lastFuel;
  }
}
