import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defineComponent,
  defineMarker,
  defineQuery,
  type Entity,
  Not,
  Or,
  withValues,
} from "../../engine/index.ts";
import { LinkError, type ScriptPolicy, scriptPolicies } from "../../scripting/index.ts";
import { scripted } from "../../scripting/system/scripted.ts";
import {
  binary,
  Frozen,
  Kinds,
  Position,
  type Rig,
  rig,
  Targets,
  Thawed,
  Trace,
  Velocity,
} from "./harness.ts";

const at = (x: number, y = 0) => withValues(Position, { x, y });

/** Adds up the handles that a script gives, in the order they come. */
const lists = `export function onUpdate(self: Entity): void {
  let sum: f64 = 0;
  const n = Query.Targets.count();
  for (let i = 0; i < n; i++) {
    const one = Query.Targets.at(i);
    if (!Query.Targets.has(one)) unreachable();
    sum = sum * 31 + one;
  }
  Trace.value[self] = sum;
  Trace.updates[self] = n;
  Trace.ends[self] = Query.Targets.has(self) ? 1 : 0;
}`;

const digestOf = (list: readonly number[]): number => list.reduce((sum, n) => sum * 31 + n, 0);

function traceOf(r: Rig, entity: Entity) {
  const { value, updates, ends } = r.world.columns(Trace);
  const index = r.world.indexOf(entity);
  return { value: value[index], updates: updates[index], ends: ends[index] };
}

describe("a named query's entities", () => {
  it("are counted, listed and asked after, as the world is in this phase", async () => {
    const r = rig();
    await r.load("lists", lists);
    const self = r.world.spawn(undefined, Trace);
    r.scripts.attach(self, "lists");
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: 0, updates: 0, ends: 0 });
    const first = r.world.spawn(undefined, Position, Kinds);
    const second = r.world.spawn(undefined, Position, Velocity);
    r.world.spawn(undefined, Position);
    r.world.spawn(undefined, Position, Kinds, Frozen);
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: digestOf([first, second]), updates: 2, ends: 0 });
    r.world.add(first, Frozen);
    r.world.add(self, Position);
    r.world.add(self, Kinds);
    r.scripts.run({ delta: 0, elapsed: 0, frame: 9 });
    expect(traceOf(r, self)).toEqual({ value: digestOf([second, self]), updates: 2, ends: 1 });
  });

  it("don't include who joins in this frame, and still include who leaves", async () => {
    const r = rig();
    await r.load(
      "changes",
      `export function onUpdate(self: Entity): void {
  const rock = Prefab.Rock.spawn();
  Trace.updates[self] = Query.Thawed.count() * 10 + (Query.Thawed.has(rock) ? 1 : 0);
  if (!Frozen.has(self)) Frozen.add(self);
  Trace.ends[self] = Query.Thawed.has(self) ? 1 : 0;
}`,
    );
    const self = r.world.spawn(undefined, Trace);
    r.scripts.attach(self, "changes");
    r.frames();
    expect(traceOf(r, self)).toMatchObject({ updates: 10, ends: 1 });
    r.frames();
    expect(traceOf(r, self)).toMatchObject({ updates: 10, ends: 0 });
  });

  it("are refused past the last, and for who isn't there", async () => {
    const cases = [
      ["Query.Thawed.at(1)", "Query.Thawed.at: there is no 1; Query.Thawed.count() is 1"],
      ["Query.Thawed.has(noEntity)", "Query.Thawed.has: entity 0 is no entity"],
      ["Query.Thawed.nearest(self, -1)", "Query.Thawed.nearest: -1 is no distance"],
    ] as const;
    for (const [call, message] of cases) {
      const r = rig();
      await r.load("bad", `export function onUpdate(self: Entity): void { ${call}; }`);
      r.scripts.attach(r.world.spawn(undefined, Trace, Position), "bad");
      r.frames();
      expect(r.of("fault")[0]?.fault.message).toContain(message);
    }
  });

  it("cost what those of a component cost", async () => {
    const fuelOf = async (call: string): Promise<number> => {
      const r = rig();
      await r.load("costs", `export function onUpdate(self: Entity): void { ${call}; }`);
      r.scripts.attach(r.world.spawn(undefined, at(0), Kinds, Velocity), "costs");
      r.frames();
      expect(r.of("fault")).toEqual([]);
      return r.scripts.lastFrame.fuel;
    };
    for (const call of ["count()", "at(0)", "has(self)", "nearest(self, 9)", "within(self, 9)"]) {
      expect(await fuelOf(`Query.Targets.${call}`)).toBe(await fuelOf(`Kinds.${call}`));
    }
  });

  for (const windows of [true, false]) {
    it(`are found by where they are, ${windows ? "on windows" : "call by call"}`, async () => {
      const script = await binary(
        "near",
        `export function onUpdate(self: Entity): void {
  Trace.value[self] = Query.Targets.nearest(self, 50);
  const n = Query.Targets.within(self, 50);
  Trace.updates[self] = n;
  let ends = 0;
  for (let i = 0; i < n; i++) ends = ends ^ (found(i) + <i32>Position.x[found(i)]);
  Trace.ends[self] = ends;
}`,
      );
      const kinds = [[Kinds], [Velocity], [Kinds, Velocity, Frozen], [Frozen], []] as const;
      const place = fc.integer({ min: -60, max: 60 });
      const actor = fc.tuple(place, place, fc.constantFrom(...kinds));
      await fc.assert(
        fc.asyncProperty(fc.array(actor, { minLength: 1, maxLength: 40 }), async (actors) => {
          const r = rig({ windows });
          await r.scripts.load(script);
          const all = actors.map(([x, y, parts]) =>
            r.world.spawn(undefined, Trace, at(x, y), ...parts),
          );
          for (const entity of all) r.scripts.attach(entity, "near");
          r.frames();
          const members = actors.map(([x, y, parts], n) => ({
            entity: all[n] as Entity,
            x,
            y,
            isIn: parts.length > 0 && !(parts as readonly unknown[]).includes(Frozen),
          }));
          for (const self of members) {
            const near = members
              .filter(({ entity, isIn }) => isIn && entity !== self.entity)
              .map((each) => ({ ...each, d: (each.x - self.x) ** 2 + (each.y - self.y) ** 2 }))
              .filter(({ d }) => d <= 2500);
            const best = [...near].sort((a, b) => a.d - b.d)[0];
            expect(traceOf(r, self.entity)).toEqual({
              value: best?.entity ?? 0,
              updates: near.length,
              ends: near.reduce((ends, { entity, x }) => ends ^ (entity + x), 0),
            });
          }
          r.scripts.dispose();
        }),
        { numRuns: 30, seed: 7 },
      );
    });
  }
});

describe("a script's policy", () => {
  const lists = "export function onUpdate(self: Entity): void { Query.Targets.count(); }";
  const asks = "export function onUpdate(self: Entity): void { Query.Targets.has(self); }";
  const finds = "export function onUpdate(self: Entity): void { Query.Targets.nearest(self, 1); }";
  const problems = async (body: string, policy: Partial<ScriptPolicy>): Promise<unknown> => {
    const r = rig();
    const error = await r.scripts.load(await binary("mod", body), { policy }).catch((e) => e);
    if (error === undefined) return [];
    expect(error).toBeInstanceOf(LinkError);
    return (error as LinkError).problems.map((p) => p.capability);
  };
  const all = ["Position.y", "Kinds.u8", "Velocity", "Frozen"];

  it("grants a query to who may read all that it is of, and touch any entity", async () => {
    expect(await problems(lists, {})).toEqual([]);
    expect(await problems(lists, { read: all })).toEqual([]);
    for (const hidden of all) {
      const read = all.filter((name) => name !== hidden);
      expect(await problems(lists, { read })).toEqual(["query Query.Targets"]);
    }
    expect(await problems(asks, { read: ["Position"] })).toEqual(["query Query.Targets"]);
    for (const body of [lists, asks]) {
      expect(await problems(body, { entities: "self" })).toEqual(["query Query.Targets"]);
      expect(await problems(body, scriptPolicies.closed)).toEqual(["query Query.Targets"]);
    }
  });

  it("grants searches to who may read positions, too", async () => {
    expect(await problems(finds, { read: [...all, "Position.x"] })).toEqual([]);
    expect(await problems(finds, { read: all })).toEqual(["find Query.Targets"]);
    expect(await problems(finds, { redacted: ["Position.y"] })).toEqual(["find Query.Targets"]);
    expect(await problems(finds, scriptPolicies.closed)).toEqual(["find Query.Targets"]);
  });

  it("isn't about a query that is called like a component", async () => {
    const Same = defineQuery("Frozen", [Position]);
    const made = () => rig({ queries: [Same, Targets, Thawed] });
    const policy = { read: ["Frozen"] };
    const component = await binary("mod", "export function onUpdate(): void { Frozen.count(); }");
    await made().scripts.load(component, { policy });
    const { linker } = await new Promise<{ linker: { capabilities: readonly string[] } }>(
      (done) => {
        rig({ queries: [Same], link: (known) => done({ linker: known }) });
      },
    );
    expect(linker.capabilities).toEqual(
      expect.arrayContaining(["query Frozen", "query Query.Frozen", "find Query.Frozen"]),
    );
  });
});

describe("queries that are given to a system", () => {
  it("may be of scripts' tags", async () => {
    const Guards = defineQuery("Targets", [scripted("guard"), Not(Frozen)]);
    const r = rig({ queries: [Guards, Thawed] });
    await r.load("lists", lists);
    await r.load("guard", "export function onUpdate(self: Entity): void {}");
    const self = r.world.spawn(undefined, Trace);
    r.scripts.attach(self, "lists");
    const guard = r.world.spawn();
    r.scripts.attach(guard, "guard");
    r.frames();
    expect(traceOf(r, self)).toEqual({ value: guard, updates: 1, ends: 0 });
  });

  it("have names of their own, and components of the world", () => {
    const again = defineQuery("Targets", [Position]);
    expect(() => rig({ queries: [Targets, again] })).toThrow("two queries are named Targets");
    const Stray = defineComponent("Stray", {});
    const strange = defineQuery("Strange", [Position, Or(Stray, Kinds)]);
    expect(() => rig({ queries: [strange] })).toThrow(
      "query Strange: component Stray is not registered in this world",
    );
    expect(() => rig({ queries: [defineQuery("Mine", [defineMarker("mine")])] })).not.toThrow();
  });

  it("that a script asks for and the system hasn't got are named", async () => {
    const r = rig({ queries: [Thawed] });
    await expect(r.load("lists", lists)).rejects.toThrow('"query" "Targets.count"');
  });
});
