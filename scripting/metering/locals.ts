import { Convention } from "./codes.ts";
import type { FunctionFacts } from "./facts.ts";

/**
 * New index of a local of the original. The meter's parameters come behind the original's, where its first
 * declared locals were; those move behind all the others, so that no other local moves.
 */
export function movedLocal(
  facts: FunctionFacts,
  f: number,
  params: number,
  localCount: number,
  local: number,
): number {
  const added = facts.convention[f] === Convention.threaded ? 1 + (facts.deep[f] as number) : 0;
  const moved = Math.min(added, localCount);
  const place = local - params;
  return place >= 0 && place < moved ? local + added + localCount - moved : local;
}
