import { describe, expect, test } from "vitest";
import { defineMessage } from "../../engine/index.ts";

describe("defineMessage", () => {
  test("keeps fields in order, with types, defaults and docs", () => {
    const Hit = defineMessage(
      "Hit",
      { damage: { type: "f32", default: 2, doc: "in hearts" }, from: "entity" },
      { doc: "It hurts." },
    );
    expect(Hit.doc).toBe("It hurts.");
    expect(Hit.defaults).toEqual({ damage: 2, from: 0 });
    expect(Hit.fields).toEqual([
      { name: "damage", type: "f32", default: 2, doc: "in hearts" },
      { name: "from", type: "entity", default: 0, doc: "" },
    ]);
  });

  test("has the rules of components", () => {
    expect(() => defineMessage("hit", {})).toThrow('message name "hit"');
    expect(() => defineMessage("Hit", { A: "f32" })).toThrow("Hit.A");
    expect(() => defineMessage("Hit", { a: "text" as "f32" })).toThrow("unknown type");
    expect(() => defineMessage("Hit", { a: { type: "u8", default: 256 } })).toThrow(RangeError);
    for (const name of ["send", "is", "constructor"]) {
      expect(() => defineMessage("Hit", { [name]: "f32" })).toThrow(`Hit.${name}`);
    }
    expect(() => defineMessage("Hit", { has: "f32" })).not.toThrow();
  });
});
