import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { benchDeadline } from "./deadline.ts";
import { benchEntities } from "./entities.ts";
import { benchMetering } from "./metering.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, rounds: { type: "string", default: "41" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds wants a whole number of at least 1, not ${values.rounds}`);
  process.exit(2);
}

const row = (...cells: (string | number)[]): void =>
  console.log(
    cells.map((c, i) => (i === 0 ? String(c).padEnd(24) : String(c).padStart(12))).join(""),
  );

console.log(
  `Node ${process.versions.node}, V8 ${process.versions.v8}; medians of ${rounds} rounds\n`,
);

console.log("Calls past a 2 ms deadline, endless loop");
const deadline = await benchDeadline(200);
row("", "p50 ms", "p99 ms", "max ms");
row(
  "overshoot",
  deadline.p50OvershootMs.toFixed(3),
  deadline.p99OvershootMs.toFixed(3),
  deadline.maxOvershootMs.toFixed(3),
);

console.log("\nA frame of movement: a script with a budget for each entity, and native TypeScript");
row("entities", "script ns", "native ns", "ratio");
const entities = [];
for (const count of [1_000, 10_000, 100_000]) {
  const result = await benchEntities(count, rounds);
  entities.push(result);
  row(
    count.toLocaleString("en"),
    result.scriptNsPerEntity.toFixed(1),
    result.nativeNsPerEntity.toFixed(1),
    result.ratio.toFixed(2),
  );
}

// What follows compiles in the optimising tier at once: how soon code gets there is the engine's
// affair, and would blur what metering costs.
setFlagsFromString("--no-liftoff");
console.log("\nMetered over raw, optimising tier, fuel and deadline included");
row("kernel", "raw ms", "metered ms", "ratio", "size");
const metering = await benchMetering(rounds);
for (const k of metering.kernels) {
  row(
    k.name,
    k.rawMs.toFixed(2),
    k.meteredMs.toFixed(2),
    k.ratio.toFixed(3),
    k.sizeRatio.toFixed(2),
  );
}
row("geometric mean", "", "", metering.geomean.toFixed(3), metering.sizeRatio.toFixed(2));
row("worst", "", "", metering.worst.toFixed(3));

if (values.json !== undefined) {
  const [, at10k, at100k] = entities;
  writeFileSync(
    values.json,
    JSON.stringify(
      {
        node: process.versions.node,
        metering,
        deadline,
        entities: { ratio10k: at10k?.ratio, ratio100k: at100k?.ratio, curve: entities },
      },
      null,
      2,
    ),
  );
  console.log(`\nwritten to ${values.json}`);
}
