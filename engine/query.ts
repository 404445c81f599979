/** The entities that meet some terms: that have these components, and lack those; kept up to date, never searched. */
export interface Query {
  /**
   * The indices of the members, in an order that depends only on the world's history. The array is
   * live and belongs to the query: read it, don't keep it, don't change it.
   *
   * Safe to walk while the world changes: an entity that leaves (or is despawned) stays listed
   * until `world.commit()`, which a game calls before every system; one that joins is appended.
   * Use `has(index)` where it matters that one listed entity may have removed another.
   */
  entities(): readonly number[];
  /** How many members there are right now, those that left but are still listed not counted. */
  readonly count: number;
  /** Rises whenever somebody joins, leaves, or stops being listed. */
  readonly version: number;
  /** Whether an index is a member right now. */
  has(index: number): boolean;
  /** Where {@link Query.entities} lists an index; -1 when it isn't a member. */
  placeOf(index: number): number;
  /**
   * Of a query of one's own (`own`): the indices that have joined or left since {@link Query.forgetChanges}, some of
   * them more than once. Undefined of any other, and where they are too many to be worth a list.
   */
  readonly changes: readonly number[] | undefined;
  forgetChanges(): void;
}

/** Past that many, looking at all members costs no more. */
const mostChanges = 4_096;
/** The members of a query as they are listed, and those of them that have left, in the order they did. */
export interface QueryOrder {
  readonly listed: readonly number[];
  readonly leaving: readonly number[];
}

/**
 * A sparse set with deferred removal. `slots[index]` is 0 for an index that isn't in it, else its
 * position in `dense` plus 1, negative while it waits for the commit that takes it out.
 */
export class LiveQuery implements Query {
  readonly #dense: number[] = [];
  #slots = new Int32Array(64);
  readonly #leaving: number[] = [];
  #count = 0;
  #version = 0;
  #cause = 0;
  readonly #changes: number[] = [];
  readonly #keepsChanges: boolean;
  readonly #matches: (index: number) => boolean;

  constructor(matches: (index: number) => boolean, keepsChanges = false) {
    this.#matches = matches;
    this.#keepsChanges = keepsChanges;
  }

  get count(): number {
    return this.#count;
  }

  get version(): number {
    return this.#version;
  }

  entities(): readonly number[] {
    return this.#dense;
  }

  has(index: number): boolean {
    const slot = this.#slots[index];
    return slot !== undefined && slot > 0;
  }

  placeOf(index: number): number {
    const slot = this.#slots[index];
    return slot !== undefined && slot > 0 ? slot - 1 : -1;
  }

  get changes(): readonly number[] | undefined {
    return this.#keepsChanges && this.#changes.length < mostChanges ? this.#changes : undefined;
  }

  forgetChanges(): void {
    this.#changes.length = 0;
  }

  /** Looks again at one index whose components have changed. */
  update(index: number): void {
    if (this.#matches(index)) this.add(index);
    else this.remove(index);
  }

  /**
   * Looks again unless it has for that cause: one that several of its components tell of.
   * @returns whether it has looked, and the index is a member.
   */
  updateOnce(index: number, cause: number): boolean {
    if (this.#cause === cause) return false;
    this.#cause = cause;
    this.update(index);
    return this.has(index);
  }

  /** The index joins. */
  add(index: number): void {
    if (index >= this.#slots.length) this.#grow(index);
    const slot = this.#slots[index] as number;
    if (slot > 0) return;
    this.#slots[index] = slot < 0 ? -slot : this.#dense.push(index);
    this.#note(index);
    this.#count++;
    this.#version++;
  }

  /** The index leaves: no member from now on, no longer listed from the next commit on. */
  remove(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined || slot <= 0) return;
    this.#slots[index] = -slot;
    this.#leaving.push(index);
    this.#note(index);
    this.#version++;
    this.#count--;
  }

  /** Stops listing what has left. */
  commit(): void {
    const leaving = this.#leaving;
    if (leaving.length === 0) return;
    this.#version++;
    for (let i = 0; i < leaving.length; i++) {
      const index = leaving[i] as number;
      const slot = this.#slots[index] as number;
      if (slot >= 0) continue; // came back, or was listed as leaving twice
      this.#slots[index] = 0;
      const last = this.#dense.pop() as number;
      if (last === index) continue;
      this.#dense[-slot - 1] = last;
      this.#slots[last] = (this.#slots[last] as number) < 0 ? slot : -slot;
    }
    leaving.length = 0;
  }

  /** In which order members are listed; undefined while it is that of their indices. */
  get order(): QueryOrder | undefined {
    const listed = this.#dense;
    const isRising = listed.every((index, at) => at === 0 || index > (listed[at - 1] as number));
    if (isRising && this.#leaving.length === 0) return undefined;
    return { listed: [...listed], leaving: [...this.#leaving] };
  }

  /** Lists what there is in the order of an earlier moment with the same members, or of their indices. */
  setOrder(order: QueryOrder | undefined): void {
    const members = this.#dense.filter((index) => this.has(index));
    const listed = order?.listed ?? members.sort((a, b) => a - b);
    const isMember = new Set(members);
    for (const index of this.#dense) this.#slots[index] = 0;
    this.#dense.length = 0;
    for (const index of listed) {
      if (index >= this.#slots.length) this.#grow(index);
      const slot = this.#dense.push(index);
      this.#slots[index] = isMember.has(index) ? slot : -slot;
    }
    this.#leaving.length = 0;
    for (const index of order?.leaving ?? []) {
      if (index >= this.#slots.length) this.#grow(index);
      this.#leaving.push(index);
    }
    this.#version++;
  }

  #note(index: number): void {
    if (this.#keepsChanges && this.#changes.length < mostChanges) this.#changes.push(index);
  }

  #grow(index: number): void {
    const larger = new Int32Array(Math.max(index + 1, this.#slots.length * 2));
    larger.set(this.#slots);
    this.#slots = larger;
  }
}
