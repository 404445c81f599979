import { setFlagsFromString } from "node:v8";

// One compiler at a time: how soon code gets to the optimising one is the engine's affair, and would
// blur what metering costs.
export const optimising = "--no-liftoff";
export const baseline = "--liftoff-only";

/** Has what `body` compiles compiled by the optimising compiler alone. */
export async function withOptimising<T>(body: () => Promise<T>): Promise<T> {
  setFlagsFromString(optimising);
  try {
    return await body();
  } finally {
    setFlagsFromString("--liftoff");
  }
}
