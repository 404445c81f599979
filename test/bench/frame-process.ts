import { Session } from "node:inspector/promises";
import { World } from "../../engine/index.ts";
import { ScriptSystem } from "../../scripting/index.ts";
import { decodeBytes } from "./encoded.ts";
import { Body, Mischief, mischiefKinds } from "./frame-components.ts";
import { median, quantile } from "./measure.ts";
import { readInput } from "./read-input.ts";

/** Frames with a script on many entities of which some misbehave all the time, in a process of its own. */
export interface FrameResult {
  readonly entities: number;
  readonly misbehaving: number;
  readonly budgetMs: number;
  readonly frames: number;
  /**
   * Milliseconds that scripts took above the budget; medians of some batches. The second is of frames that weren't
   * disturbed: in which the process had a processor all the time.
   */
  readonly p50OverBudgetMs: number;
  readonly p99OverBudgetMs: number;
  readonly disturbedFrames: number;
  readonly p99OfAllMs: number;
  readonly maxOverBudgetMs: number;
  /** Of a frame that only watches the clock until the budget is over: what the machine adds by itself. */
  readonly watchingP99OverBudgetMs: number;
  readonly faultsAFrame: number;
  /** Frames that the entity waited that waited longest. */
  readonly longestWaitFrames: number;
}

/** What frames without mischief allocate. */
export interface AllocationResult {
  readonly entities: number;
  readonly frames: number;
  readonly bytesPerFrame: number;
  /** What each entity adds to that: from so many to ten times as many. */
  readonly bytesPerEntityAndFrame: number;
}

const entities = 1_000;
const manyEntities = 10_000;
const budgetMs = 4;
const batches = 3;
const framesPerBatch = 700;
/** A frame is disturbed when it took this much longer than the process had a processor, in milliseconds. */
const disturbedMs = 0.1;
const allocationFrames = 10_000;

async function create(module: string, misbehaving: number, count = entities) {
  const world = new World({ components: [Body, Mischief], maxEntities: count + 1 });
  const scripts = new ScriptSystem({
    world,
    frameBudgetMs: budgetMs,
    // Nobody is struck out, so that it never becomes quiet.
    policy: { backOffFrames: 0, forgiveAfterFrames: 0 },
  });
  await scripts.load({ name: "mixed", file: "scripts/mixed.ts", bytes: decodeBytes(module) });
  const { kind } = world.columns(Mischief);
  for (let i = 0; i < count; i++) {
    const entity = world.spawn(undefined, Body, Mischief);
    const index = world.indexOf(entity);
    world.columns(Body).speed[index] = 1 + (i % 7);
    if (i % (entities / misbehaving) === 0) kind[index] = 1 + (i % mischiefKinds);
    scripts.attach(entity, "mixed");
  }
  let frame = 0;
  const run = (): number => {
    scripts.run({ delta: 1 / 60, elapsed: ++frame / 60, frame });
    return scripts.lastFrame.timeMs;
  };
  return { world, scripts, run };
}

async function mischief(module: string): Promise<FrameResult> {
  const misbehaving = entities / 10;
  const { world, scripts, run } = await create(module, misbehaving);
  let faults = 0;
  scripts.on("fault", () => {
    faults++;
  });
  const { x } = world.columns(Body);
  const last = new Float32Array(entities + 1);
  const waited = new Uint32Array(entities + 1);
  let longestWaitFrames = 0;
  const { kind } = world.columns(Mischief);
  const p50: number[] = [];
  const p99: number[] = [];
  const p99OfAll: number[] = [];
  let disturbedFrames = 0;
  const most: number[] = [];
  const watching: number[] = [];
  for (let n = 0; n < 200; n++) run();
  faults = 0;
  for (let batch = 0; batch < batches; batch++) {
    const over: number[] = [];
    const undisturbed: number[] = [];
    const overWatching: number[] = [];
    for (let n = 0; n < framesPerBatch; n++) {
      const cpuStart = process.cpuUsage();
      const frameStartMs = performance.now();
      const ms = run() - budgetMs;
      const wallMs = performance.now() - frameStartMs;
      const cpu = process.cpuUsage(cpuStart);
      over.push(ms);
      if (wallMs - (cpu.user + cpu.system) / 1e3 < disturbedMs) undisturbed.push(ms);
      for (let index = 1; index <= entities; index++) {
        if (kind[index] !== 0) continue;
        const moved = x[index] !== last[index];
        last[index] = x[index] as number;
        waited[index] = moved ? 0 : (waited[index] as number) + 1;
        longestWaitFrames = Math.max(longestWaitFrames, waited[index] as number);
      }
      const startMs = performance.now();
      while (performance.now() - startMs < budgetMs);
      overWatching.push(performance.now() - startMs - budgetMs);
    }
    p50.push(median(over));
    p99.push(quantile(undisturbed, 0.99));
    p99OfAll.push(quantile(over, 0.99));
    disturbedFrames += over.length - undisturbed.length;
    most.push(Math.max(...over));
    watching.push(quantile(overWatching, 0.99));
  }
  return {
    entities,
    misbehaving,
    budgetMs,
    frames: batches * framesPerBatch,
    p50OverBudgetMs: median(p50),
    p99OverBudgetMs: median(p99),
    disturbedFrames,
    p99OfAllMs: median(p99OfAll),
    maxOverBudgetMs: Math.max(...most),
    watchingP99OverBudgetMs: median(watching),
    faultsAFrame: faults / (batches * framesPerBatch),
    longestWaitFrames,
  };
}

/** What a frame allocates, by heap sampling, what was collected included: a sample every so many bytes. */
async function allocated(module: string, count: number): Promise<number> {
  const { world, run } = await create(module, 1, count);
  world.columns(Mischief).kind.fill(0);
  for (let n = 0; n < 500; n++) run();
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: 512,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  for (let n = 0; n < allocationFrames; n++) run();
  const { profile } = await session.post("HeapProfiler.stopSampling");
  session.disconnect();
  const sizes = (node: typeof profile.head): number =>
    node.children.reduce((sum, child) => sum + sizes(child), node.selfSize);
  return sizes(profile.head) / allocationFrames;
}

async function allocation(module: string): Promise<AllocationResult> {
  const bytesPerFrame = await allocated(module, entities);
  const bytesOfMany = await allocated(module, manyEntities);
  return {
    entities,
    frames: allocationFrames,
    bytesPerFrame,
    bytesPerEntityAndFrame: (bytesOfMany - bytesPerFrame) / (manyEntities - entities),
  };
}

const { module } = (await readInput()) as { module: string };
const result = { ...(await mischief(module)), allocation: await allocation(module) };
console.log(JSON.stringify(result));
