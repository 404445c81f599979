import { describe, expect, test } from "vitest";
import type { Entity } from "../../engine/index.ts";
import { binary, Hit, Kinds, type Rig, rig, Trace } from "./harness.ts";

/** Adds up what it is told, says in which frames it was called, and traps while it is asked to. */
const moody = `export function onUpdate(self: Entity): void {
  log(Time.frame);
  if (Kinds.i8[self] == 1) unreachable();
  Trace.value[self] += Time.delta;
}`;

interface Moody extends Rig {
  readonly bad: Entity;
  readonly good: Entity;
  traps(does: boolean): void;
  framesOf(entity: Entity): number[];
  valueOf(entity: Entity): number;
}

async function made(options: Parameters<typeof rig>[0], body = moody): Promise<Moody> {
  const r = rig({ maxDeltaMs: 10_000, ...options });
  await r.load("moody", body);
  const [bad, good] = [1, 2].map(() => {
    const entity = r.world.spawn(undefined, Trace, Kinds);
    r.scripts.attach(entity, "moody");
    return entity;
  }) as [Entity, Entity];
  return {
    ...r,
    bad,
    good,
    traps: (does) => {
      r.world.columns(Kinds).i8[r.world.indexOf(bad)] = does ? 1 : 0;
    },
    framesOf: (entity) =>
      r
        .of("log")
        .filter((event) => event.entity === entity)
        .map(({ text }) => Number(text)),
    valueOf: (entity) => r.world.columns(Trace).value[r.world.indexOf(entity)] as number,
  };
}

describe.each([true, false])("a row that was stopped again and again, windows %s", (windows) => {
  const policy = { maxStrikes: 5, degradeStrikes: 2, backOffFrames: 0 };

  test("is called in every 2nd frame, then in every 4th, and disabled at last", async () => {
    const r = await made({ windows, policy });
    r.traps(true);
    r.frames(2);
    r.traps(false);
    r.frames(6);
    expect(r.framesOf(r.bad)).toEqual([1, 2, 4, 6, 8]);
    expect(r.scripts.stats()[0]).toMatchObject({
      state: "running",
      degradedEntities: 1,
      periodFrames: 2,
    });
    r.traps(true);
    r.frames(2);
    r.traps(false);
    r.frames(9);
    expect(r.framesOf(r.bad)).toEqual([1, 2, 4, 6, 8, 10, 14, 18]);
    expect(r.scripts.stats()[0]).toMatchObject({ degradedEntities: 1, periodFrames: 4 });
    r.traps(true);
    r.frames(20);
    expect(r.framesOf(r.bad)).toEqual([1, 2, 4, 6, 8, 10, 14, 18, 22, 26]);
    expect(r.framesOf(r.good)).toEqual(Array.from({ length: 39 }, (_, n) => n + 1));
    expect(
      r
        .of("fault")
        .map(({ strikes, outcome, backOffFrames, periodFrames }) => [
          strikes,
          outcome,
          backOffFrames,
          periodFrames,
        ]),
    ).toEqual([
      [1, "back-off", 0, 1],
      [2, "degraded", 1, 2],
      [3, "degraded", 3, 4],
      [4, "degraded", 3, 4],
      [5, "disabled", 0, 1],
    ]);
    expect(r.scripts.stats()[0]).toMatchObject({
      degradedEntities: 0,
      disabledEntities: 1,
      periodFrames: 1,
    });
  });

  test("is told the seconds of the frames between, and loses none", async () => {
    const r = await made({ windows, policy });
    r.traps(true);
    r.frames(2);
    r.traps(false);
    r.frames(2);
    expect([r.valueOf(r.bad), r.valueOf(r.good)]).toEqual([2, 2]);
    r.frames();
    expect([r.valueOf(r.bad), r.valueOf(r.good)]).toEqual([2, 2.5]);
    r.frames();
    expect([r.valueOf(r.bad), r.valueOf(r.good)]).toEqual([3, 3]);
  });

  test("is called in every frame again when its strikes are forgiven", async () => {
    const r = await made({ windows, policy: { ...policy, forgiveAfterFrames: 4 } });
    r.traps(true);
    r.frames(2);
    r.traps(false);
    r.frames(8);
    expect(r.framesOf(r.bad)).toEqual([1, 2, 4, 6, 8, 9, 10]);
    expect(r.scripts.stats()[0]).toMatchObject({
      degradedEntities: 0,
      periodFrames: 1,
      strikes: 0,
    });
    r.traps(true);
    r.frames();
    expect(r.of("fault").at(-1)).toMatchObject({ strikes: 1, outcome: "back-off" });
  });

  test("is called in every frame again when the script is enabled or reloaded", async () => {
    const r = await made({ windows, policy });
    for (const pardon of [() => r.scripts.enable("moody"), () => r.reload("moody", moody)]) {
      r.traps(true);
      r.frames(2);
      r.traps(false);
      await pardon();
      const known = r.framesOf(r.bad).length;
      r.frames(3);
      expect(r.framesOf(r.bad).length).toBe(known + 3);
      expect(r.scripts.stats()[0]).toMatchObject({ degradedEntities: 0, strikes: 0 });
    }
  });

  test("waits for messages and fixed steps of the frames between", async () => {
    const r = await made(
      { windows, policy },
      `${moody}
export function onFixedUpdate(self: Entity): void { Trace.starts[self]++; }
export function onMessage(self: Entity): void { Trace.loads[self] = Time.frame; }`,
    );
    r.traps(true);
    r.frames(2);
    r.traps(false);
    r.frames(2);
    r.scripts.send(r.bad, Hit, {});
    const { loads, starts } = r.world.columns(Trace);
    r.frames(1, 1);
    expect([loads[r.world.indexOf(r.bad)], starts[r.world.indexOf(r.bad)]]).toEqual([0, 0]);
    r.frames(1, 1);
    expect([loads[r.world.indexOf(r.bad)], starts[r.world.indexOf(r.bad)]]).toEqual([6, 1]);
  });

  test("goes on like that in a saved run", async () => {
    const one = await made({ windows, policy });
    one.traps(true);
    one.frames(2);
    one.traps(false);
    one.frames(3);
    const two = await made({ windows, policy });
    two.world.load(one.world.save());
    two.scripts.restoreState(JSON.parse(JSON.stringify(one.scripts.saveState())));
    for (const r of [one, two]) r.frames(5);
    expect(two.world.hash()).toBe(one.world.hash());
    expect(two.scripts.hash()).toBe(one.scripts.hash());
    expect(two.scripts.stats()[0]).toMatchObject({ degradedEntities: 1, periodFrames: 2 });
  });

  test("makes a script degraded when no entity of it is called in every frame", async () => {
    const r = await made({ windows, policy });
    r.scripts.detach(r.good, "moody");
    r.traps(true);
    const states: string[] = [];
    for (let frame = 1; frame <= 5; frame++) {
      if (frame === 3) r.traps(false);
      r.frames();
      states.push(r.scripts.stats()[0]?.state ?? "");
    }
    expect(states).toEqual(["backing-off", "degraded", "degraded", "degraded", "degraded"]);
  });
});

describe("degrading, by default", () => {
  const outcomes = async (policy: object) => {
    const r = await made({ policy: { backOffFrames: 0, ...policy } });
    r.traps(true);
    r.frames(20);
    return r.of("fault").map(({ outcome, periodFrames }) => `${outcome} ${periodFrames}`);
  };

  test("is what precedes disabling, and never follows a first strike", async () => {
    expect(await outcomes({})).toEqual(["back-off 1", "degraded 2", "disabled 1"]);
    expect(await outcomes({ maxStrikes: 2 })).toEqual(["back-off 1", "disabled 1"]);
    expect(await outcomes({ maxStrikes: 4 })).toEqual([
      "back-off 1",
      "back-off 1",
      "degraded 2",
      "disabled 1",
    ]);
  });

  test("can be left out", async () => {
    expect(await outcomes({ degradeStrikes: Infinity })).toEqual([
      "back-off 1",
      "back-off 1",
      "disabled 1",
    ]);
    await expect(outcomes({ degradeStrikes: 0 })).rejects.toThrow(
      "policy degradeStrikes must be a whole number from 1 to 255, not 0",
    );
  });

  test("goes by the strikes that the script's own policy allows", async () => {
    const r = rig({ policy: { backOffFrames: 0 } });
    await r.scripts.load(await binary("moody", moody), { policy: { faults: { maxStrikes: 5 } } });
    const entity = r.world.spawn(undefined, Trace, Kinds);
    r.world.columns(Kinds).i8[r.world.indexOf(entity)] = 1;
    r.scripts.attach(entity, "moody");
    r.frames(4);
    expect(r.of("fault").map(({ outcome }) => outcome)).toEqual([
      "back-off",
      "back-off",
      "back-off",
      "degraded",
    ]);
  });
});
