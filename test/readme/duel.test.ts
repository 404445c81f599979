import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Entity, World, withValues } from "../../engine/index.ts";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { gameFolder } from "../scripts/game-folder.ts";
import { scriptErrors } from "../scripts/script-errors.ts";
import {
  Fighter,
  Frozen,
  Hit,
  hit,
  load,
  Place,
  positions,
  Rivals,
  Spark,
  systemOf,
} from "./duel.ts";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const script = text("test/readme/duel.as.ts");
const components = [Place, Fighter, Frozen];
const bindings = generateBindings(components, [Spark], {
  messages: [Hit],
  queries: [Rivals],
  positions,
});

it("the README shows a script with a field, a timer, a query, a message and a spawn", async () => {
  const [, section = ""] =
    /\n## Fields, timers, queries, messages\n([\s\S]*?)\n## /.exec(text("README.md")) ?? [];
  expect(script.split("\n").length).toBeLessThan(40);
  expect(section).toContain(script.trim());
  const game = text("test/readme/duel.ts").replaceAll(/\s+/g, " ");
  const shown = [...section.replace(/```[\s\S]*```/, "").matchAll(/`([^`]*[({][^`]*)`/g)];
  expect(shown.length).toBeGreaterThanOrEqual(4);
  for (const [, code] of shown) expect(game).toContain(code);
});

it("what it shows is clean to plain tsc", () => {
  const folder = gameFolder({
    "scripts/tsconfig.json": JSON.stringify({ extends: "fusewire/sdk/tsconfig.json" }),
    "scripts/components.ts": bindings,
    "scripts/duel.ts": script,
    "scripts/wrong.ts": script.replace("sight[self]", "sight.value").replace("every(", "evry("),
  });
  expect(scriptErrors(folder)).toEqual([
    "scripts/wrong.ts:10: TS2551",
    "scripts/wrong.ts:11: TS2339",
  ]);
});

it("what it shows works", async () => {
  const files = new Map([
    ["scripts/duel.ts", script],
    ["scripts/components.ts", bindings],
  ]);
  const { sdk } = diskSources(root.pathname);
  const entry = "scripts/duel.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  const world = new World({ components, prefabs: [Spark], maxEntities: 32 });
  const scripts = systemOf(world);
  scripts.frameBudgetMs = 1_000;
  await load(scripts, result.binary);
  scripts.setLimits("duel", { callTimeMs: 1_000 });
  const fighters = [0, 30, 100].map((x) =>
    world.spawn(undefined, Fighter, withValues(Place, { x })),
  );
  const frozen = world.spawn(undefined, Fighter, Frozen, withValues(Place, { x: 90 }));
  for (const fighter of [...fighters, frozen]) scripts.attach(fighter, "duel");
  hit(scripts, fighters[2] as Entity);
  const sparks: number[] = [];
  // 0.25 s each: the timers start in the first frame, and are over in the third and the fifth.
  for (let frame = 1; frame <= 6; frame++) {
    scripts.run({ delta: 0.25, elapsed: frame * 0.25, frame });
    sparks.push(world.query([Place]).count - fighters.length - 1);
  }
  const { health } = world.columns(Fighter);
  expect(scripts.stats()[0]).toMatchObject({ faults: 0 });
  const left = [...fighters, frozen].map((fighter) => health[world.indexOf(fighter)]);
  // The frozen one does nothing, but it is near the third, and is hit.
  expect(sparks).toEqual([0, 0, 3, 3, 6, 6]);
  expect(left).toEqual([94, 94, 97, 94]);
});
