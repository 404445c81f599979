import type { ScriptBinary } from "../../scripting/index.ts";
import { alternate } from "./measure.ts";
import { createMovement } from "./movement.ts";

export interface EntitiesResult {
  readonly entities: number;
  /** Script time over native time, whole frames, medians. */
  readonly ratio: number;
  readonly scriptNsPerEntity: number;
  readonly nativeNsPerEntity: number;
}

/** Movement of so many entities: a script with a budget for each, against the same loop in TypeScript. */
export async function benchEntities(
  binary: ScriptBinary,
  count: number,
  rounds: number,
  windows: boolean,
): Promise<EntitiesResult> {
  const { scripted, native, check } = await createMovement(binary, count, windows);
  const [scriptMs, nativeMs] = alternate([scripted, native], rounds);
  check();
  return {
    entities: count,
    ratio: scriptMs / nativeMs,
    scriptNsPerEntity: (scriptMs * 1e6) / count,
    nativeNsPerEntity: (nativeMs * 1e6) / count,
  };
}
