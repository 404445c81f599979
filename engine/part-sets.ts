import { $internal, type World as BitWorld, type InternalWorld } from "bitecs";

/** What entities have in bitECS who were given the same at once. Nobody changes it. */
export class SharedParts extends Set<object> {}

/**
 * What each of a bitECS world's entities has, in the order in which they came: takes the place of the map that bitECS
 * 0.4 keeps, and is asked by it like that one.
 *
 * Two things make it cost less to let entities come and go. Entities are places in arrays. And who is given the same
 * at once has one set for all of them, until somebody asks for one's own.
 */
export class PartSets implements Map<number, Set<object>> {
  readonly #sets: (Set<object> | undefined)[];
  /** The entity that came after the one at an index, and before it; 0 for none. At 0 those are the first and the last. */
  #next: Int32Array;
  #previous: Int32Array;
  #size = 0;

  /** @param capacity indices for which there is room; more make it grow. */
  constructor(entries: Iterable<readonly [number, Set<object>]>, capacity: number) {
    // Filled, or else who comes with a high index first would make it a map.
    this.#sets = new Array<undefined>(capacity).fill(undefined);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    for (const [index, parts] of entries) this.set(index, parts);
  }

  get size(): number {
    return this.#size;
  }

  get [Symbol.toStringTag](): string {
    return "PartSets";
  }

  /** An entity's own set, which may be changed. */
  get(index: number): Set<object> | undefined {
    const parts = this.#sets[index];
    if (!(parts instanceof SharedParts)) return parts;
    const own = new Set<object>(parts);
    this.#sets[index] = own;
    return own;
  }

  /** Whether an entity has nothing but what it shares with others. */
  shares(index: number, parts: SharedParts): boolean {
    return this.#sets[index] === parts;
  }

  has(index: number): boolean {
    return this.#sets[index] !== undefined;
  }

  set(index: number, parts: Set<object>): this {
    if (this.#sets[index] === undefined) this.#append(index);
    this.#sets[index] = parts;
    return this;
  }

  delete(index: number): boolean {
    if (this.#sets[index] === undefined) return false;
    this.#sets[index] = undefined;
    const before = this.#previous[index] as number;
    const after = this.#next[index] as number;
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#sets.fill(undefined);
    this.#next[0] = 0;
    this.#previous[0] = 0;
    this.#size = 0;
  }

  /** Those that there are now. */
  keys(): MapIterator<number> {
    const indices: number[] = [];
    for (let index = this.#next[0] as number; index !== 0; index = this.#next[index] as number) {
      indices.push(index);
    }
    return indices.values();
  }

  values(): MapIterator<Set<object>> {
    return [...this.keys()].map((index) => this.get(index) as Set<object>).values();
  }

  entries(): MapIterator<[number, Set<object>]> {
    const entries = [...this.keys()].map((index): [number, Set<object>] => {
      return [index, this.get(index) as Set<object>];
    });
    return entries.values();
  }

  [Symbol.iterator](): MapIterator<[number, Set<object>]> {
    return this.entries();
  }

  forEach(
    visit: (parts: Set<object>, index: number, map: Map<number, Set<object>>) => void,
    self?: unknown,
  ): void {
    for (const [index, parts] of this) visit.call(self, parts, index, this);
  }

  #append(index: number): void {
    if (index >= this.#next.length) this.#grow(index);
    const last = this.#previous[0] as number;
    this.#next[last] = index;
    this.#previous[index] = last;
    this.#next[index] = 0;
    this.#previous[0] = index;
    this.#size++;
  }

  #grow(index: number): void {
    const room = Math.max(index + 1, this.#next.length * 2);
    const [next, previous] = [this.#next, this.#previous];
    this.#next = new Int32Array(room);
    this.#next.set(next);
    this.#previous = new Int32Array(room);
    this.#previous.set(previous);
  }
}

/** A bitECS world's, from now on if it hadn't one. @param capacity like {@link PartSets}'s. */
export function partSetsOf(bit: BitWorld, capacity: number): PartSets {
  const context = (bit as InternalWorld)[$internal];
  const known: Map<number, Set<object>> = context.entityComponents;
  if (known instanceof PartSets) return known;
  const sets = new PartSets(known, capacity);
  context.entityComponents = sets;
  return sets;
}
