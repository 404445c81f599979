import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { type Component, Game, World } from "../../engine/index.ts";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import {
  generateBindings,
  LinkError,
  type ScriptBinary,
  ScriptSystem,
} from "../../scripting/index.ts";
import { components, start } from "./game.ts";
import { loadMod } from "./mods.ts";
import { investigate, load, report, save } from "./save.ts";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

type Columns = Record<string, Float32Array>;
const imports = `import { Entity } from "fusewire/sdk"; import { Patrol, Position } from "./components";\n`;
const patrolScript = (): Promise<ScriptBinary> => scriptOf(text("test/readme/patrol.as.ts"));

async function scriptOf(source: string): Promise<ScriptBinary> {
  const files = new Map([
    ["scripts/patrol.ts", source],
    ["scripts/components.ts", generateBindings(components, [])],
  ]);
  const { sdk } = diskSources(root.pathname);
  const entry = "scripts/patrol.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.binary;
}

describe("the README", () => {
  it.each(["patrol.as.ts", "game.ts", "mods.ts", "save.ts"])("shows %s as it is", (file) => {
    expect(text("README.md")).toContain(text(`test/readme/${file}`).trim());
  });

  it("shows how to load what nobody has reviewed", async () => {
    const world = new World({ components, maxEntities: 16 });
    const scripts = new ScriptSystem({ world });
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await loadMod(scripts, await patrolScript()).catch((error: unknown) => {
      expect(error).toBeInstanceOf(LinkError);
      const denied = (error as LinkError).problems.map((p) => p.capability);
      expect(denied).toEqual(expect.arrayContaining(["read Patrol.right", "write Patrol.speed"]));
    });
    expect(scripts.stats()).toEqual([]);
    const body =
      "export function onUpdate(self: Entity): void { Position.x[self] = Patrol.speed[self]; }";
    await loadMod(scripts, await scriptOf(`${imports}${body}`));
    const entity = world.spawn(undefined, ...components);
    const [position, patrol] = components.map((c) => world.columns(c as Component)) as Columns[];
    const index = world.indexOf(entity);
    (patrol as Columns)["speed"]?.set([7], index);
    (position as Columns)["x"]?.set([3], index);
    scripts.attach(entity, "patrol");
    scripts.run({ delta: 0.1, elapsed: 0.1, frame: 1 });
    expect(position?.["x"]?.[index]).toBe(0);
    expect(scripts.stats()[0]).toMatchObject({ calls: 1, faults: 0 });
    log.mockRestore();
  });

  it("shows how a game is saved, recorded and replayed", async () => {
    const create = async () => {
      const world = new World({ components, maxEntities: 16 });
      const game = new Game({ world });
      const limits = { callTimeMs: Infinity };
      const scripts = new ScriptSystem({
        world,
        frameBudgetMs: Infinity,
        limits,
        faultCaptures: 8,
      });
      await scripts.load(await patrolScript());
      return { game: game.use(scripts), scripts, world };
    };
    const { game, scripts, world } = await create();
    const [position, patrol] = components.map((c) => world.columns(c as Component)) as Columns[];
    const entity = world.spawn(undefined, ...components);
    const index = world.indexOf(entity);
    (patrol as Columns)["speed"]?.set([7], index);
    scripts.attach(entity, "patrol");
    game.step(10);
    const saved = save(game, scripts);
    const x = position?.["x"]?.[index];
    const recorder = scripts.record();
    for (let frame = 0; frame < 5; frame++) game.step(16);
    const text = report(recorder, scripts);
    expect(position?.["x"]?.[index]).not.toBe(x);
    load(game, scripts, saved);
    expect(position?.["x"]?.[index]).toBe(x);
    expect(scripts.scriptsOf(entity)).toEqual(["patrol"]);
    expect(await investigate(text, (await create()).scripts)).toBe("the same");
  });

  it("shows code that works", async () => {
    const { game, guard, store } = await start(await patrolScript());
    // A busy machine may defer a frame's call, so it is the way that counts, not its length.
    const xs: number[] = [];
    for (let i = 0; i < 2_000 && (xs.at(-1) ?? 0) >= (xs.at(-2) ?? 0); i++) {
      game.step(1000 / 60);
      xs.push(store.x[guard] as number);
    }
    expect(Math.max(...xs)).toBeGreaterThan(50);
    expect(Math.max(...xs)).toBeLessThan(51);
    expect(xs.at(-1)).toBeLessThan(Math.max(...xs));
  });
});
