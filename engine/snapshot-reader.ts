import type { Column, ColumnType } from "./columns.ts";
import { unpackNumbers } from "./packed.ts";

/** Problems that are kept; a hostile file may have as many as it likes. */
const maxProblems = 20;
/** Characters of a name out of a file that are shown. */
const maxShown = 100;

/** Saved state doesn't fit what it was to be put into. Nothing was changed. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  /** What doesn't fit: the first 20 of it. */
  readonly problems: readonly string[];

  /** @param what can't be loaded: "the world's snapshot". */
  constructor(what: string, problems: readonly string[]) {
    super(`${what} can't be loaded: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/**
 * Reads saved state that anybody may have written: takes nothing for granted, notes what is wrong, and goes on, so
 * that one error can name all of it.
 */
export class SnapshotReader {
  readonly #what: string;
  readonly #problems: string[] = [];

  /** @param what is read, for the error: "the world's snapshot". */
  constructor(what: string) {
    this.#what = what;
  }

  /** Whether nothing was wrong so far. */
  get ok(): boolean {
    return this.#problems.length === 0;
  }

  /** Notes a problem. */
  problem(text: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(text);
  }

  /** @throws SnapshotError with everything that was wrong. */
  finish(): void {
    if (!this.ok) throw new SnapshotError(this.#what, this.#problems);
  }

  /** The top of it, of one format and version. @throws SnapshotError for any other: the rest would mean nothing. */
  top(value: unknown, format: string, version: number): Readonly<Record<string, unknown>> {
    const top = this.object("it", value);
    if (this.ok && top["format"] !== format) this.problem(`it isn't of the format "${format}"`);
    else if (this.ok && top["version"] !== version) {
      const found = typeof top["version"] === "number" ? top["version"] : "none";
      this.problem(`its version is ${found}, and ${version} is understood`);
    }
    this.finish();
    return top;
  }

  /** A plain object; an empty one where there is none. */
  object(where: string, value: unknown): Readonly<Record<string, unknown>> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    this.problem(`${where} is no object`);
    return {};
  }

  /** An object's own properties. */
  entries(where: string, value: unknown): readonly [string, unknown][] {
    return Object.entries(this.object(where, value));
  }

  /** A list of at most so many; an empty one where there is none. */
  list(where: string, value: unknown, most = Number.MAX_SAFE_INTEGER): readonly unknown[] {
    if (!Array.isArray(value)) this.problem(`${where} is no list`);
    else if (value.length > most) this.problem(`${where} has more than ${most} items`);
    else return value;
    return [];
  }

  text(where: string, value: unknown): string {
    if (typeof value === "string") return value;
    this.problem(`${where} is no text`);
    return "";
  }

  flag(where: string, value: unknown): boolean {
    if (typeof value !== "boolean") this.problem(`${where} is neither true nor false`);
    return value === true;
  }

  /** A whole number in a range; the least where there is none. */
  whole(where: string, value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
      return value;
    }
    this.problem(`${where} is no whole number from ${least} to ${most}`);
    return least;
  }

  /** A number from 0 on; 0 where there is none. */
  duration(where: string, value: unknown): number {
    if (typeof value === "number" && value >= 0 && value < Infinity) return value;
    this.problem(`${where} is no duration`);
    return 0;
  }

  /** A number that {@link savedNumber} made. */
  number(where: string, value: unknown): number {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    const known = unlisted.find((number) => value === nameOf(number));
    if (known === undefined) this.problem(`${where} is no number`);
    return known ?? 0;
  }

  /**
   * Numbers that {@link packNumbers} made; none where there are none.
   * @param length how many there have to be; any number when not given.
   */
  numbers(where: string, type: ColumnType, value: unknown, length?: number): Column {
    const numbers = unpackNumbers(type, value);
    if (numbers === undefined) this.problem(`${where} is no packed ${type}`);
    else if (length !== undefined && numbers.length !== length) {
      this.problem(`${where} has ${numbers.length} values, not ${length}`);
    } else if ((type === "f32" || type === "f64") && numbers.some(Number.isNaN)) {
      this.problem(`${where} holds NaN`);
    } else if (type === "entity" && numbers.some((handle) => handle < 0)) {
      this.problem(`${where} holds what is no entity's handle`);
    } else return numbers;
    return new Uint8Array(length ?? 0);
  }
}

const unlisted = [-0, Infinity, -Infinity, Number.NaN];

function nameOf(number: number): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

/** A number as JSON can hold it: by name where it would be lost. */
export function savedNumber(number: number): number | string {
  return unlisted.some((known) => Object.is(known, number)) ? nameOf(number) : number;
}

/** A name out of a file, short enough for an error. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > maxShown ? `${name.slice(0, maxShown)}…` : name);
}
