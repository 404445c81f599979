import { code } from "../../wasm/core/code.as";
import { Bytes, Ints, newBytes, newInts } from "../../wasm/core/memory.as";
import { input } from "./input.as";

/**
 * The call graph, condensed. Indirect calls go through one node for each function type, which leads
 * to every function of that type that a reference can reach; so the graph stays linear in the
 * module. Nodes past the functions are types.
 */
@unmanaged
export class CallGraph {
  /** Defined functions, callees before callers (members of one cycle in any order). */
  order: Ints = changetype<Ints>(0);
  /** 1 for a defined function that a cycle of calls passes through. */
  recursive: Bytes = changetype<Bytes>(0);
  /** Cycle number of each node; two functions in one cycle share it. */
  component: Ints = changetype<Ints>(0);

  /** Node of a call, see `CodeIndex.callees`; -1 for the host's functions. */
  @inline node(callee: i32): i32 {
    if (callee < 0) return input.bodyCount + input.canonicalType[-1 - callee];
    return callee < input.importedFunctions ? -1 : callee - input.importedFunctions;
  }

  /** Tarjan's strongly connected components, with its own stack: call graphs get deep. */
  build(): void {
    const functions = input.bodyCount;
    const nodeCount = functions + input.typeCount;
    const order = newInts(functions);
    let ordered = 0;
    const recursive = newBytes(functions);
    const component = newInts(nodeCount);
    const index = newInts(nodeCount);
    const low = newInts(nodeCount);
    const edge = newInts(nodeCount);
    const onStack = newBytes(nodeCount);
    const path = newInts(nodeCount);
    const stack = newInts(nodeCount);
    let visited = 0;
    let stacked = 0;
    let components = 0;
    const callStart = code.callStart;
    const callees = code.callees;
    const targetStarts = input.targetStarts;
    const targets = input.targets;

    for (let root = 0; root < nodeCount; root++) {
      if (index[root] != 0) continue;
      let depth = 0;
      path[0] = root;
      index[root] = ++visited;
      low[root] = visited;
      edge[root] = root < functions ? callStart[root] : targetStarts[root - functions];
      stack[stacked++] = root;
      onStack[root] = 1;
      while (depth >= 0) {
        const node = path[depth];
        const i = edge[node];
        const isFunction = node < functions;
        const end = isFunction ? callStart[node + 1] : targetStarts[node - functions + 1];
        if (i < end) {
          edge[node] = i + 1;
          const next = isFunction ? this.node(callees[i]) : targets[i];
          if (next < 0) continue;
          if (next == node && isFunction) recursive[node] = 1;
          if (index[next] == 0) {
            index[next] = ++visited;
            low[next] = visited;
            edge[next] = next < functions ? callStart[next] : targetStarts[next - functions];
            stack[stacked++] = next;
            onStack[next] = 1;
            path[++depth] = next;
          } else if (onStack[next] == 1) {
            if (index[next] < low[node]) low[node] = index[next];
          }
          continue;
        }
        depth--;
        if (depth >= 0) {
          const parent = path[depth];
          if (low[node] < low[parent]) low[parent] = low[node];
        }
        if (low[node] != index[node]) continue;
        const first = stacked;
        let member: i32;
        do {
          member = stack[--stacked];
          onStack[member] = 0;
          component[member] = components;
          if (member < functions) order[ordered++] = member;
        } while (member != node);
        if (first - stacked > 1) {
          for (let s = stacked; s < first; s++) {
            const inCycle = stack[s];
            if (inCycle < functions) recursive[inCycle] = 1;
          }
        }
        components++;
      }
    }
    this.order = order;
    this.recursive = recursive;
    this.component = component;
  }
}

export const graph: CallGraph = changetype<CallGraph>(memory.data(offsetof<CallGraph>()));
