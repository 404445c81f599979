import { checkDifferential, nothingSeen, type Seen } from "./differential.ts";
import { type Budgets, checkExact } from "./exactness.ts";
import { exportMemory } from "./export-memory.ts";
import { generate } from "./generate.ts";
import { checkAdmission, mutate } from "./mutate.ts";
import { type RandomModules, randomBytes } from "./random-modules.ts";

export const mutantsOfEach = 10;

export interface Failure {
  readonly seed: number;
  readonly text: string;
}

/** What checking some seeds came by. */
export interface SeedReport {
  readonly modules: Seen;
  readonly mutants: { checked: number; admitted: number };
  readonly programs: Budgets & { checked: number };
  readonly failures: Failure[];
}

export function emptyReport(): SeedReport {
  return {
    modules: nothingSeen(),
    mutants: { checked: 0, admitted: 0 },
    programs: { checked: 0, budgets: 0, stops: 0 },
    failures: [],
  };
}

/** Adds a report's counts and failures to others'. */
export function addReport(sum: SeedReport, report: SeedReport): void {
  addCounts(sum.modules, report.modules);
  addCounts(sum.mutants, report.mutants);
  addCounts(sum.programs, report.programs);
  sum.failures.push(...report.failures);
}

function addCounts<T extends { [K in keyof T]: number }>(sum: T, counts: T): void {
  for (const key of Object.keys(counts) as (keyof T)[]) {
    sum[key] = (sum[key] + counts[key]) as T[keyof T];
  }
}

/**
 * Everything that a seed is checked for: a random module metered against raw, mutants of it against
 * admission, and a program against the interpreter. One failing doesn't keep the others from it.
 */
export async function checkSeed(modules: RandomModules, seed: number): Promise<SeedReport> {
  const report = emptyReport();
  const check = async (what: string, run: () => void | Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      report.failures.push({ seed, text: `${what}: ${textOf(error)}` });
    }
  };
  await check("making the module", async () => {
    const bytes = exportMemory(await modules.make(seed));
    await check("module", () => checkDifferential(bytes, seed, report.modules));
    for (let i = 0; i < mutantsOfEach; i++) {
      await check(`mutant ${i}`, () => {
        if (checkAdmission(mutate(bytes, seed * mutantsOfEach + i))) report.mutants.admitted++;
        report.mutants.checked++;
      });
    }
  });
  await check("program", () => {
    checkExact(generate(randomBytes(seed, 50 + (seed % 20) * 60)), report.programs);
    report.programs.checked++;
  });
  return report;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
