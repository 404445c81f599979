import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  type Columns,
  defineComponent,
  defineMessage,
  definePrefab,
  World,
  withValues,
} from "../../engine/index.ts";
import { compile, formatDiagnostic } from "../../scripting/compile/compile.ts";
import type { ScriptBinary } from "../../scripting/compile/source.ts";
import type { ScriptPolicy } from "../../scripting/index.ts";
import { generateBindings } from "../../scripting/system/bindings.ts";
import type { ScriptSystemOptions } from "../../scripting/system/options.ts";
import { ScriptSystem } from "../../scripting/system/system.ts";

const Body = defineComponent("Body", {
  position: { type: "vec3", default: { z: 2 }, doc: "Metres." },
  mass: { type: "f32", default: 1 },
  velocity: "vec2",
  colour: "vec4",
});
const Spark = definePrefab("Spark", [withValues(Body, { "velocity.x": 4, mass: 2 })]);
const positions = { component: Body, x: "position.x", y: "position.y" };
const bindings = generateBindings([Body], [Spark], { positions });

const sdkFolder = fileURLToPath(new URL("../../scripts/sdk/", import.meta.url));

async function compiled(body: string, components: string, imported: string): Promise<ScriptBinary> {
  const files: Record<string, string> = {
    "scripts/moves.ts": `import { Entity, Time } from "fusewire/sdk"; import { ${imported} } from "./components";\n${body}`,
    "scripts/components.ts": components,
  };
  const result = await compile({
    entry: "scripts/moves.ts",
    readFile: (path) => files[path] ?? null,
    sdk: (path) => readFileSync(sdkFolder + path, "utf8"),
  });
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join("\n"));
  return result.binary;
}

async function made(
  body: string,
  policy: Partial<ScriptPolicy> = {},
  options: Partial<ScriptSystemOptions> = {},
) {
  const world = new World({ components: [Body], prefabs: [Spark], maxEntities: 64 });
  const limits = { callTimeMs: Infinity };
  const scripts = new ScriptSystem({
    world,
    frameBudgetMs: Infinity,
    limits,
    positions,
    ...options,
  });
  await scripts.load(await compiled(body, bindings, "Body, Prefab"), { policy });
  const entities = Array.from({ length: 20 }, (_, n) => {
    const entity = world.spawn(undefined, withValues(Body, { "velocity.x": n, "velocity.y": -n }));
    scripts.attach(entity, "moves");
    return entity;
  });
  let frame = 0;
  const frames = (count: number): void => {
    for (let n = 0; n < count; n++) {
      world.commit();
      scripts.run({ delta: 0.5, elapsed: 0, frame: ++frame });
    }
  };
  return { world, scripts, entities, frames };
}

const moves = `export function onUpdate(self: Entity): void {
  Body.position.x[self] += Body.velocity.x[self] * Time.delta;
  Body.position.y[self] += Body.velocity.y[self] * Time.delta;
  if (Body.position.x[self] > 20) unreachable();
}`;

describe("a component's vector", () => {
  test("is a field for each part, in its place", () => {
    expect(Body.fields.map(({ name, type, default: d }) => `${name} ${type} ${d}`)).toEqual([
      "position.x f32 0",
      "position.y f32 0",
      "position.z f32 2",
      "mass f32 1",
      "velocity.x f32 0",
      "velocity.y f32 0",
      "colour.x f32 0",
      "colour.y f32 0",
      "colour.z f32 0",
      "colour.w f32 0",
    ]);
    expect(Body.fields[0]?.doc).toBe("Metres.");
  });

  test("has a column of f32 for each part, and values by part", () => {
    const world = new World({ components: [Body], prefabs: [Spark], maxEntities: 8 });
    const entity = world.spawn(Spark);
    const columns = world.columns(Body);
    const x: Float32Array = columns["velocity.x"];
    const mass: Float32Array = columns.mass;
    const index = world.indexOf(entity);
    expect([x[index], columns["velocity.y"][index], mass[index]]).toEqual([4, 0, 2]);
    expect(columns["position.z"][index]).toBe(2);
    // @ts-expect-error: a vec2 has no such part
    expect(columns["velocity.z"]).toBeUndefined();
    // @ts-expect-error: nor is the vector a field itself
    expect(() => withValues(Body, { velocity: 1 })).toThrow('Body has no field "velocity"');
    expect(() => withValues(Body, { "velocity.x": Number.NaN })).toThrow("Body.velocity.x: NaN");
  });

  test("takes over columns that a game has", () => {
    const store = { "at.x": new Float32Array(8), "at.y": new Float32Array(8) };
    const At = defineComponent("At", { at: "vec2" }, { store });
    const world = new World({ components: [At], maxEntities: 8 });
    const columns: Columns<{ at: "vec2" }> = world.columns(At);
    expect(columns).toBe(store);
  });

  test("that makes no sense is refused", () => {
    const declare = (spec: unknown) => () => defineComponent("A", { v: spec as "vec2" });
    expect(declare("vec5")).toThrow('A.v: unknown type "vec5"; known: f32,');
    expect(declare("vec5")).toThrow("vec2, vec3, vec4");
    expect(declare({ type: "vec2", default: { z: 1 } })).toThrow(
      'A.v: a vec2 has no part "z"; it has: x, y',
    );
    expect(declare({ type: "vec2", default: { x: Number.NaN } })).toThrow("A.v.x: default NaN");
    expect(declare({ type: "vec2", default: 1 })).toThrow("is given by part, like { x: 1 }");
    expect(() => defineComponent("A", { "v.x": "f32" })).toThrow("A.v.x must be like");
    expect(() => defineMessage("Hit", { at: "vec2" as "f32" })).toThrow(
      "Hit.at: a message can't hold a vector",
    );
  });
});

describe("in scripts, a vector", () => {
  test.each([true, false])("is moved by its parts, windows %s", async (windows) => {
    const { world, entities, frames } = await made(moves, {}, { windows });
    frames(3);
    const { "position.x": x, "position.y": y } = world.columns(Body);
    const at = entities.map((entity) => world.indexOf(entity));
    // Who is stopped leaves no trace.
    const wanted = (n: number): number => (n * 1.5 > 20 ? n : n * 1.5);
    expect(at.map((index) => x[index])).toEqual(at.map((_, n) => wanted(n)));
    expect(at.map((index) => y[index])).toEqual(at.map((_, n) => 0 - wanted(n)));
  });

  test("costs what single fields cost", async () => {
    const One = defineComponent("Body", { px: "f32", py: "f32", vx: "f32", vy: "f32" });
    const plain = moves.replaceAll("position.", "p").replaceAll("velocity.", "v");
    const world = new World({ components: [One], maxEntities: 64 });
    const scripts = new ScriptSystem({ world, frameBudgetMs: Infinity });
    await scripts.load(await compiled(plain, generateBindings([One]), "Body"));
    for (let n = 0; n < 20; n++) {
      scripts.attach(world.spawn(undefined, withValues(One, { vx: n, vy: -n })), "moves");
    }
    world.commit();
    scripts.run({ delta: 0.5, elapsed: 0, frame: 1 });
    const vectors = await made(moves);
    vectors.frames(1);
    expect(vectors.scripts.lastFrame.fuel).toBe(scripts.lastFrame.fuel);
  });

  test("goes on where the world is saved", async () => {
    const one = await made(moves);
    one.frames(1);
    const two = await made(moves);
    two.world.load(JSON.parse(JSON.stringify(one.world.save())));
    for (const { frames } of [one, two]) frames(1);
    expect(two.world.hash()).toBe(one.world.hash());
    expect(one.world.save().components["Body"]?.fields).toHaveProperty(["velocity.x"]);
  });

  test("is where entities are, and what prefabs bring", async () => {
    const { world, frames } = await made(`export function onUpdate(self: Entity): void {
  const near = Body.nearest(self, 1000);
  Body.colour.w[self] = Body.position.z[near];
  if (Body.velocity.x[self] == 3) Body.mass[self] = Body.velocity.x[Prefab.Spark.spawn()];
}`);
    frames(1);
    const columns = world.columns(Body);
    const at = [...world.entities()].map((entity) => world.indexOf(entity));
    expect(at.filter((index) => columns["colour.w"][index] === 2)).toHaveLength(20);
    expect(at.filter((index) => columns.mass[index] === 4)).toHaveLength(1);
  });

  test("is granted and hidden as a whole, or by part", async () => {
    const read = ["Body.position", "Body.velocity"];
    const write = ["Body.position"];
    const { world, frames } = await made(moves, { read, write });
    frames(1);
    const sum = () => world.columns(Body)["position.x"].reduce((a, b) => a + b);
    expect(sum()).toBe(95);
    await expect(made(moves, { read, write: ["Body.position.x"] })).rejects.toThrow(
      'needs the capability "write Body.position.y"',
    );
    await expect(made(moves, { read: ["Body.position"], write })).rejects.toThrow(
      'needs the capability "read Body.velocity.x"',
    );
    await expect(made(moves, { read: ["Body.mass.x"] })).rejects.toThrow('no "Body.mass.x"');
    const blind = await made(moves, { redacted: ["Body.velocity"] });
    blind.frames(2);
    expect(blind.world.columns(Body)["position.x"].every((x) => x === 0)).toBe(true);
  });

  test("has its docs, and hides the query of its name", () => {
    const Odd = defineComponent("Odd", {
      at: { type: "vec2", doc: "Where it is", default: { y: 3 } },
    });
    const text = generateBindings([Odd]);
    expect(text).toContain(
      "  /** Where it is */\n  export namespace at {\n    /** An f32, 0 at first. */",
    );
    expect(text).toContain("    /** An f32, 3 at first. */");
    expect(text).not.toContain("at(n:");
    expect(() => generateBindings([defineComponent("A", { delete: "vec2" })])).toThrow("A.delete");
  });
});
