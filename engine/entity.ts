/*
 * Two numbers name an entity, and they are easy to confuse:
 *
 *   index   where its fields stand in every column. bitECS's unversioned id, 1 … maxEntities - 1.
 *           Used again as soon as the entity is gone.
 *   handle  index | generation << 20, one non-negative i32. Never used again: what scripts and
 *           games hold. The generation counts the entities that the index has had, from 1, so a
 *           bare index is never a valid handle, and 0 is no entity.
 *
 * An index that has used up its generations is retired. It never starts over, because an old
 * handle would then name a stranger.
 */

declare const entityBrand: unique symbol;

/** An entity's handle: `index | generation << 20`. 0 is no entity. */
export type Entity = number & { readonly [entityBrand]: true };

/** The handle of no entity. */
export const noEntity = 0 as Entity;

const indexBits = 20;
const indexMask = (1 << indexBits) - 1;

/** The most that `maxEntities` can be: as many indices as a handle has room for. */
export const maxIndexCount = 1 << indexBits;

/** The last generation that fits a handle. */
export const lastGeneration = (1 << (31 - indexBits)) - 1;

/**
 * The generation from which on an index is due to be retired. It is short of the last one because
 * a game that adds and removes entities through bitECS itself may use an index some more times
 * before the world gets to take it out.
 */
export const wornGeneration = lastGeneration - 31;

/** The index part of a handle; says nothing about whether the entity is alive. */
export function indexPart(handle: number): number {
  return handle & indexMask;
}

/** The generation part of a handle. */
export function generationPart(handle: number): number {
  return handle >>> indexBits;
}

/** A handle that names no live entity was used. */
export class StaleEntityError extends Error {
  override readonly name = "StaleEntityError";
  readonly handle: number;
  readonly index: number;
  /** The generation that the handle asks for. */
  readonly generation: number;
  /** The generation that lives at the index now; 0 when none does. */
  readonly currentGeneration: number;

  constructor(handle: number, currentGeneration: number) {
    const index = indexPart(handle);
    const generation = generationPart(handle);
    const now = currentGeneration === 0 ? "now free" : `now ${currentGeneration}`;
    const hint = generation === 0 ? ": an index is not a handle" : "";
    const hex = (handle >>> 0).toString(16).padStart(8, "0");
    super(
      handle === 0
        ? "entity 0 is no entity"
        : `entity 0x${hex} is not alive (index ${index}, generation ${generation}, ${now})${hint}`,
    );
    this.handle = handle;
    this.index = index;
    this.generation = generation;
    this.currentGeneration = currentGeneration;
  }
}

/** Who is alive, to look at many at a time. */
export interface Lives {
  /** The handle that lives at each index, 0 for none; -1 at 0. The array is live: read it, don't change it. */
  readonly handles: Int32Array;
  /** Rises whenever a handle becomes alive, and when that is undone. */
  readonly births: number;
  /** Rises whenever one, or all of them, cease to be. */
  readonly deaths: number;
  /** Called with the index of whoever ceases to be, as that happens; not when all of them do. One at a time listens. */
  onDeath: ((index: number) => void) | undefined;
}

/** Which indices are alive, and under which handle. */
export class EntityTable implements Lives {
  /** Indices below this exist; 0 is never used. */
  readonly capacity: number;
  /** The handle that lives at an index. 0 for none, -1 at index 0 so that handle 0 never matches. */
  readonly #handles: Int32Array;
  /** The generation that lives at an index, or that the next entity there will have. */
  readonly #generations: Uint16Array;
  #aliveCount = 0;
  #births = 0;
  #deaths = 0;
  onDeath: ((index: number) => void) | undefined = undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#handles = new Int32Array(capacity);
    this.#handles[0] = -1;
    this.#generations = new Uint16Array(capacity).fill(1);
  }

  /** How many handles are alive. */
  get aliveCount(): number {
    return this.#aliveCount;
  }

  get handles(): Int32Array {
    return this.#handles;
  }

  get births(): number {
    return this.#births;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** The index of a live handle, or -1. Takes any number whatever. */
  resolve(handle: number): number {
    const index = handle & indexMask;
    return index < this.capacity && this.#handles[index] === handle ? index : -1;
  }

  /** The handle that lives at an index, or 0. Takes any number whatever. */
  handleAt(index: number): Entity {
    const handle = this.#handles[index];
    return (handle === undefined || handle < 0 ? 0 : handle) as Entity;
  }

  /** The generation that lives at an index; 0 when none does. */
  liveGenerationAt(index: number): number {
    return generationPart(this.handleAt(index));
  }

  /**
   * Makes an index alive. Returns its handle, or 0 when its generations are used up: then the
   * entity has no handle, because any handle would have named another entity before.
   */
  birth(index: number): Entity {
    if (this.#handles[index] !== 0) this.death(index);
    const generation = this.#generations[index] as number;
    if (generation > lastGeneration) return noEntity;
    const handle = (index | (generation << indexBits)) as Entity;
    this.#handles[index] = handle;
    this.#aliveCount++;
    this.#births++;
    return handle;
  }

  /** Ends the entity at an index. Returns whether the index should be retired. */
  death(index: number): boolean {
    if (this.#handles[index] !== 0) {
      this.#handles[index] = 0;
      this.#generations[index] = (this.#generations[index] as number) + 1;
      this.#aliveCount--;
      this.#deaths++;
      this.onDeath?.(index);
    }
    return (this.#generations[index] as number) >= wornGeneration;
  }

  /** By index, from 1 up to an end: the generation that lives there, or that the next entity there will have. */
  generations(end: number): Uint16Array {
    return this.#generations.slice(1, end);
  }

  /** Nothing is alive, and indices from 1 on have these generations; those behind were never used. */
  reset(generations: ArrayLike<number>): void {
    this.#handles.fill(0, 1);
    this.#generations.fill(1);
    this.#generations.set(generations, 1);
    this.#aliveCount = 0;
    this.#deaths++;
  }

  /** Undoes the birth of a live index: its next entity gets the same handle again. */
  undoBirth(index: number): void {
    this.#handles[index] = 0;
    this.#aliveCount--;
    // It never lived, so nobody died; but who has looked since has to look again.
    this.#births++;
  }
}
