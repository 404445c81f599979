import { packBytes, savedNumber } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import { GuestStop } from "../runtime/guest-stop.ts";
import type { HostContext } from "../runtime/host-function.ts";
import type { LinkedFunction, LinkedModule } from "../runtime/linked-module.ts";
import type { Script } from "../runtime/script.ts";

/** Something that a host function did to the guest while it ran, which costs fuel or runs code of the guest's. */
export type SavedStep =
  | { readonly do: "charge"; readonly fuel: number }
  | { readonly do: "read-string"; readonly pointer: number }
  | { readonly do: "new-string"; readonly text: string }
  | { readonly do: "bytes"; readonly pointer: number; readonly length: number };

/** One call of a host function: what it was given, what it did to the guest, and what it gave. */
export interface SavedHostCall {
  /** Its place among the module's imported functions. */
  readonly import: number;
  /** Numbers by name where JSON has none; an i64 as its digits and an `n`. */
  readonly args: readonly (number | string)[];
  readonly steps?: readonly SavedStep[];
  /** What it has written into the guest's memory: base64, by address. */
  readonly writes?: readonly { readonly at: number; readonly bytes: string }[];
  /** Absent where it gives nothing, and where it was stopped. */
  readonly result?: number | string;
  /** What it said when it refused the call, or what it threw. */
  readonly refused?: string;
  readonly failed?: string;
}

type OpenCall = { -readonly [K in keyof SavedHostCall]: SavedHostCall[K] };

/** A number or an i64 as JSON holds it. */
export function savedValue(value: number | bigint): number | string {
  return typeof value === "bigint" ? `${value}n` : savedNumber(value);
}

/** Bytes that are the same between two writes, up to which they count as one. */
const shortGap = 16;

/** Notes what a script's host functions are given and give. */
export class HostLog {
  readonly calls: SavedHostCall[] = [];
  /** Whether something happened that a log can't hold. */
  isLossy = false;
  readonly #live: Script;

  /** @param live the script that host functions are to believe that they are called by. */
  constructor(live: Script) {
    this.#live = live;
  }

  /** What a module was linked to, with every call noted. */
  watch(linked: LinkedModule): LinkedModule {
    const functions = linked.functions.map((f, i) => ("spec" in f ? this.#watched(f, i) : f));
    return { ...linked, functions };
  }

  #watched(f: LinkedFunction, index: number): LinkedFunction {
    const run: LinkedFunction["run"] = (context, ...args) => {
      const call: OpenCall = { import: index, args: args.map(savedValue) };
      this.calls.push(call);
      const noting = new NotingContext(context, this.#live);
      try {
        const result = f.run(noting, ...args);
        if (f.spec.results.length > 0) {
          if (typeof result === "number" || typeof result === "bigint") {
            call.result = savedValue(result);
          } else this.isLossy = true;
        } else if (typeof result === "object" && result !== null) this.isLossy = true;
        return result;
      } catch (thrown) {
        if (thrown instanceof HostError) call.refused = thrown.message;
        else if (!(thrown instanceof GuestStop)) {
          call.failed = thrown instanceof Error ? thrown.message : String(thrown);
        }
        throw thrown;
      } finally {
        noting.finish(call);
      }
    };
    return { ...f, run };
  }
}

/** A host function's context that notes what is done with it. */
class NotingContext implements HostContext {
  readonly script: Script;
  readonly #inner: HostContext;
  readonly #steps: SavedStep[] = [];
  #before: Uint8Array | undefined;

  constructor(inner: HostContext, live: Script) {
    this.#inner = inner;
    this.script = live;
  }

  get entity(): number {
    return this.#inner.entity;
  }

  get redacted(): boolean {
    return this.#inner.redacted;
  }

  get memory(): Uint8Array {
    this.#before ??= this.#inner.memory.slice();
    return this.#inner.memory;
  }

  charge(fuel: number): void {
    this.#steps.push({ do: "charge", fuel });
    this.#inner.charge(fuel);
  }

  checkEntity(what: string, entity: number): void {
    this.#inner.checkEntity(what, entity);
  }

  readString(pointer: number): string {
    this.#steps.push({ do: "read-string", pointer });
    return this.#inner.readString(pointer);
  }

  newString(text: string): number {
    this.#steps.push({ do: "new-string", text });
    return this.#inner.newString(text);
  }

  bytes(pointer: number, length: number): Uint8Array {
    this.#before ??= this.#inner.memory.slice();
    this.#steps.push({ do: "bytes", pointer, length });
    return this.#inner.bytes(pointer, length);
  }

  finish(call: OpenCall): void {
    if (this.#steps.length > 0) call.steps = this.#steps;
    if (this.#before === undefined) return;
    const writes = differences(this.#before, this.#inner.memory);
    if (writes.length > 0) call.writes = writes;
  }
}

function differences(before: Uint8Array, after: Uint8Array): { at: number; bytes: string }[] {
  const found: { at: number; bytes: string }[] = [];
  for (let at = 0; at < after.length; at++) {
    if (after[at] === (before[at] ?? 0)) continue;
    let end = at + 1;
    for (let next = end; next < after.length && next - end < shortGap; next++) {
      if (after[next] !== (before[next] ?? 0)) end = next + 1;
    }
    found.push({ at, bytes: packBytes(after.slice(at, end)) });
    at = end;
  }
  return found;
}
