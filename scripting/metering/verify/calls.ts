import { VerifyError } from "../../errors.ts";
import { InstructionCursor } from "../../wasm/instructions.ts";
import { type Body, funcTypeKey, type WasmModule } from "../../wasm/module.ts";
import { Op } from "../../wasm/opcodes.ts";

/**
 * The calls of a metered module as a graph. Its nodes are the defined functions, then one for each
 * function type that is called indirectly, which leads to all functions of that type that tables
 * may hold. Without the functions that check fuel and depth at their entry, no cycle may be left.
 */
export class CallOrder {
  /** Functions that code takes references of. */
  readonly references: number[] = [];
  readonly #module: WasmModule;
  readonly #cursor: InstructionCursor;
  readonly #calls: number[][] = [];
  readonly #entryChecked: boolean[] = [];
  readonly #typeKeys: string[];
  readonly #typeNodes = new Map<string, number>();
  #successors: readonly (readonly number[])[] = [];
  #cycle = new Int32Array(0);

  constructor(module: WasmModule) {
    this.#module = module;
    this.#cursor = new InstructionCursor(module.bytes);
    this.#typeKeys = module.types.map(funcTypeKey);
  }

  /** Notes a defined function's calls: an index ≥ 0, or `-1 - type` for an indirect one. */
  add(f: number, entryChecked: boolean, body: Body): void {
    const calls: number[] = [];
    const cursor = this.#cursor;
    cursor.seek(body.codeStart, body.end);
    while (!cursor.done) {
      cursor.next();
      const { op, a } = cursor;
      if (op === Op.call || op === Op.returnCall) {
        if (a >= this.#module.importedFunctionCount) calls.push(a);
      } else if (op === Op.callIndirect || op === Op.returnCallIndirect) calls.push(-1 - a);
      else if (op === Op.refFunc) this.references.push(a);
    }
    this.#calls[f] = calls;
    this.#entryChecked[f] = entryChecked;
  }

  isEntryChecked(node: number): boolean {
    return this.#entryChecked[node] === true;
  }

  /** The node of a type; undefined when nothing calls through it. */
  typeNode(typeIndex: number): number | undefined {
    return this.#typeNodes.get(this.#typeKeys[typeIndex] as string);
  }

  /** Functions that a type's node leads to. */
  targets(typeNode: number): readonly number[] {
    return this.#successors[typeNode] ?? [];
  }

  /** Whether two nodes, one of which calls the other, are in one cycle. */
  sameCycle(a: number, b: number): boolean {
    return this.#cycle[a] === this.#cycle[b];
  }

  /**
   * All nodes, each behind those it leads to; within a cycle, edges into entry checks don't count.
   * Functions in `reachable` may be in tables.
   * @throws VerifyError when a cycle of calls has no check.
   */
  calleesFirst(reachable: readonly number[]): number[] {
    this.#connect(reachable);
    const groups = condense(this.#successors);
    this.#cycle = new Int32Array(this.#successors.length);
    for (const [c, group] of groups.entries()) for (const node of group) this.#cycle[node] = c;
    const order: number[] = [];
    const state = new Uint8Array(this.#successors.length);
    for (const group of groups) for (const node of group) this.#visit(node, state, order);
    return order;
  }

  #connect(reachable: readonly number[]): void {
    const imported = this.#module.importedFunctionCount;
    const functions = this.#calls.length;
    const successors = this.#calls.map((calls) =>
      calls.map((callee) => {
        if (callee >= 0) return callee - imported;
        const key = this.#typeKeys[-1 - callee] as string;
        const node = this.#typeNodes.get(key) ?? functions + this.#typeNodes.size;
        this.#typeNodes.set(key, node);
        return node;
      }),
    );
    for (const node of this.#typeNodes.values()) successors[node] = [];
    for (const index of new Set([...reachable, ...this.references])) {
      const type = this.#module.functionTypes[index] as number;
      const node = this.typeNode(type);
      if (node !== undefined) successors[node]?.push(index - imported);
    }
    this.#successors = successors;
  }

  /**
   * Depth first within a cycle, with its own stack. Edges into an entry check are left out, so what
   * is left must have no cycle: a successor that is still open closes one.
   */
  #visit(root: number, state: Uint8Array, order: number[]): void {
    if (state[root] !== unseen) return;
    const path = [{ node: root, next: 0 }];
    state[root] = open;
    while (path.length > 0) {
      const top = path[path.length - 1] as { node: number; next: number };
      const next = this.#successors[top.node]?.[top.next++];
      if (next === undefined) {
        state[top.node] = done;
        order.push(top.node);
        path.pop();
        continue;
      }
      if (state[next] === done || this.isEntryChecked(next) || !this.sameCycle(top.node, next)) {
        continue;
      }
      if (state[next] === open)
        this.#fail(
          path.map((p) => p.node),
          next,
        );
      state[next] = open;
      path.push({ node: next, next: 0 });
    }
  }

  #fail(path: readonly number[], node: number): never {
    const cycle = path.slice(path.indexOf(node));
    const f = cycle.find((n) => n < this.#calls.length) ?? 0;
    const index = f + this.#module.importedFunctionCount;
    throw new VerifyError(index, 0, "a cycle of calls passes no check at any function's entry");
  }
}

const unseen = 0;
const open = 1;
const done = 2;

/** Groups of nodes that lead to each other, each group behind those it leads to (Tarjan). */
function condense(successors: readonly (readonly number[])[]): number[][] {
  const groups: number[][] = [];
  const count = successors.length;
  const number = new Int32Array(count);
  const low = new Int32Array(count);
  const edge = new Int32Array(count);
  const grouped = new Uint8Array(count);
  const stack: number[] = [];
  const path: number[] = [];
  let numbers = 0;
  const enter = (node: number): void => {
    number[node] = low[node] = ++numbers;
    stack.push(node);
    path.push(node);
  };
  for (let root = 0; root < count; root++) {
    if (number[root] !== 0) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      const next = successors[node]?.[edge[node] as number];
      if (next !== undefined) {
        edge[node] = (edge[node] as number) + 1;
        if (number[next] === 0) enter(next);
        else if (grouped[next] === 0) {
          low[node] = Math.min(low[node] as number, number[next] as number);
        }
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) {
        low[parent] = Math.min(low[parent] as number, low[node] as number);
      }
      if (low[node] !== number[node]) continue;
      const group = stack.splice(stack.lastIndexOf(node));
      for (const member of group) grouped[member] = 1;
      groups.push(group);
    }
  }
  return groups;
}
