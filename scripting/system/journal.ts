import { HostError } from "../errors.ts";

/** An array whose elements the journal can put back. Every number kind it holds fits a float64. */
export type UndoableArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface JournalOptions {
  /** Writes there is room for at once; grows by doubling. Default 1,024. */
  readonly initialWrites?: number;
  /** Writes one transaction may make; past it `record` throws. Default 1,048,576 (14 MiB). */
  readonly maxWrites?: number;
}

/**
 * What writes have overwritten, so that a stopped call's can be undone. Recording stores three
 * numbers and allocates nothing, but for the few times that the journal doubles.
 */
export class Journal {
  readonly #arrays: (UndoableArray | (() => UndoableArray) | undefined)[] = [];
  /** Ids that mean nothing any more. */
  readonly #freeIds: number[] = [];
  readonly #maxWrites: number;
  #arrayIds: Uint16Array;
  #indices: Uint32Array;
  #befores: Float64Array;
  #length = 0;

  constructor({ initialWrites = 1024, maxWrites = 1 << 20 }: JournalOptions = {}) {
    this.#maxWrites = maxWrites;
    const room = Math.max(1, Math.min(initialWrites, maxWrites));
    this.#arrayIds = new Uint16Array(room);
    this.#indices = new Uint32Array(room);
    this.#befores = new Float64Array(room);
  }

  /** Writes recorded and not yet forgotten or undone. */
  get length(): number {
    return this.#length;
  }

  /**
   * Makes an array known, or what finds it while undoing, if it isn't always the same one; returns the id to
   * record its writes with. At most 65,536 arrays.
   */
  track(array: UndoableArray | (() => UndoableArray)): number {
    const free = this.#freeIds.pop();
    if (free !== undefined) {
      this.#arrays[free] = array;
      return free;
    }
    if (this.#arrays.length > 0xffff)
      throw new RangeError("a journal tracks at most 65,536 arrays");
    return this.#arrays.push(array) - 1;
  }

  /** Forgets an array. Nothing may be recorded of it. Its id may become another's. */
  untrack(id: number): void {
    this.#arrays[id] = undefined;
    this.#freeIds.push(id);
  }

  /**
   * Notes that `array[index]`, now `before`, is about to be overwritten.
   * @throws HostError when the transaction has made as many writes as it may; nothing is noted then.
   */
  record(arrayId: number, index: number, before: number): void {
    const at = this.#length;
    if (at === this.#arrayIds.length) this.#grow();
    this.#arrayIds[at] = arrayId;
    this.#indices[at] = index;
    this.#befores[at] = before;
    this.#length = at + 1;
  }

  /** Puts back everything that was recorded since the journal was `length` long, newest first. */
  undoTo(length: number): void {
    for (let at = this.#length - 1; at >= length; at--) {
      const known = this.#arrays[this.#arrayIds[at] as number];
      const array = (typeof known === "function" ? known() : known) as UndoableArray;
      array[this.#indices[at] as number] = this.#befores[at] as number;
    }
    this.#length = length;
  }

  /** Forgets everything recorded: the writes stand. */
  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const room = Math.min(this.#arrayIds.length * 2, this.#maxWrites);
    if (room === this.#arrayIds.length) {
      throw new HostError(`one call may make at most ${this.#maxWrites} writes`);
    }
    this.#arrayIds = widened(this.#arrayIds, new Uint16Array(room));
    this.#indices = widened(this.#indices, new Uint32Array(room));
    this.#befores = widened(this.#befores, new Float64Array(room));
  }
}

function widened<A extends Uint16Array | Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
