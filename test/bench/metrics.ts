import { World } from "../../engine/index.ts";
import { ScriptSystem } from "../../scripting/index.ts";
import { UsageCounter } from "../../scripting/system/stats.ts";
import { alternate } from "./measure.ts";
import { Position, Velocity } from "./movement.ts";
import { movementBinary } from "./movement-binary.ts";

export interface MetricsResult {
  readonly entities: number;
  /** A frame with metrics over one without, medians. */
  readonly ratio: number;
  readonly withMs: number;
  readonly withoutMs: number;
}

/**
 * A frame of a script on so many entities, with what keeps its metrics and without. Calls and fuel are
 * counted in both, for the frame's budget goes by them; so are host calls, by their limit.
 */
export async function benchMetrics(entities: number, rounds: number): Promise<MetricsResult> {
  const world = new World({ components: [Position, Velocity], maxEntities: entities + 1 });
  const scripts = new ScriptSystem({ world, frameBudgetMs: Infinity });
  await scripts.load(await movementBinary());
  for (let i = 0; i < entities; i++) {
    scripts.attach(world.spawn(undefined, Position, Velocity), "movement");
  }
  let frame = 0;
  const run = (): void => scripts.run({ delta: 1 / 60, elapsed: ++frame / 60, frame });
  const { addTimeMs, endFrame } = UsageCounter.prototype;
  const nothing = (): void => {};
  const withMetrics = (): void => {
    Object.assign(UsageCounter.prototype, { addTimeMs, endFrame });
    run();
  };
  const without = (): void => {
    Object.assign(UsageCounter.prototype, { addTimeMs: nothing, endFrame: nothing });
    run();
  };
  const [withMs, withoutMs] = alternate([withMetrics, without], rounds);
  withMetrics();
  return { entities, ratio: withMs / withoutMs, withMs, withoutMs };
}
