import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { World, withValues } from "../../engine/index.ts";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { Fighter, Hit, hit, Place, positions, systemOf } from "./duel.ts";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

it("the README shows how scripts find each other and send messages", async () => {
  const [, section = ""] =
    /\n## Messages and queries\n([\s\S]*?)\n## /.exec(text("README.md")) ?? [];
  expect(section.split("\n").length).toBeLessThanOrEqual(15);
  expect(section).toContain(text("test/readme/duel.as.ts").trim());
  const game = text("test/readme/duel.ts").replaceAll(/\s+/g, " ");
  const shown = [...section.replace(/```[\s\S]*```/, "").matchAll(/`([^`]*[({][^`]*)`/g)];
  expect(shown.length).toBeGreaterThanOrEqual(3);
  for (const [, code] of shown) expect(game).toContain(code);
});

it("what it shows works", async () => {
  const components = [Place, Fighter];
  const files = new Map([
    ["scripts/duel.ts", text("test/readme/duel.as.ts")],
    ["scripts/components.ts", generateBindings(components, [], { messages: [Hit], positions })],
  ]);
  const { sdk } = diskSources(root.pathname);
  const entry = "scripts/duel.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  const world = new World({ components, maxEntities: 16 });
  const scripts = systemOf(world);
  scripts.frameBudgetMs = 1_000;
  await scripts.load(result.binary, { limits: { callTimeMs: 1_000 } });
  const fighters = [0, 30, 90].map((x) =>
    world.spawn(undefined, Fighter, withValues(Place, { x })),
  );
  for (const fighter of fighters) scripts.attach(fighter, "duel");
  hit(scripts, fighters[2] as (typeof fighters)[number]);
  for (let frame = 1; frame <= 3; frame++) scripts.run({ delta: 0, elapsed: 0, frame });
  const { health } = world.columns(Fighter);
  // Two frames' hits have arrived; nobody is near the third but the game.
  expect(fighters.map((fighter) => health[world.indexOf(fighter)])).toEqual([94, 94, 97]);
});
