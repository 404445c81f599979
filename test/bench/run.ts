import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cycles } from "./parts/cycles.ts";
import { deadline } from "./parts/deadline.ts";
import { entities } from "./parts/entities.ts";
import { frame } from "./parts/frame.ts";
import { games } from "./parts/games.ts";
import { load } from "./parts/load.ts";
import { peers } from "./parts/peers.ts";
import { programs } from "./parts/programs.ts";
import { sandbox } from "./parts/sandbox.ts";
import { chromium, metering } from "./parts/tiers.ts";

// `npm run bench`: prints a table of each part, and writes what the parts return with `--json FILE`.
// In this order: loading wants a machine that nothing else of this process has used yet.
const parts: Readonly<Record<string, (rounds: number) => Promise<unknown>>> = {
  load,
  deadline,
  entities,
  games,
  frame,
  programs,
  metering,
  chromium,
  peers,
  sandbox,
  cycles,
};
/** Takes minutes, and has to be asked for. */
const onRequest = ["cycles"];
const { values } = parseArgs({
  options: {
    json: { type: "string" },
    rounds: { type: "string", default: "41" },
    only: { type: "string" },
  },
});

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  refuse(`--rounds wants a whole number of at least 1, not ${values.rounds}`);
}
const names = Object.keys(parts);
const wanted = values.only?.split(",") ?? names.filter((name) => !onRequest.includes(name));
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) refuse(`--only wants some of ${names.join(",")}, not ${unknown}`);

console.log(
  `Node ${process.versions.node}, V8 ${process.versions.v8}; medians of ${rounds} rounds`,
);
const report: Record<string, unknown> = { node: process.versions.node, rounds };
for (const [name, run] of Object.entries(parts)) {
  if (wanted.includes(name)) report[name] = await run(rounds);
}
if (values.json !== undefined) {
  writeFileSync(values.json, JSON.stringify(report, null, 2));
  console.log(`\nwritten to ${values.json}`);
}
