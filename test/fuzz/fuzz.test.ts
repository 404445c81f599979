import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusedModules } from "../adversarial/refused-modules.ts";
import { stoppedModules } from "../adversarial/stopped-modules.ts";
import { wasm } from "../metering/harness.ts";
import { checkDifferential, nothingSeen } from "./differential.ts";
import { exportMemory } from "./export-memory.ts";
import { checkAdmission, mutate } from "./mutate.ts";
import { RandomModules } from "./random-modules.ts";

// A fixed share of what `npm run fuzz` does, the same in every run.
const moduleCount = 100;
const mutantsOfEach = 40;
const hostileMutantsOfEach = 200;

let random: RandomModules;
const modules: Uint8Array[] = [];

beforeAll(async () => {
  random = new RandomModules();
  for (let seed = 0; seed < moduleCount; seed++)
    modules.push(exportMemory(await random.make(seed)));
});

afterAll(() => random.close());

describe("random valid modules", () => {
  it("do the same metered as raw, and stop under every budget below their cost", () => {
    const seen = nothingSeen();
    for (const [seed, bytes] of modules.entries()) {
      try {
        checkDifferential(bytes, seed, seen);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    expect(seen.modules).toBeGreaterThan(moduleCount * 0.95);
    expect(seen.finished).toBeGreaterThan(moduleCount);
    expect(seen.stops).toBeGreaterThan(moduleCount);
  });
});

describe("hostile modules, broken further", () => {
  const corpus = [
    ...refusedModules.map((m) => m.bytes()),
    ...stoppedModules.map((m) => wasm(m.text)),
  ].filter((bytes) => bytes.length < 20_000);

  it("are refused with an AdmissionError, or metered like any other", () => {
    expect(corpus.length).toBeGreaterThan(100);
    let admitted = 0;
    for (const [n, bytes] of corpus.entries()) {
      for (let i = 0; i < hostileMutantsOfEach; i++) {
        const seed = 1_000_000 + n * hostileMutantsOfEach + i;
        try {
          if (checkAdmission(mutate(bytes, seed))) admitted++;
        } catch (error) {
          throw new Error(`module ${n}, seed ${seed}`, { cause: error });
        }
      }
    }
    expect(admitted).toBeGreaterThan(1_000);
  });
});

describe("broken modules", () => {
  it("are refused with an AdmissionError, or metered like any other", () => {
    let admitted = 0;
    for (const [n, bytes] of modules.entries()) {
      for (let i = 0; i < mutantsOfEach; i++) {
        const seed = n * mutantsOfEach + i;
        try {
          if (checkAdmission(mutate(bytes, seed))) admitted++;
        } catch (error) {
          throw new Error(`module ${n}, seed ${seed}`, { cause: error });
        }
      }
    }
    expect(admitted).toBeGreaterThan(moduleCount);
  });
});
