import { parseArgs } from "node:util";
import { checkDifferential, nothingSeen } from "./differential.ts";
import { checkExact } from "./exactness.ts";
import { exportMemory } from "./export-memory.ts";
import { generate } from "./generate.ts";
import { checkAdmission, mutate } from "./mutate.ts";
import { RandomModules, randomBytes } from "./random-modules.ts";

// `npm run fuzz -- --count N --seed S`: N random modules from seed S on, metered against raw; ten
// mutants of each against admission; and N programs against the interpreter. A seed that fails is
// printed, and fails again when it is given with a count of 1.

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const count = Number(options.count);
const first = Number(options.seed);
if (!Number.isInteger(count) || !Number.isInteger(first)) {
  throw new TypeError("--count and --seed are whole numbers");
}

const mutantsOfEach = 10;
const progressEvery = 500;
const modules = new RandomModules();
const seen = nothingSeen();
let failures = 0;
let admitted = 0;

function check(what: string, seed: number, run: () => void): void {
  try {
    run();
  } catch (error) {
    failures++;
    console.error(`${what}, seed ${seed}: ${error instanceof Error ? error.stack : error}`);
  }
}

for (let seed = first; seed < first + count; seed++) {
  const bytes = exportMemory(await modules.make(seed));
  check("module", seed, () => checkDifferential(bytes, seed, seen));
  for (let i = 0; i < mutantsOfEach; i++) {
    check(`mutant ${i}`, seed, () => {
      if (checkAdmission(mutate(bytes, seed * mutantsOfEach + i))) admitted++;
    });
  }
  check("program", seed, () => {
    checkExact(generate(randomBytes(seed, 50 + (seed % 20) * 60)));
  });
  if ((seed - first + 1) % progressEvery === 0) console.log(`${seed - first + 1} of ${count}`);
}
modules.close();
console.log(
  `${seen.modules} modules: ${seen.calls} calls, ${seen.finished} finished, ${seen.trapped} trapped; ` +
    `${seen.budgets} budgets, ${seen.stops} stopped; ${seen.fuel} fuel`,
);
console.log(`${count * mutantsOfEach} mutants, ${admitted} of them admitted; ${count} programs`);
console.log(failures === 0 ? "no difference" : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
