import { VerifyError } from "../../errors.ts";
import { funcTypeKey, type WasmModule } from "../../wasm/module.ts";
import { ByteReader, WasmFormatError } from "../../wasm/reader.ts";
import { orderSection } from "../protocol.ts";
import type { FuelHolder } from "./holders.ts";

/** The functions of a type that tables may hold, as defined functions. */
interface TypeTargets {
  readonly functions: readonly number[];
  /** Highest group of any; -1 when there are none. */
  readonly group: number;
  /** Position of the last of those in that group that isn't counted; found when asked for. */
  lastUnchecked: number | undefined;
}

/**
 * The order in which functions are verified, which the metered module claims: in groups, each behind
 * all that it calls. Holding every call against it proves that no cycle of calls is without a check:
 * a call leads into an earlier group, or within the group to a function that stands earlier or that
 * is counted, which is to say that it checks fuel and depth before it calls anything of the group. So
 * all of a cycle is in one group; that a group may hold more than a cycle only makes what is asked of
 * it stricter.
 */
export class CallOrder {
  /** Defined functions, in that order. */
  readonly sequence: Int32Array;
  readonly #group: Int32Array;
  readonly #position: Int32Array;
  readonly #typeKeys: string[];
  readonly #targets = new Map<string, TypeTargets>();
  readonly #imported: number;
  readonly #holders: readonly FuelHolder[];

  /**
   * @param reachable functions that tables may hold.
   * @throws VerifyError when the order is missing, or isn't one of all functions.
   */
  constructor(module: WasmModule, reachable: Iterable<number>, holders: readonly FuelHolder[]) {
    const count = module.bodies.length;
    this.#holders = holders;
    this.#imported = module.importedFunctionCount;
    this.#typeKeys = module.types.map(funcTypeKey);
    this.sequence = new Int32Array(count);
    this.#group = new Int32Array(count);
    this.#position = new Int32Array(count).fill(-1);
    this.#read(module);
    this.#connect(module, reachable);
  }

  #read(module: WasmModule): void {
    const section = module.sections.find((s) => s.name === orderSection);
    if (section === undefined) throw new VerifyError(-1, 0, "the order of calls is missing");
    const reader = new ByteReader(module.bytes, section.dataStart, section.end);
    let group = -1;
    try {
      for (let i = 0; i < this.sequence.length; i++) {
        const entry = reader.u32();
        const f = entry >>> 1;
        if (this.#position[f] !== -1) reader.fail("the order of calls isn't one of all functions");
        if ((entry & 1) === 1 || i === 0) group++;
        this.sequence[i] = f;
        this.#position[f] = i;
        this.#group[f] = group;
      }
    } catch (error) {
      if (error instanceof WasmFormatError) throw new VerifyError(-1, error.offset, error.message);
      throw error;
    }
  }

  #connect(module: WasmModule, reachable: Iterable<number>): void {
    const byKey = new Map<string, number[]>();
    for (const index of new Set(reachable)) {
      const key = this.#typeKeys[module.functionTypes[index] as number] as string;
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [index - this.#imported]);
      else list.push(index - this.#imported);
    }
    for (const [key, functions] of byKey) {
      const group = functions.reduce((most, f) => Math.max(most, this.#group[f] as number), -1);
      this.#targets.set(key, { functions, group, lastUnchecked: undefined });
    }
  }

  /** Whether a defined function checks fuel and depth before it calls anything of its group. */
  isCounted(f: number): boolean {
    return this.#holders[f]?.counted === true;
  }

  /** Defined functions that a call through the type may reach. */
  targets(typeIndex: number): readonly number[] {
    return this.#targets.get(this.#typeKeys[typeIndex] as string)?.functions ?? [];
  }

  /** Whether two defined functions are in one group. */
  sameGroup(a: number, b: number): boolean {
    return this.#group[a] === this.#group[b];
  }

  /** Whether any function that a call through the type may reach is in the group of `f`. */
  reachesGroup(f: number, typeIndex: number): boolean {
    return this.#targets.get(this.#typeKeys[typeIndex] as string)?.group === this.#group[f];
  }

  /** What is wrong with a call of one defined function by another; undefined when nothing is. */
  objection(caller: number, callee: number): string | undefined {
    const [from, to] = [this.#group[caller] as number, this.#group[callee] as number];
    if (to < from) return undefined;
    if (to > from) return claimedBehind;
    const isBefore = (this.#position[callee] as number) < (this.#position[caller] as number);
    return isBefore || this.isCounted(callee) ? undefined : uncheckedCycle;
  }

  /** The same of a call through a type. */
  indirectObjection(caller: number, typeIndex: number): string | undefined {
    const targets = this.#targets.get(this.#typeKeys[typeIndex] as string);
    const from = this.#group[caller] as number;
    if (targets === undefined || targets.group < from) return undefined;
    if (targets.group > from) return claimedBehind;
    targets.lastUnchecked ??= targets.functions
      .filter((f) => this.#group[f] === from && !this.isCounted(f))
      .reduce((last, f) => Math.max(last, this.#position[f] as number), -1);
    return targets.lastUnchecked < (this.#position[caller] as number) ? undefined : uncheckedCycle;
  }
}

const claimedBehind = "a call into a function that is claimed to come behind its callers";
const uncheckedCycle = "a cycle of calls passes no check of fuel and depth";
