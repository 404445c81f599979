import { VerifyError } from "../../errors.ts";
import { funcTypeKey, type WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";
import type { Listing } from "./listing.ts";

/**
 * The calls of a metered module. Without the functions that check fuel and depth at their entry, no
 * cycle may be left.
 */
export class CallOrder {
  readonly #module: WasmModule;
  readonly #calls: number[][] = [];
  readonly #entryChecked: boolean[] = [];
  /** Functions that code takes references of. */
  readonly references: number[] = [];
  readonly #typeKeys: string[];
  readonly #targets = new Map<string, number[]>();

  constructor(module: WasmModule) {
    this.#module = module;
    this.#typeKeys = module.types.map(funcTypeKey);
  }

  /** Notes a defined function's calls: an index ≥ 0, or `-1 - type` for an indirect one. */
  add(f: number, entryChecked: boolean, l: Listing): void {
    const calls: number[] = [];
    for (let i = 0; i < l.length; i++) {
      const op = l.ops[i];
      const a = l.a[i] as number;
      if (op === Op.call || op === Op.returnCall) {
        if (a >= this.#module.importedFunctionCount) calls.push(a);
      } else if (op === Op.callIndirect || op === Op.returnCallIndirect) calls.push(-1 - a);
      else if (op === Op.refFunc) this.references.push(a);
    }
    this.#calls[f] = calls;
    this.#entryChecked[f] = entryChecked;
  }

  isEntryChecked(f: number): boolean {
    return this.#entryChecked[f] === true;
  }

  /** Defined functions that an indirect call through the type may reach. */
  indirectTargets(typeIndex: number): readonly number[] {
    return this.#targets.get(this.#typeKeys[typeIndex] as string) ?? [];
  }

  /**
   * Defined functions, each behind all it calls (`reachable` ones through tables too) but those that check at entry.
   * @throws VerifyError when a cycle of calls has no check.
   */
  calleesFirst(reachable: readonly number[]): number[] {
    const imported = this.#module.importedFunctionCount;
    for (const index of new Set([...reachable, ...this.references])) {
      const f = index - imported;
      const key = this.#typeKeys[this.#module.functionTypes[index] as number] as string;
      const targets = this.#targets.get(key);
      if (targets === undefined) this.#targets.set(key, [f]);
      else targets.push(f);
    }
    // Nodes: functions, then one for each function type called indirectly.
    const functions = this.#calls.length;
    const typeNodes = new Map<string, number>();
    const successors: number[][] = this.#calls.map((calls) =>
      calls.map((callee) => {
        if (callee >= 0) return callee - imported;
        const key = this.#typeKeys[-1 - callee] as string;
        const node = typeNodes.get(key) ?? functions + typeNodes.size;
        typeNodes.set(key, node);
        return node;
      }),
    );
    for (const [key, node] of typeNodes) successors[node] = this.#targets.get(key) ?? [];
    const order = this.#topological(successors);
    return order.filter((node) => node < functions);
  }

  /**
   * Depth first, with its own stack. Edges into an entry check are left out, so what is left must
   * have no cycle: a successor that is still open closes one.
   */
  #topological(successors: readonly number[][]): number[] {
    const order: number[] = [];
    const state = new Uint8Array(successors.length); // 0 new, 1 open, 2 done
    const path: { node: number; next: number }[] = [];
    for (let root = 0; root < successors.length; root++) {
      if (state[root] !== 0) continue;
      path.push({ node: root, next: 0 });
      state[root] = 1;
      while (path.length > 0) {
        const top = path[path.length - 1] as { node: number; next: number };
        const next = successors[top.node]?.[top.next++];
        if (next === undefined) {
          state[top.node] = 2;
          order.push(top.node);
          path.pop();
          continue;
        }
        if (state[next] === 2 || this.isEntryChecked(next)) continue;
        if (state[next] === 1)
          this.#fail(
            path.map((p) => p.node),
            next,
          );
        state[next] = 1;
        path.push({ node: next, next: 0 });
      }
    }
    return order;
  }

  #fail(path: readonly number[], node: number): never {
    const cycle = path.slice(path.indexOf(node));
    const f = cycle.find((n) => n < this.#calls.length) ?? 0;
    const index = f + this.#module.importedFunctionCount;
    throw new VerifyError(index, 0, "a cycle of calls passes no check at any function's entry");
  }
}
