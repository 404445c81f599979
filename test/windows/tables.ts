import { expect } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import { Kinds, Position, type Rig, Trace, Velocity } from "../system/harness.ts";

/** By a table, by rows of a window, and call by call. */
export type Windows = boolean | "rows";

/** Nobody is disabled, and nobody backs off. */
export const lenient = { maxStrikes: 255, backOffFrames: 0 } as const;

/** Runs the same thing in each way, and expects it to come to the same. @returns what that is. */
export async function alike<T>(run: (windows: Windows) => Promise<T>, name = ""): Promise<T> {
  const byCall = await run(false);
  expect(await run("rows"), `${name} by rows`).toEqual(byCall);
  expect(await run(true), `${name} by a table`).toEqual(byCall);
  return byCall;
}

/** What a run has come to: the world, the scripts' fields, and the faults. */
export function resultOf({ world, scripts, of }: Rig) {
  return {
    hash: `${world.hash()} ${scripts.hash()}`,
    faults: of("fault").map(({ entity, hook, fault }) => `${entity} ${hook} ${fault.message}`),
    disabled: of("disable").map(({ entity }) => entity),
    messages: scripts.totals().messages,
  };
}

/** How often scripts have called the host: what a table has takes no call. */
export function hostCallsOf({ scripts }: Rig): number {
  return scripts.stats().reduce((sum, { hostCalls }) => sum + hostCalls, 0);
}

/** Entities that carry a script, one behind the other, and know each other by `Kinds.target`: each the one before. */
export function chain({ world, scripts }: Rig, name: string, count: number): Entity[] {
  const all = Array.from({ length: count }, (_, u8) =>
    world.spawn(
      undefined,
      withValues(Position, { x: u8 }),
      Velocity,
      Trace,
      withValues(Kinds, { u8 }),
    ),
  );
  const { target } = world.columns(Kinds);
  for (const [n, entity] of all.entries()) {
    target[world.indexOf(entity)] = all[(n + count - 1) % count] as Entity;
    scripts.attach(entity, name);
  }
  return all;
}
