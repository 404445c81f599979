import type { ASUtil } from "@assemblyscript/loader";
import { HostError } from "../errors.ts";
import { isStackExhaustion } from "./guest-stop.ts";

/** The typed arrays that AssemblyScript has, by their names in JavaScript. */
const arrayTypes = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;

export type ArrayTypeName = keyof typeof arrayTypes;
export type TypedArrayOf<N extends ArrayTypeName> = InstanceType<(typeof arrayTypes)[N]>;
export type GuestArray = TypedArrayOf<ArrayTypeName>;

export function isArrayTypeName(name: string): name is ArrayTypeName {
  return Object.hasOwn(arrayTypes, name);
}

/** The type of a typed array that a guest can be given; undefined for all else. */
export function arrayTypeOf(value: unknown): ArrayTypeName | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = (value as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "";
  return isArrayTypeName(name) ? name : undefined;
}

/** An array's object: its buffer, where its data begins, and the data's length in bytes. */
const objectBytes = 12;
const dataStartOffset = 4;
const byteLengthOffset = 8;

/** Reads and writes a guest's AssemblyScript typed arrays, through AssemblyScript's loader. */
export class GuestArrays {
  readonly #memory: WebAssembly.Memory;
  readonly #endBytes: number;
  readonly #guestExports: WebAssembly.Exports;
  readonly #loader: () => ASUtil;
  /** Bytes that one array may have. */
  payloadBytes = 0;

  constructor(
    memory: WebAssembly.Memory,
    endBytes: number,
    guestExports: WebAssembly.Exports,
    loader: () => ASUtil,
  ) {
    this.#memory = memory;
    this.#endBytes = endBytes;
    this.#guestExports = guestExports;
    this.#loader = loader;
  }

  /**
   * A copy of the array at a pointer. Which type it has is what the caller says; the guest's word for it
   * isn't asked.
   * @throws HostError for one that isn't in memory, or above the payload limit.
   */
  read<N extends ArrayTypeName>(type: N, pointer: number): TypedArrayOf<N> {
    const address = pointer >>> 0;
    const { buffer } = this.#memory;
    const end = Math.min(buffer.byteLength, this.#endBytes);
    const where = `no ${type} at 0x${address.toString(16)}`;
    if ((address & 3) !== 0 || address + objectBytes > end) {
      throw new HostError(`${where}: outside of the guest's memory`);
    }
    const object = new DataView(buffer, address);
    const start = object.getUint32(dataStartOffset, true);
    const byteLength = object.getUint32(byteLengthOffset, true);
    if (start + byteLength > end || start % arrayTypes[type].BYTES_PER_ELEMENT !== 0) {
      throw new HostError(`${where}: its data aren't in the guest's memory`);
    }
    this.#checkPayload(type, byteLength);
    return this.#loader()[`__get${type}`](address) as TypedArrayOf<N>;
  }

  /**
   * Allocates a copy in the guest; call it where the guest's budget is running.
   * @throws HostError above the payload limit, and for a guest that doesn't say its type's number, or says
   * that of something else.
   */
  create(type: ArrayTypeName, values: GuestArray): number {
    this.#checkPayload(type, values.byteLength);
    const id = this.#idOf(type);
    try {
      return this.#loader().__newArray(id, values as unknown as number[]) >>> 0;
    } catch (thrown) {
      // The loader's own: a number that is none, or another array's, or an allocator that answers outside of
      // memory. What it says of it has the guest's data in it.
      if (!isLoaderError(thrown)) throw thrown;
      throw new HostError(
        `the guest can't hold a ${type}: its ${type}_ID isn't idof<${type}>(), or its __new points outside of its memory`,
      );
    }
  }

  /** By convention of the loader, `export const Float32Array_ID = idof<Float32Array>()`. */
  #idOf(type: ArrayTypeName): number {
    const name = `${type}_ID`;
    const exported = Object.hasOwn(this.#guestExports, name) ? this.#guestExports[name] : undefined;
    const id: unknown = exported instanceof WebAssembly.Global ? exported.value : undefined;
    if (typeof id === "number") return id;
    throw new HostError(
      `the script can't be given a ${type} unless it has: export const ${name} = idof<${type}>()`,
    );
  }

  #checkPayload(type: ArrayTypeName, byteLength: number): void {
    if (byteLength <= this.payloadBytes) return;
    throw new HostError(
      `a ${type} of ${byteLength} bytes, payloadBytes allows ${this.payloadBytes}`,
    );
  }
}

function isLoaderError(thrown: unknown): boolean {
  if (thrown instanceof RangeError) return !isStackExhaustion(thrown);
  // TypeError: numbers don't go into an array of bigints.
  if (thrown instanceof TypeError) return true;
  return thrown instanceof Error && thrown.constructor === Error;
}
