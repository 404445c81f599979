import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { arenaHalfHeight, arenaHalfWidth, outskirts } from "../../demo/arena.ts";
import { Boss, components, Session } from "../../demo/components.ts";
import { Glyph } from "../../demo/glyphs.ts";
import { prefabs } from "../../demo/prefabs.ts";
import { addCollision } from "../../demo/systems/collision.ts";
import { addSensors } from "../../demo/systems/sensors.ts";
import { createLevel } from "../../demo/world.ts";
import { Game } from "../../engine/index.ts";
import { compile } from "../../scripting/compile/compile.ts";
import { formatDiagnostics } from "../../scripting/compile/diagnostics.ts";
import { generateBindings, type ScriptBinary, ScriptSystem } from "../../scripting/index.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const names = ["spawner", "turret", "enemy", "boss", "bullet", "particle", "mote"];

function reader(folder: string): (path: string) => Promise<string | null> {
  return (path) => readFile(join(repository, folder, path), "utf8").catch(() => null);
}

async function compiled(name: string): Promise<ScriptBinary> {
  const entry = `scripts/${name}.ts`;
  const result = await compile({ entry, readFile: reader("."), sdk: reader("scripts/sdk") });
  if (!result.ok) throw new Error(formatDiagnostics(result.diagnostics));
  return result.binary;
}

/** Plays so many seconds at 60 frames a second, without a page. */
async function play(seed: number, seconds: number) {
  const { world, turret } = createLevel();
  const game = new Game({ world });
  const faults: string[] = [];
  const scripts = new ScriptSystem({
    world,
    seed,
    frameBudgetMs: Number.POSITIVE_INFINITY,
    limits: {
      callTimeMs: Number.POSITIVE_INFINITY,
      memoryBytes: 256 * 1024,
      hostCallsPerCall: 1_000,
    },
  });
  scripts.on("fault", ({ fault }) =>
    faults.push(`${fault.script} ${fault.kind}: ${fault.message}`),
  );
  game.use(scripts);
  addCollision(game);
  addSensors(game, turret);
  for (const name of names) await scripts.load(await compiled(name));

  const bosses = world.query([Boss]);
  const session = world.columns(Session);
  const self = world.indexOf(turret);
  let bossSeen = false;
  let best = 0;
  let fewest = world.aliveCount;
  for (let frame = 0; frame < seconds * 60; frame++) {
    game.step(1000 / 60);
    bossSeen ||= bosses.count > 0;
    best = Math.max(best, session.score[self] ?? 0);
    fewest = Math.min(fewest, world.aliveCount);
  }
  return { faults, bossSeen, best, fewest, wave: session.wave[self], hash: world.hash() };
}

test("a minute and a half plays by itself, boss and all, without a fault", async () => {
  const { faults, bossSeen, best, fewest } = await play(3, 90);
  expect(faults).toEqual([]);
  expect(bossSeen).toBe(true);
  expect(best).toBeGreaterThan(3_000);
  expect(fewest).toBeGreaterThan(1_000);
});

test("the same seed plays the same game", async () => {
  expect(await play(5, 6)).toEqual(await play(5, 6));
});

test("scripts and game agree on components, arena and glyphs", async () => {
  const read = reader("scripts");
  expect(await read("components.ts")).toBe(generateBindings(components, prefabs));

  const numbers = async (file: string) =>
    Object.fromEntries(
      [...((await read(file)) ?? "").matchAll(/const (\w+): (?:f32|i32) = (\d+);/g)].map(
        ([, name = "", value]) => [name, Number(value)],
      ),
    );
  expect(await numbers("arena.ts")).toEqual({
    ARENA_HALF_WIDTH: arenaHalfWidth,
    ARENA_HALF_HEIGHT: arenaHalfHeight,
    OUTSKIRTS: outskirts,
  });
  expect(await numbers("glyphs.ts")).toEqual({ GLYPH_FLARE: Glyph.Flare });
});
