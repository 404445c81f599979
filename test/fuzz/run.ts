import { parseArgs } from "node:util";
import { addReport, emptyReport, type SeedReport } from "./seed.ts";
import { SeedPool } from "./seed-pool.ts";

// `npm run fuzz -- --count N --seed S`: N random modules from seed S on, metered against raw; ten
// mutants of each against admission; and N programs against the interpreter. Seeds that fail are
// printed, and fail again when given with a count of 1. Ctrl-C ends it with the totals so far.

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    processes: { type: "string", default: "1" },
  },
});

function whole(option: keyof typeof options, least: number): number {
  const value = Number(options[option]);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`--${option} wants a whole number of at least ${least}, not ${options[option]}`);
  process.exit(2);
}

const count = whole("count", 1);
const first = whole("seed", 0);
const processes = whole("processes", 1);

const progressEveryMs = 10_000;
const seedTimeMs = 120_000;
const shownSeeds = 50;
const sameSignalMs = 500;

const sum = emptyReport();
let done = 0;
let cutBy: NodeJS.Signals | undefined;
let cutAtMs = 0;

function* seeds(): Generator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}

function note(report: SeedReport): void {
  done++;
  addReport(sum, report);
  for (const { seed, text } of report.failures) console.error(`seed ${seed}, ${text}`);
}

const program = new URL("seed-process.ts", import.meta.url);
const pool = new SeedPool({ program, processes, seedTimeMs, onReport: note });

const startMs = performance.now();

function rate(): string {
  const seconds = (performance.now() - startMs) / 1_000;
  return `${(done / seconds).toFixed(1)} modules/s`;
}

const progress = setInterval(() => {
  console.log(`${done} of ${count}, ${sum.failures.length} failed, ${rate()}`);
}, progressEveryMs);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first one waits for the seeds under way, the second one doesn't. What started this
    // process may pass on the one that reached it already.
    if (cutBy === undefined) {
      cutBy = signal;
      cutAtMs = performance.now();
      pool.cut();
    } else if (performance.now() - cutAtMs > sameSignalMs) pool.kill();
  });
}

console.log(`seeds from ${first} on, ${count} of them`);
await pool.run(seeds());
clearInterval(progress);

const { modules, mutants, programs, failures } = sum;
if (cutBy !== undefined) console.log(`cut off by ${cutBy} after ${done} of ${count}`);
console.log(
  `${modules.modules} modules: ${modules.calls} calls, ${modules.finished} finished, ` +
    `${modules.trapped} trapped; ${modules.fuel} fuel; ${rate()}`,
);
console.log(`${mutants.checked} mutants, ${mutants.admitted} of them admitted`);
console.log(`${programs.checked} programs`);
const stops = modules.stops + programs.stops;
const budgets = modules.budgets + programs.budgets;
if (failures.length === 0) {
  console.log(`${budgets} budgets, ${stops} of them below the cost: every one of those stopped`);
  console.log("no difference");
} else {
  console.log(`${budgets} budgets, ${stops} of them below the cost`);
  console.log(`${failures.length} failed; again with --count 1 and --seed of:`);
  const list = [...new Set(failures.map((f) => f.seed))];
  const more = list.length > shownSeeds ? `, and ${list.length - shownSeeds} more` : "";
  console.log(list.slice(0, shownSeeds).join(", ") + more);
}
if (failures.length > 0) process.exitCode = 1;
else if (cutBy !== undefined) process.exitCode = 130;
