import type { ASUtil } from "@assemblyscript/loader";
import { HostError } from "../errors.ts";

/** What the loader looks at in front of an object: its class's number and its length in bytes. */
const headerBytes = 8;
const stringId = 2;
/** Bytes of a UTF-16 unit. */
const unitBytes = 2;

/** Reads and writes a guest's AssemblyScript strings, through AssemblyScript's loader. */
export class GuestStrings {
  readonly #memory: WebAssembly.Memory;
  readonly #endBytes: number;
  readonly #loader: () => ASUtil;
  /** Bytes that one string may have. */
  payloadBytes = 0;

  constructor(memory: WebAssembly.Memory, endBytes: number, loader: () => ASUtil) {
    this.#memory = memory;
    this.#endBytes = endBytes;
    this.#loader = loader;
  }

  /** @throws HostError for a bad pointer or a string above the payload limit. */
  read(pointer: number): string {
    const byteLength = this.#byteLength(pointer);
    if (byteLength > this.payloadBytes) {
      throw new HostError(
        `a string of ${byteLength} bytes, payloadBytes allows ${this.payloadBytes}`,
      );
    }
    return this.#loader().__getString(pointer >>> 0);
  }

  /**
   * How many UTF-16 units of a string are read by {@link start}. Looks at its header only.
   * @throws HostError for a bad pointer.
   */
  startLength(pointer: number, most: number): number {
    return Math.min(this.#byteLength(pointer), this.payloadBytes, most * unitBytes) >>> 1;
  }

  /** So many units from a string's beginning, of which {@link startLength} says that they are there. */
  start(pointer: number, units: number): string {
    return String.fromCharCode(...new Uint16Array(this.#memory.buffer, pointer >>> 0, units));
  }

  #byteLength(pointer: number): number {
    const address = pointer >>> 0;
    const { buffer } = this.#memory;
    const end = Math.min(buffer.byteLength, this.#endBytes);
    const where = `no string at 0x${address.toString(16)}`;
    if (address < headerBytes || address > end || (address & 1) !== 0) {
      throw new HostError(`${where}: outside of the guest's memory`);
    }
    // As the loader reads the object's header: the last words in front of it, rounded down to 4.
    const header = new DataView(buffer, (address - headerBytes) & ~3);
    if (header.getUint32(0, true) !== stringId) throw new HostError(`${where}: something else is`);
    const byteLength = header.getUint32(4, true);
    if (byteLength > end - address) {
      throw new HostError(`${where}: its length leaves the memory`);
    }
    return byteLength;
  }

  /** Allocates in the guest; call it where the guest's budget is running. */
  create(text: string): number {
    if (text.length * unitBytes > this.payloadBytes) {
      throw new HostError(
        `a string of ${text.length * unitBytes} bytes, payloadBytes allows ${this.payloadBytes}`,
      );
    }
    return this.#loader().__newString(text) >>> 0;
  }
}
