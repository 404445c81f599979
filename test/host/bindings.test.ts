import { describe, expect, test } from "vitest";
import {
  defineComponent,
  defineMarker,
  defineMessage,
  definePrefab,
  withValues,
} from "../../engine/index.ts";
import { bindingsMark, generateBindings } from "../../scripting/system/bindings.ts";
import { withoutBindings } from "../../scripting/system/bindings-map.ts";
import {
  binary,
  components,
  messages,
  Position,
  positions,
  prefabs,
  Targets,
  Thawed,
  Velocity,
} from "./fixture.ts";

describe("generated bindings", () => {
  test("don't depend on the order of definitions", () => {
    const forwards = generateBindings(components, prefabs);
    expect(generateBindings([...components].reverse(), [...prefabs].reverse())).toBe(forwards);
    expect(forwards.startsWith(bindingsMark)).toBe(true);
  });

  test("name the command that writes them", () => {
    expect(generateBindings([], [], { command: "npm run components" })).toContain(
      "//   npm run components\n",
    );
  });

  test("carry the engine's docs, also ugly ones", () => {
    const Odd = defineComponent(
      "Odd",
      { a: { type: "u8", default: 7, doc: "ends */ early\nand goes on" }, b: "entity" },
      { doc: "First line.\nSecond line." },
    );
    const text = generateBindings([Odd]);
    expect(text).toContain("/**\n * First line.\n * Second line.\n */\nexport namespace Odd {");
    expect(text).toContain(
      "  /**\n   * Ends *\\/ early\n   * and goes on. An i32 from 0 to 255, 7 at first.\n   */",
    );
    expect(text).toContain("/** An entity, or none. */");
  });

  test("leave out markers, and parts of prefabs that are markers", () => {
    const tag = defineMarker("script:walk");
    const text = generateBindings([Position, tag], [definePrefab("Walker", [Position, tag])]);
    expect(text).not.toContain("script:walk");
    expect(text).toContain('@external("prefab", "Walker.spawn")');
  });

  test("refuse what AssemblyScript has no room for", () => {
    expect(() => generateBindings([defineComponent("Entity", {})])).toThrow("Entity");
    for (const word of ["delete", "of", "async"]) {
      expect(() => generateBindings([defineComponent("A", { [word]: "f32" })])).toThrow(
        `A.${word}`,
      );
    }
  });

  test("have queries, unless a field is called like one; searches where positions are known", () => {
    const Near = defineComponent("Near", { nearest: "entity", at: "f32" });
    const text = generateBindings([Near], [], { positions });
    const declared = [...text.matchAll(/"component", "Near.(\w+)"/g)].map(([, name]) => name);
    expect(declared).toEqual(["has", "add", "remove", "count", "within"]);
    expect(text).toContain("9 for each entity looked at and 30 for each row of cells");
    expect(generateBindings([Position])).toContain("count(): i32_");
    expect(generateBindings([Position])).not.toContain("nearest");
  });

  test("have named queries, with what they cost; searches where positions are known", () => {
    const text = generateBindings([], [], { queries: [Thawed, Targets], positions });
    const declared = [...text.matchAll(/"query", "(\w+\.\w+)"/g)].map(([, name]) => name);
    const names = ["count", "at", "has", "nearest", "within"];
    expect(declared).toEqual(["Targets", "Thawed"].flatMap((q) => names.map((n) => `${q}.${n}`)));
    expect(text).toContain("  /** Who can be hit. */\n  export namespace Targets {");
    expect(text).toContain("  /** The query Thawed. */");
    expect(text).toContain("doesn't show yet. Costs\n     * 50 fuel.");
    expect(text).toContain("The nearest other entity in this query;");
    expect(text).toContain("type i32_ = i32;\ntype f32_ = f32;");
    expect(generateBindings([], [], { queries: [Targets] })).not.toContain("nearest");
    expect(generateBindings([])).not.toContain("namespace Query");
  });

  test("have messages, whose names are nobody else's", () => {
    const text = generateBindings([], [], { messages });
    expect(text).toContain("/** It hurts. */\nexport abstract class Hit {");
    expect(text).toContain("static send(target: Entity, damage: f32, from: Entity): void");
    expect(text).toContain("/** Lives left. An i32 from 0 to 255. */");
    expect(text).toContain("send(to_: Entity, f32: f32,");
    for (const name of ["Position", "Entity", "Prefab", "Query"]) {
      const taken = { messages: [defineMessage(name, {})] };
      expect(() => generateBindings([Position], [], taken)).toThrow(`called ${name}`);
    }
    const reserved = { messages: [defineMessage("A", { of: "f32" })] };
    expect(() => generateBindings([], [], reserved)).toThrow("A.of");
  });

  test("compile, whatever the fields are called", async () => {
    const { compile } = await import("../../scripting/compile/compile.ts");
    const Awkward = defineComponent("Map", {
      get: "f32",
      set: "u32",
      type: "f64",
      from: "entity",
      key: "i8",
      at: "vec2",
      f32: "vec3",
    });
    const files: Record<string, string> = {
      "scripts/s.ts": `import { Map } from "./components";
export function onUpdate(self: i32): void { Map.get[self] += 1; Map.set[self] = 2; Map.type[self] = 3; Map.from[self] = 0; Map.key[self]++; Map.at.y[self] = Map.f32.z[self]; if (!Map.has(self)) Map.add(self); }`,
      "scripts/components.ts": generateBindings(
        [Awkward],
        [definePrefab("Thing", [withValues(Awkward, { get: 1 })])],
      ),
    };
    const result = await compile({
      entry: "scripts/s.ts",
      readFile: (path) => files[path] ?? null,
      sdk: () => "export type Entity = i32;",
    });
    expect(result).toMatchObject({ ok: true, warnings: [] });
  });

  test("cost nothing but the import call, and import nothing that isn't used", async () => {
    const { bytes } = await binary(
      "imports",
      "export function onUpdate(self: Entity): void { Position.x[self] += Velocity.y[self]; }",
    );
    const module = new WebAssembly.Module(bytes);
    expect(
      WebAssembly.Module.imports(module)
        .map(({ module: from, name }) => `${from}.${name}`)
        .sort(),
    ).toEqual(["component.Position.x.get", "component.Position.x.set", "component.Velocity.y.get"]);
    const seen: unknown[] = [];
    const component = {
      "Position.x.get": (e: number) => e * 10,
      "Position.x.set": (e: number, v: number) => seen.push(e, v),
      "Velocity.y.get": () => 0.5,
    };
    const { onUpdate } = new WebAssembly.Instance(module, { component }).exports;
    (onUpdate as (e: number) => void)(4);
    expect(seen).toEqual([4, 40.5]);
    expect([Position.name, Velocity.name]).toEqual(["Position", "Velocity"]);
  });

  test("are hidden from source maps, so that what they do is found in the script", async () => {
    const { sourceMap } = await binary(
      "hidden",
      "export function onUpdate(self: Entity): void {\n  Position.x[self] += 1;\n}",
    );
    if (sourceMap === undefined) throw new Error("no source map");
    const hidden = withoutBindings(sourceMap);
    expect(hidden.mappings.length).toBeLessThan(sourceMap.mappings.length);
    expect(withoutBindings(hidden).mappings).toBe(hidden.mappings);
    const none = { ...sourceMap, sourcesContent: sourceMap.sources.map(() => null) };
    expect(withoutBindings(none)).toBe(none);
  });
});
