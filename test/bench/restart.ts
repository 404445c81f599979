import { Linker, ScriptRuntime } from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";
import { quantile } from "./measure.ts";

/** Milliseconds. */
export interface RestartResult {
  readonly restarts: number;
  /** A fresh instance after a fault, top-level code included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the call that faults until the next one is over. */
  readonly recoveryP50Ms: number;
  readonly recoveryP99Ms: number;
}

const source = `
class Enemy { x: f32 = 1; y: f32 = 2; name: string = "enemy"; }
const enemies: Enemy[] = [];
for (let i = 0; i < 50; i++) enemies.push(new Enemy());
export function update(i: i32): i32 { return enemies[i].name.length; }
`;

/** A script with classes, strings and top-level code, that reads behind an array's end every other call. */
export async function benchRestart(restarts: number): Promise<RestartResult> {
  const bytes = await compiled("enemy.ts", source);
  const script = await new ScriptRuntime({ linker: new Linker() }).load(bytes, { name: "enemy" });
  const alone: number[] = [];
  const recoveries: number[] = [];
  for (let i = 0; i < restarts; i++) {
    const startMs = performance.now();
    if (script.call("update", 1_000).ok) throw new Error("it didn't fault");
    const faultMs = performance.now();
    script.restart();
    const readyMs = performance.now();
    if (!script.call("update", 1).ok) throw new Error("it doesn't run any more");
    recoveries.push(performance.now() - startMs);
    alone.push(readyMs - faultMs);
    // A game's frame goes on; so does garbage collection.
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return {
    restarts,
    p50Ms: quantile(alone, 0.5),
    p99Ms: quantile(alone, 0.99),
    recoveryP50Ms: quantile(recoveries, 0.5),
    recoveryP99Ms: quantile(recoveries, 0.99),
  };
}
