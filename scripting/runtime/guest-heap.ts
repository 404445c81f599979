import type { ASUtil } from "@assemblyscript/loader";
import { type ArrayTypeName, arrayTypeOf, type GuestArray, GuestArrays } from "./guest-arrays.ts";
import { GuestStrings } from "./guest-strings.ts";
import { bridgeToLoader } from "./loader-bridge.ts";

/** The objects in a guest's memory that a host can read and make: AssemblyScript's strings and typed arrays. */
export class GuestHeap {
  readonly strings: GuestStrings;
  readonly arrays: GuestArrays;
  readonly #connect: () => ASUtil;
  #loader: ASUtil | undefined;

  /** @param endBytes where its memory ends for it, though there may be more. */
  constructor(memory: WebAssembly.Memory, guestExports: WebAssembly.Exports, endBytes: number) {
    this.#connect = () => bridgeToLoader(memory, guestExports);
    const loader = (): ASUtil => this.#connected();
    this.strings = new GuestStrings(memory, endBytes, loader);
    this.arrays = new GuestArrays(memory, endBytes, guestExports, loader);
  }

  /** Limits what passes in one piece. */
  setPayload(bytes: number): void {
    this.strings.payloadBytes = bytes;
    this.arrays.payloadBytes = bytes;
  }

  /**
   * Allocates a string or array in the guest, and keeps its garbage collector from it until it is unpinned.
   * @throws HostError that says why it can't.
   */
  pinned(value: string | GuestArray): number {
    const pointer =
      typeof value === "string"
        ? this.strings.create(value)
        : this.arrays.create(arrayTypeOf(value) as ArrayTypeName, value);
    return this.#connected().__pin(pointer) >>> 0;
  }

  /** @throws HostError for a pointer to nothing of the kind, or more than may pass. */
  read(kind: "string" | ArrayTypeName, pointer: number): string | GuestArray {
    return kind === "string" ? this.strings.read(pointer) : this.arrays.read(kind, pointer);
  }

  unpin(pointer: number): void {
    this.#connected().__unpin(pointer);
  }

  #connected(): ASUtil {
    this.#loader ??= this.#connect();
    return this.#loader;
  }
}
