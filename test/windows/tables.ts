import { expect } from "vitest";
import type { Rig } from "../system/harness.ts";

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
