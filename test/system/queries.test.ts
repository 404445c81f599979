import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import { LinkError, type ScriptPolicy, scriptPolicies } from "../../scripting/index.ts";
import { binary, Frozen, Kinds, Position, Rock, rig, Trace } from "./harness.ts";

const at = (x: number, y = 0) => withValues(Position, { x, y });

/** Adds up, in the order they come, the handles that a script gives. */
const digest = (list: string): string => `
export function onUpdate(self: Entity): void {
  Trace.updates[self] = 0;
  let sum: f64 = 0;
  ${list}
  Trace.value[self] = sum;
}`;
const counts = digest(`for (let i = 0, n = Frozen.count(); i < n; i++) {
    sum = sum * 31 + Frozen.at(i); Trace.updates[self]++;
  }`);
const digestOf = (list: readonly number[]): number => list.reduce((sum, n) => sum * 31 + n, 0);

function traceOf(r: ReturnType<typeof rig>, entity: Entity): { value: number; updates: number } {
  const { value, updates } = r.world.columns(Trace);
  const index = r.world.indexOf(entity);
  return { value: value[index] as number, updates: updates[index] as number };
}

describe("a component's entities", () => {
  it("are counted and listed, as the world is in this phase", async () => {
    const r = rig();
    await r.load("counts", counts);
    const self = r.world.spawn(undefined, Trace);
    r.scripts.attach(self, "counts");
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: 0, updates: 0 });
    const all = Array.from({ length: 5 }, () => r.world.spawn(undefined, Frozen));
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: digestOf(all), updates: 5 });
    // Nobody has committed that: it is listed still, and no member.
    r.world.despawn(all[1] as Entity);
    r.scripts.run({ delta: 0, elapsed: 0, frame: 9 });
    const left = all.filter((_, n) => n !== 1);
    expect(traceOf(r, self)).toEqual({ value: digestOf(left), updates: 4 });
    r.frames();
    expect(traceOf(r, self).updates).toBe(4);
  });

  it("don't include those spawned or given the component in this frame", async () => {
    const r = rig();
    await r.load(
      "maker",
      digest(
        "Prefab.Rock.spawn(); Frozen.add(self); sum = Position.count() * 10 + Frozen.count();",
      ),
    );
    const self = r.world.spawn(Rock);
    r.scripts.attach(self, "maker");
    r.frames();
    expect(traceOf(r, self).value).toBe(10);
    r.frames();
    expect(traceOf(r, self).value).toBe(21);
  });

  it("are refused past the last", async () => {
    const r = rig();
    await r.load("past", "export function onUpdate(self: Entity): void { Trace.at(1); }");
    r.scripts.attach(r.world.spawn(undefined, Trace), "past");
    r.frames();
    expect(r.of("fault")[0]?.fault.message).toContain(
      "Trace.at: there is no 1; Trace.count() is 1",
    );
  });
});

describe("who is near", () => {
  const near = (radius: string): string =>
    digest(
      `sum = Frozen.nearest(self, ${radius}); Trace.updates[self] = Frozen.within(self, ${radius});`,
    );

  it("is found: the nearest, of several the one with the lowest index, and never oneself", async () => {
    const r = rig();
    await r.load("near", near("5"));
    const self = r.world.spawn(undefined, Trace, at(0), Frozen);
    r.scripts.attach(self, "near");
    r.world.spawn(undefined, Frozen);
    r.world.spawn(undefined, at(1));
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: 0, updates: 0 });
    const far = r.world.spawn(undefined, Frozen, at(3, 4));
    r.world.spawn(undefined, Frozen, at(3, 4.1));
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: far, updates: 1 });
    const nearer = r.world.spawn(undefined, Frozen, at(-2));
    r.world.spawn(undefined, Frozen, at(2));
    r.world.spawn(undefined, Frozen, at(0, 2));
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: nearer, updates: 4 });
    expect(r.of("fault")).toEqual([]);
  });

  for (const windows of [true, false]) {
    it(`goes by where they were when the frame's scripts began, ${windows ? "on windows" : "call by call"}`, async () => {
      const r = rig({ windows });
      await r.load(
        "moves",
        `export function onUpdate(self: Entity): void {
  Position.x[self] += 100;
  Trace.value[self] = Frozen.nearest(self, 10);
}`,
      );
      // Each comes to where the next one was, and is told of that one, wherever it is by now.
      const row = Array.from({ length: 6 }, (_, n) =>
        r.world.spawn(undefined, Frozen, Trace, at(n * 100)),
      );
      for (const entity of row) r.scripts.attach(entity, "moves");
      r.frames();
      const told = row.map((entity) => traceOf(r, entity).value);
      expect(told).toEqual([...row.slice(1), 0]);
    });
  }

  it("is listed by found, in this call alone", async () => {
    const r = rig();
    await r.load(
      "lists",
      `export function onUpdate(self: Entity): void {
  if (Trace.starts[self] == 0) Trace.updates[self] = Frozen.within(self, 10);
  for (let i = 0; i < max(1, Trace.updates[self]); i++) Kinds.i32[found(i)]++;
  Trace.starts[self] = 1;
}`,
    );
    const others = [1, 2, 30].map((x) => r.world.spawn(undefined, Frozen, Kinds, at(x)));
    const self = r.world.spawn(undefined, Trace, at(0));
    r.scripts.attach(self, "lists");
    r.frames();
    const seen = others.map((e) => r.world.columns(Kinds).i32[r.world.indexOf(e)]);
    expect(seen).toEqual([1, 1, 0]);
    r.frames();
    expect(r.of("fault")[0]?.fault.message).toContain(
      "found: there is no 0; this call's last search has found 0",
    );
  });

  it("wants an entity with a place, and a distance", async () => {
    const cases = [
      ["Frozen.nearest(noEntity, 1)", "Frozen.nearest: entity 0 is no entity"],
      ["Frozen.within(self, -1)", "Frozen.within: -1 is no distance"],
      ["Frozen.nearest(self, f32.NaN)", "Frozen.nearest: NaN is no distance"],
      ["Frozen.within(Kinds.target[self], 1)", "has no Position"],
    ] as const;
    for (const [call, message] of cases) {
      const r = rig();
      await r.load("bad", `export function onUpdate(self: Entity): void { ${call}; }`);
      const lacks = r.world.spawn();
      const self = r.world.spawn(undefined, at(0), withValues(Kinds, { target: lacks }));
      r.scripts.attach(self, "bad");
      r.frames();
      expect(r.of("fault")[0]?.fault.message).toContain(message);
    }
  });

  it("is what a search through all of them finds, wherever they are", async () => {
    const script = await binary(
      "all",
      digest(`sum = Frozen.nearest(self, Kinds.f32[self]); const n = Frozen.within(self, Kinds.f32[self]);
  Trace.updates[self] = n;
  let ends = 0; for (let i = 0; i < n; i++) ends = ends ^ found(i); Trace.ends[self] = ends;`),
    );
    const place = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.float({ min: -1000, max: 1000, noNaN: true }),
      fc.constantFrom(0, 1e30, -1e-30, Infinity, Number.NaN),
    );
    const radius = fc.oneof(
      fc.integer({ min: 0, max: 8 }),
      fc.float({ min: 0, max: 3000, noNaN: true }),
      fc.constant(Infinity),
    );
    const point = fc.tuple(place, place);
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { minLength: 1, maxLength: 60 }),
        radius,
        async (points, reach) => {
          const r = rig();
          await r.scripts.load(script);
          const all = points.map(() => r.world.spawn(undefined, Frozen, Trace, Kinds, Position));
          const { x, y } = r.world.columns(Position);
          all.forEach((entity, n) => {
            r.scripts.attach(entity, "all");
            const index = r.world.indexOf(entity);
            [x[index], y[index]] = points[n] as [number, number];
            r.world.columns(Kinds).f32[index] = reach;
          });
          r.frames();
          const limit = Math.fround(reach) ** 2;
          for (const self of all) {
            const me = r.world.indexOf(self);
            let [best, square, count, ends] = [0, Infinity, 0, 0];
            for (const other of all) {
              const index = r.world.indexOf(other);
              const [ox, oy] = [x[index] as number, y[index] as number];
              const d = (ox - (x[me] as number)) ** 2 + (oy - (y[me] as number)) ** 2;
              const here = (x[me] as number) + (y[me] as number);
              if (other === self || !Number.isFinite(ox + oy + here) || !(d <= limit)) continue;
              count++;
              ends ^= other;
              if (d < square) [best, square] = [other, d];
            }
            expect(traceOf(r, self)).toEqual({ value: best, updates: count });
            expect(r.world.columns(Trace).ends[me]).toBe(ends);
          }
          r.scripts.dispose();
        },
      ),
      { numRuns: 80, seed: 4 },
    );
  });

  it("costs by what is looked at, and a search that can't be paid doesn't happen", async () => {
    const fuelFor = async (crowd: number, spread: number): Promise<number> => {
      const r = rig({ limits: { fuelPerCall: 100_000 } }, 4096);
      await r.load("near", near("5"));
      for (let n = 0; n < crowd; n++)
        r.world.spawn(undefined, Frozen, at((n % 50) * spread, n * spread));
      const self = r.world.spawn(undefined, Trace, at(0));
      r.scripts.attach(self, "near");
      r.frames();
      expect(r.of("fault")).toEqual([]);
      return r.scripts.lastFrame.fuel;
    };
    const few = await fuelFor(20, 100);
    // A hundred times as many, none of them near.
    expect(await fuelFor(2000, 100)).toBeLessThan(few * 2);
    // All of them in reach, and looked at twice.
    expect(await fuelFor(2000, 0)).toBeGreaterThanOrEqual(2 * 2000 * 9);
    const r = rig({ limits: { fuelPerCall: 5_000 } }, 4096);
    await r.load("near", near("5"));
    for (let n = 0; n < 2000; n++) r.world.spawn(undefined, Frozen, at(0));
    r.scripts.attach(r.world.spawn(undefined, Trace, at(0)), "near");
    r.frames();
    expect(r.of("fault")[0]?.fault.kind).toBe("out-of-fuel");
  });
});

describe("a script's policy", () => {
  const finds = "export function onUpdate(self: Entity): void { Frozen.nearest(self, 1); }";
  const lists = "export function onUpdate(self: Entity): void { Kinds.count(); }";
  const problems = async (body: string, policy: Partial<ScriptPolicy>): Promise<unknown> => {
    const r = rig();
    const error = await r.scripts.load(await binary("mod", body), { policy }).catch((e) => e);
    if (error === undefined) return [];
    expect(error).toBeInstanceOf(LinkError);
    return (error as LinkError).problems.map((p) => p.capability);
  };

  it("grants queries with reading, to scripts that may touch any entity", async () => {
    expect(await problems(lists, {})).toEqual([]);
    expect(await problems(lists, { read: ["Kinds.u8"] })).toEqual([]);
    expect(await problems(lists, { read: ["Trace"] })).toEqual(["query Kinds"]);
    expect(await problems(lists, { entities: "self" })).toEqual(["query Kinds"]);
    expect(await problems(lists, scriptPolicies.closed)).toEqual(["query Kinds"]);
  });

  it("grants searches to those that may read positions", async () => {
    expect(await problems(finds, { read: ["Frozen", "Position"] })).toEqual([]);
    expect(await problems(finds, { read: ["Frozen", "Position.x"] })).toEqual(["find Frozen"]);
    expect(await problems(finds, { read: ["Position"] })).toEqual(["find Frozen"]);
    expect(await problems(finds, { redacted: ["Position.y"] })).toEqual(["find Frozen"]);
    expect(await problems(finds, { entities: "self" })).toEqual(["find Frozen"]);
  });

  it("can't be asked where the system isn't told where entities are", async () => {
    const world = rig().world;
    const { scripts } = rig({ world, positions: undefined as never });
    await expect(scripts.load(await binary("mod", finds))).rejects.toThrow("Frozen.nearest");
    expect(() => rig({ positions: { component: Position, x: "x", y: "z" } })).toThrow("Position.z");
  });
});
