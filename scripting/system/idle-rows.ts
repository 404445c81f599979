import { indexPart, type Query } from "../../engine/index.ts";
import type { Attachments } from "./attachments.ts";
import { moveRuns, type RowRuns } from "./row-runs.ts";

/**
 * Rows of a script that its updates pass over, as their entities aren't in its query. Which rows those are is settled
 * before rows are called, by who has joined and left since, and stays until that is done again.
 */
export class IdleRows {
  /** Rows that are idle. */
  count = 0;
  /** 1 for an idle row. */
  #flags: Uint8Array;
  readonly #members: Query;

  /** @param members a query of its own: its changes are forgotten here. */
  constructor(members: Query, room: number) {
    this.#members = members;
    this.#flags = new Uint8Array(room);
  }

  has(row: number): boolean {
    return this.#flags[row] === 1;
  }

  /** The first row from one on that isn't idle; `end` when there is none before it. */
  firstAwake(from: number, end: number): number {
    return this.count === 0 ? from : this.#first(0, from, end);
  }

  /** The first row from one on that is idle; `end` when there is none before it. */
  firstIdle(from: number, end: number): number {
    return this.count === 0 ? end : this.#first(1, from, end);
  }

  /** Rows are idle whose entities aren't in the query now, and the others aren't. */
  settle(rows: Attachments): void {
    const { changes } = this.#members;
    if (changes === undefined) {
      for (let row = 0; row < rows.length; row++) {
        const index = indexPart(rows.handles[row] as number);
        if (rows.rowAt(index) === row) this.#put(row, index);
      }
    } else {
      for (let i = 0; i < changes.length; i++) {
        const index = changes[i] as number;
        const row = rows.rowAt(index);
        if (row >= 0) this.#put(row, index);
      }
    }
    this.#members.forgetChanges();
  }

  /** A row was added at the end. */
  add(row: number, index: number): void {
    this.#put(row, index);
  }

  /** A row was removed; there is nothing to pass over until its place is taken. */
  remove(row: number): void {
    this.#set(row, 0);
  }

  /** Rows move together: those that are left of the first `length`. Those that aren't were removed before. */
  moveRuns(runs: RowRuns, length: number): void {
    this.#flags.fill(0, moveRuns(this.#flags, runs), length);
  }

  /** There are no rows any more. */
  clear(): void {
    this.#flags.fill(0);
    this.count = 0;
  }

  grow(room: number): void {
    const flags = new Uint8Array(room);
    flags.set(this.#flags);
    this.#flags = flags;
  }

  #first(flag: number, from: number, end: number): number {
    const flags = this.#flags;
    let row = from;
    while (row < end && flags[row] !== flag) row++;
    return row;
  }

  #put(row: number, index: number): void {
    this.#set(row, this.#members.has(index) ? 0 : 1);
  }

  #set(row: number, flag: number): void {
    this.count += flag - (this.#flags[row] as number);
    this.#flags[row] = flag;
  }
}
