import { HostError } from "../errors.ts";
import type { HostContext, HostFunctionSpec } from "./host-function.ts";
import type { Script } from "./script.ts";

/** What a script lends to the contexts of its host functions. */
export interface ContextScript {
  readonly script: Script;
  /** Whether an entity is its own; undefined when it may touch any. */
  readonly owns: ((entity: number) => boolean) | undefined;
  readonly payloadBytes: () => number;
  charge(fuel: number): void;
  readString(pointer: number): string;
  newString(text: string): number;
}

/** Bytes of a UTF-16 unit. */
const unitBytes = 2;

/** What one host function of one script is called with. */
export class GuestContext implements HostContext {
  readonly script: Script;
  readonly redacted: boolean;
  readonly #lent: ContextScript;
  readonly #fuelPerByte: number;

  constructor(lent: ContextScript, spec: Pick<HostFunctionSpec, "fuelPerByte">, redacted: boolean) {
    this.script = lent.script;
    this.redacted = redacted;
    this.#lent = lent;
    this.#fuelPerByte = spec.fuelPerByte ?? 0;
  }

  get entity(): number {
    return this.script.entity;
  }

  get memory(): Uint8Array {
    return this.script.memory;
  }

  charge(fuel: number): void {
    this.#lent.charge(fuel);
  }

  checkEntity(what: string, entity: number): void {
    const { owns } = this.#lent;
    if (owns === undefined || entity === this.script.entity || owns(entity)) return;
    const hex = (entity >>> 0).toString(16).padStart(8, "0");
    throw new HostError(
      `${what}: entity 0x${hex} isn't the script's own, and it may touch no other`,
    );
  }

  readString(pointer: number): string {
    const text = this.#lent.readString(pointer);
    this.#chargeBytes(text.length * unitBytes);
    return text;
  }

  newString(text: string): number {
    this.#chargeBytes(text.length * unitBytes);
    return this.#lent.newString(text);
  }

  bytes(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0;
    const count = length >>> 0;
    const most = this.#lent.payloadBytes();
    const { memory } = this.script;
    if (count > most) {
      throw new HostError(`a buffer of ${count} bytes, payloadBytes allows ${most}`);
    }
    if (start + count > memory.length) {
      throw new HostError(
        `no ${count} bytes at 0x${start.toString(16)}: outside of the guest's memory`,
      );
    }
    this.#chargeBytes(count);
    return memory.subarray(start, start + count);
  }

  #chargeBytes(count: number): void {
    if (this.#fuelPerByte > 0) this.#lent.charge(count * this.#fuelPerByte);
  }
}
