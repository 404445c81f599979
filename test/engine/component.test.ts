import { describe, expect, test } from "vitest";
import { defineComponent, defineMarker, definePrefab, withValues } from "../../engine/index.ts";

describe("defineComponent", () => {
  test("keeps fields in order, with types, defaults and docs", () => {
    const Health = defineComponent(
      "Health",
      { current: "f32", max: { type: "u16", default: 100, doc: "hit points" } },
      { doc: "how much is left" },
    );
    expect(Health.doc).toBe("how much is left");
    expect(Health.fields).toEqual([
      { name: "current", type: "f32", default: 0, doc: "" },
      { name: "max", type: "u16", default: 100, doc: "hit points" },
    ]);
  });

  test.each(["position", "My Component", "", "Ünit", "__proto__", "9Lives", "A-B"])(
    "refuses the component name %j",
    (name) => {
      expect(() => defineComponent(name, {})).toThrow(TypeError);
    },
  );

  test.each(["X", "a b", "constructor", "toString", "valueOf", "component", "data", "has", "add"])(
    "refuses the field name %j",
    (name) => {
      expect(() => defineComponent("Thing", { [name]: "f32" })).toThrow(`Thing.${name}`);
    },
  );

  test("refuses a field that would set a prototype", () => {
    const fields = JSON.parse('{ "__proto__": "f32" }') as Record<string, "f32">;
    expect(() => defineComponent("Thing", fields)).toThrow("__proto__");
    const { ...literal } = Object.create({ x: "f32" }) as Record<string, "f32">;
    Object.setPrototypeOf(literal, { x: "f32" });
    expect(() => defineComponent("Thing", literal)).toThrow("prototype");
  });

  test("refuses an unknown type and names the known ones", () => {
    const type = "float" as "f32";
    expect(() => defineComponent("Thing", { x: type })).toThrow(
      'unknown type "float"; known: f32,',
    );
  });

  test.each([
    ["u8", 256],
    ["u8", -1],
    ["i8", 1.5],
    ["u32", 2 ** 32],
    ["f32", Number.NaN],
    ["entity", 5],
  ] as const)("refuses a default of %s %d", (type, value) => {
    expect(() => defineComponent("Thing", { x: { type, default: value } })).toThrow(RangeError);
  });

  test("takes the limits of each type", () => {
    expect(() =>
      defineComponent("Thing", {
        a: { type: "u8", default: 255 },
        b: { type: "i8", default: -128 },
        c: { type: "u32", default: 2 ** 32 - 1 },
        d: { type: "f32", default: Infinity },
      }),
    ).not.toThrow();
  });

  test("refuses a store whose columns don't fit the fields", () => {
    const wrong = { x: new Float64Array(8) } as unknown as { x: Float32Array };
    expect(() => defineComponent("Thing", { x: "f32" }, { store: wrong })).toThrow(
      "x must be a Float32Array, but is Float64Array",
    );
    const plain = { x: [1, 2] } as unknown as { x: Float32Array };
    expect(() => defineComponent("Thing", { x: "f32" }, { store: plain })).toThrow("a plain array");
    const missing = {} as { x: Float32Array };
    expect(() => defineComponent("Thing", { x: "f32" }, { store: missing })).toThrow("nothing");
  });
});

describe("definePrefab", () => {
  const Position = defineComponent("Position", { x: "f32", y: "f32" });
  const Ammo = defineComponent("Ammo", { left: "u8" });

  test("takes bare components and components with values", () => {
    const prefab = definePrefab("Bullet", [Position, withValues(Ammo, { left: 3 })]);
    expect(prefab.parts.map((part) => [part.component.name, part.values])).toEqual([
      ["Position", {}],
      ["Ammo", { left: 3 }],
    ]);
  });

  test("refuses a component twice, and a bad name", () => {
    expect(() => definePrefab("Bullet", [Position, withValues(Position, { x: 1 })])).toThrow(
      "lists Position twice",
    );
    expect(() => definePrefab("bullet", [])).toThrow(TypeError);
  });

  test("refuses values that don't fit", () => {
    expect(() => withValues(Ammo, { left: 300 })).toThrow("Ammo.left: 300 does not fit u8");
    const misspelt: object = { lft: 3 };
    expect(() => withValues(Ammo, misspelt)).toThrow('no field "lft"; it has: left');
  });
});

test("markers are their own, whatever their label", () => {
  expect(defineMarker("script: patrol")).not.toBe(defineMarker("script: patrol"));
});
