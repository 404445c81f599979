import { describe, expect, test } from "vitest";
import type { Entity } from "../../engine/index.ts";
import { LinkError } from "../../scripting/errors.ts";
import { withFields } from "../../scripting/fields/fields-section.ts";
import { binary, Position, type Rig, rig, Trace } from "../system/harness.ts";

const walker = `
/** Metres a second. */
const speed = field.f32("speed", 2, 0, 10);
const steps = field.u16("steps");
const tired = field.bool("tired");
const rival = field.entity("rival");
export function onUpdate(self: Entity): void {
  Position.x[self] += speed[self] * Time.delta;
  steps[self]++;
  if (steps[self] >= 3) tired[self] = true;
  if (rival[self] != noEntity) speed[rival[self]] = 9;
}`;

function carriers(game: Rig, name: string, count: number): Entity[] {
  return Array.from({ length: count }, () => {
    const entity = game.world.spawn();
    game.world.add(entity, Position);
    game.world.add(entity, Trace);
    game.scripts.attach(entity, name);
    return entity;
  });
}

describe.each([true, false])("fields of a script's own, windows %s", (windows) => {
  test("start with their defaults, hold a value for each entity, and show to the game", async () => {
    const game = rig({ windows });
    await game.load("walker", walker);
    const [a, b] = carriers(game, "walker", 2) as [Entity, Entity];
    game.scripts.fields.set(b, "walker", "speed", 4);
    game.frames(2);
    expect(game.of("fault")).toEqual([]);
    const x = game.world.columns(Position).x;
    expect([x[game.world.indexOf(a)], x[game.world.indexOf(b)]]).toEqual([2, 4]);
    expect(game.scripts.fields.get(a, "walker", "steps")).toBe(2);
    expect(game.scripts.fields.get(b, "walker", "tired")).toBe(0);
    game.frames();
    expect(game.scripts.fields.get(b, "walker", "tired")).toBe(1);
    // None where they are in its window.
    expect(game.scripts.stats()[0]?.hostCalls).toBe(windows ? 0 : 50);
    expect(game.scripts.fields.of("walker")).toEqual([
      { name: "speed", kind: "f32", default: 2, min: 0, max: 10, doc: "Metres a second." },
      { name: "steps", kind: "u16", default: 0, min: undefined, max: undefined, doc: "" },
      { name: "tired", kind: "bool", default: 0, min: undefined, max: undefined, doc: "" },
      { name: "rival", kind: "entity", default: 0, min: undefined, max: undefined, doc: "" },
    ]);
  });

  test("of other entities that carry the script can be read and written, whether they ran or not", async () => {
    const game = rig({ windows });
    await game.load("walker", walker);
    const [a, b, c] = carriers(game, "walker", 3) as [Entity, Entity, Entity];
    game.scripts.fields.set(b, "walker", "rival", a);
    game.frames();
    expect([a, b, c].map((e) => game.scripts.fields.get(e, "walker", "speed"))).toEqual([9, 2, 2]);
    game.scripts.fields.set(b, "walker", "rival", c);
    game.frames();
    const x = game.world.columns(Position).x;
    expect([a, b, c].map((e) => x[game.world.indexOf(e)])).toEqual([5.5, 2, 5.5]);
  });

  test("of an entity that doesn't carry the script are refused by name", async () => {
    const game = rig({ windows });
    await game.load("walker", walker);
    const [a] = carriers(game, "walker", 1) as [Entity];
    const stranger = game.world.spawn();
    game.scripts.fields.set(a, "walker", "rival", stranger);
    game.frames();
    const fault = game.of("fault")[0]?.fault;
    expect(fault?.kind).toBe("host-error");
    expect(fault?.message).toMatch(
      /speed: entity 0x\w{8} doesn't carry walker, and has none of its fields/,
    );
    expect(game.scripts.fields.get(a, "walker", "steps")).toBe(0);
  });

  test("are undone with a call that is stopped, its own and those of others", async () => {
    const game = rig({ windows });
    await game.load(
      "walker",
      `
const n = field.i32("n", 5);
const other = field.entity("other");
export function onUpdate(self: Entity): void {
  n[self]++;
  if (other[self] != noEntity) { n[other[self]] = 100; unreachable(); }
}`,
    );
    const [a, b, c] = carriers(game, "walker", 3) as [Entity, Entity, Entity];
    game.scripts.fields.set(b, "walker", "other", c);
    game.frames();
    expect(game.of("fault")).toHaveLength(1);
    expect([a, b, c].map((e) => game.scripts.fields.get(e, "walker", "n"))).toEqual([6, 5, 6]);
  });

  test("stay with their entity when others go", async () => {
    const game = rig({ windows });
    await game.load("walker", walker);
    const all = carriers(game, "walker", 100);
    all.forEach((e, i) => {
      game.scripts.fields.set(e, "walker", "speed", i);
    });
    for (const [i, e] of all.entries()) if (i % 3 === 0) game.scripts.despawn(e);
    game.frames();
    const kept = all.filter((_, i) => i % 3 !== 0);
    expect(kept.map((e) => game.scripts.fields.get(e, "walker", "speed"))).toEqual(
      all.map((_, i) => i).filter((i) => i % 3 !== 0),
    );
    const late = carriers(game, "walker", 60);
    game.frames();
    expect(late.map((e) => game.scripts.fields.get(e, "walker", "steps"))).toEqual(
      late.map(() => 1),
    );
  });

  test("are kept over a reload by name and kind, and the change is told", async () => {
    const game = rig({ windows });
    await game.load(
      "walker",
      `const a = field.f32("a", 1); const b = field.i32("b", 2); const c = field.u8("c", 3);
export function onUpdate(self: Entity): void { a[self]++; b[self]++; c[self]++; }`,
    );
    const [e] = carriers(game, "walker", 1) as [Entity];
    game.frames(3);
    await game.reload(
      "walker",
      `const d = field.f32("d", 7); const b = field.f32("b", 8); const a = field.f32("a", 9);
export function onUpdate(self: Entity): void { a[self] += d[self] + b[self]; }`,
    );
    const read = (name: string) => game.scripts.fields.get(e, "walker", name);
    expect([read("a"), read("b"), read("d")]).toEqual([4, 8, 7]);
    expect(game.of("reload")[0]?.fields).toEqual({
      kept: ["a"],
      added: ["d"],
      retyped: ["b"],
      dropped: ["c"],
    });
    game.frames();
    expect(read("a")).toBe(19);
    expect(() => read("c")).toThrow(/walker has no field "c"; it has: d, b, a/);
  });

  test("are what they were when a new version can't take over", async () => {
    const game = rig({ windows });
    await game.load("walker", walker);
    const [e] = carriers(game, "walker", 1) as [Entity];
    game.frames(2);
    const failing = `const steps = field.f64("steps"); export function onReload(): void { unreachable(); }
export function onUpdate(self: Entity): void { steps[self] = 1; }`;
    await expect(game.reload("walker", failing)).rejects.toThrow(/trap|unreachable/);
    game.frames();
    expect(game.scripts.fields.get(e, "walker", "steps")).toBe(3);
  });

  test("as timers: every so often, once, and as a cooldown", async () => {
    const game = rig({ windows });
    await game.load(
      "timers",
      `
const tick = field.timer("tick");
const fuse = field.timer("fuse");
const cooldown = field.timer("cooldown");
export function onStart(self: Entity): void { fuse.start(self, 1.25); }
export function onUpdate(self: Entity): void {
  if (tick.every(self, 1)) Trace.updates[self]++;
  if (fuse.ends(self)) Trace.ends[self]++;
  if (!cooldown.isRunning(self)) { cooldown.start(self, 1.5); Trace.starts[self]++; }
  Trace.value[self] = fuse.left(self);
}`,
    );
    const [e] = carriers(game, "timers", 1) as [Entity];
    const trace = game.world.columns(Trace);
    const index = game.world.indexOf(e);
    const seen: number[][] = [];
    // Half a second each; the clock shows 0.5 in the first.
    for (let n = 0; n < 7; n++) {
      game.frames();
      seen.push(
        [trace.updates, trace.ends, trace.starts, trace.value].map((c) => c[index] as number),
      );
    }
    expect(game.of("fault")).toEqual([]);
    expect(seen).toEqual([
      [0, 0, 1, 1.25],
      [0, 0, 1, 0.75],
      [1, 0, 1, 0.25],
      [1, 1, 2, 0],
      [2, 1, 2, 0],
      [2, 1, 2, 0],
      [3, 1, 3, 0],
    ]);
    expect(game.scripts.fields.get(e, "timers", "tick")).toBe(4.5);
  });
});

describe("the game's side of fields", () => {
  test("refuses what there isn't, and values that a field can't hold", async () => {
    const game = rig();
    await game.load("walker", walker);
    const [e] = carriers(game, "walker", 1) as [Entity];
    const { fields } = game.scripts;
    expect(() => fields.of("nobody")).toThrow(/no script named "nobody"/);
    expect(() => fields.get(e, "walker", "sped")).toThrow(
      /has no field "sped"; it has: speed, steps, tired, rival/,
    );
    expect(() => fields.get(game.world.spawn(), "walker", "speed")).toThrow(/doesn't carry walker/);
    expect(() => fields.set(e, "walker", "steps", 70_000)).toThrow(/70000 does not fit u16/);
    expect(() => fields.set(e, "walker", "tired", 2)).toThrow(/neither 0 nor 1/);
    expect(() => fields.set(e, "walker", "speed", Infinity)).toThrow(/not a finite number/);
    expect(() => fields.set(e, "walker", "rival", 5)).toThrow(/not alive/);
    fields.set(e, "walker", "speed", 70);
    expect(fields.get(e, "walker", "speed")).toBe(70);
  });

  test("sees entities that got the tag without the system being asked", async () => {
    const game = rig();
    await game.load("walker", walker);
    const e = game.world.spawn();
    game.world.add(e, game.scripts.tag("walker"));
    game.scripts.fields.set(e, "walker", "speed", 3);
    expect(game.scripts.fields.get(e, "walker", "speed")).toBe(3);
  });
});

describe("a module that lies about its fields", () => {
  test("is refused where it accesses what it doesn't list", async () => {
    const { bytes, sourceMap, ...rest } = await binary("walker", walker);
    const claims = (...kinds: string[]) =>
      kinds.map((kind, n) => ({
        name: `f${n}`,
        kind,
        default: 0,
        min: undefined,
        max: undefined,
        doc: "",
      }));
    const stripped = withoutSection(bytes);
    const game = rig();
    const loaded = (fields: ReturnType<typeof claims>) =>
      game.scripts.load({ ...rest, bytes: withFields(stripped, fields as never) });
    await expect(loaded([])).rejects.toThrow(LinkError);
    await expect(loaded(claims("f32", "u16", "u8"))).rejects.toThrow(
      /"field" "3.entity.get" is no field/,
    );
    await expect(loaded(claims("f32", "i16", "bool", "entity"))).rejects.toThrow(
      /a field of kind i16/,
    );
    await loaded(claims("f32", "u16", "u8", "entity"));
  });

  test.each([
    ["what isn't JSON", "{"],
    ["what isn't a list", '{"length":1}'],
    ["too many", JSON.stringify(Array(33).fill({ name: "a", kind: "f32", default: 0, doc: "" }))],
    ["null", "[null]"],
    [
      "a name with a meaning of its own",
      '[{"name":"__proto__","kind":"f32","default":0,"doc":""}]',
    ],
    [
      "a kind with a meaning of its own",
      '[{"name":"a","kind":"constructor","default":0,"doc":""}]',
    ],
    ["no default", '[{"name":"a","kind":"f32","doc":""}]'],
    ["a default that doesn't fit", '[{"name":"a","kind":"u8","default":256,"doc":""}]'],
    ["a range upside down", '[{"name":"a","kind":"f32","default":1,"min":2,"max":0,"doc":""}]'],
    ["a range of a timer", '[{"name":"a","kind":"timer","default":0,"min":2,"doc":""}]'],
    [
      "the same name twice",
      '[{"name":"a","kind":"f32","default":0,"doc":""},{"name":"a","kind":"u8","default":0,"doc":""}]',
    ],
    [
      "a doc without end",
      JSON.stringify([{ name: "a", kind: "f32", default: 0, doc: "x".repeat(501) }]),
    ],
  ])("is refused at admission for %s", async (_, text) => {
    const { bytes, ...rest } = await binary("walker", walker);
    const game = rig();
    const lying = withSection(withoutSection(bytes), text);
    await expect(game.scripts.load({ ...rest, bytes: lying })).rejects.toThrow(
      /section "fusewire.fields"/,
    );
  });
});

/** Our compiler puts the section last. */
function withoutSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("fusewire.fields");
  for (let at = bytes.length - name.length; at > 0; at--) {
    if (!name.every((byte, i) => bytes[at + i] === byte)) continue;
    // Its length is an LEB of two bytes, and that of its name one of one.
    return bytes.slice(0, at - 4);
  }
  throw new Error("no such section");
}

function withSection(bytes: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("fusewire.fields");
  const content = [name.length, ...name, ...new TextEncoder().encode(text)];
  const size = content.length;
  const out = [...bytes, 0, (size & 0x7f) | 0x80, size >> 7, ...content];
  return new Uint8Array(out);
}
