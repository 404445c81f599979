import { describe, expect, it } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import type { Linker, ScriptSystemOptions } from "../../scripting/index.ts";
import { Hit, Kinds, Ping, Position, type Rig, rig, scripted, Trace } from "./harness.ts";

interface Heard {
  readonly script: number;
  readonly to: Entity;
  readonly id: number;
}

/** Tells of each message: a hit by its number, a ping as -1. */
const ear = (script: number, more = ""): string => `
@external("test", "heard") declare function heard(script: i32, to: Entity, id: i32): void;
export function onMessage(self: Entity): void {
  heard(${script}, self, Hit.is ? <i32>Hit.damage : -1);
  ${more}
}`;

/** @param onHeard is called for every message that is delivered. */
function earRig(options: Partial<ScriptSystemOptions>, onHeard: (heard: Heard) => void): Rig {
  const link = (linker: Linker): void => {
    const spec = {
      params: ["i32", "i32", "i32"],
      results: [],
      fuel: 10,
      columns: "none",
      repeatable: true,
    } as const;
    linker.func("test", "heard", spec, (_ctx, script, to, id) => {
      onHeard({ script, to: to as Entity, id });
    });
  };
  return rig({ link, ...options });
}

/** Four kinds of entity: with the first script, with the second, with both and with none. */
async function crowd(options: Partial<ScriptSystemOptions> = {}) {
  const all: Heard[] = [];
  const r = earRig(options, (heard) => all.push(heard));
  await r.load("first", ear(0));
  await r.load("deaf", "export function onUpdate(self: Entity): void {}");
  await r.load("second", ear(1));
  const entities = Array.from({ length: 16 }, (_, n) => {
    const entity = r.world.spawn(undefined, Trace);
    r.scripts.attach(entity, "deaf");
    if (n % 4 !== 1 && n % 4 !== 3) r.scripts.attach(entity, "first");
    if (n % 4 !== 0 && n % 4 !== 3) r.scripts.attach(entity, "second");
    return entity;
  });
  r.frames();
  return { r, all, entities };
}

describe("what is sent", () => {
  /** More than are sorted between two looks at the clock. */
  const many = 20_000;

  it.each<[string, (n: number) => number]>([
    ["the first", (n) => 4 * (n % 4)],
    ["the second", (n) => 4 * (n % 4) + 1],
    ["both", (n) => 4 * (n % 4) + 2],
    ["none", () => 3],
    ["the first, and at the end others, too", (n) => (n < many - 2 ? 0 : 1)],
    ["the first, and from the middle on others, too", (n) => (n < many / 2 ? 4 : n % 16)],
    ["others at first, and then the second", (n) => (n < 3 ? 0 : 5)],
    ["the first, and once the second", (n) => (n === 300 ? 5 : 0)],
    ["nobody at first, and then the second", (n) => (n < 8_192 ? 3 : 5)],
    ["all of them in turn", (n) => n % 16],
    ["one after the other for a while", (n) => (n >> 7) % 16],
  ])("comes to the scripts that want it, in order: for %s", async (_name, receiver) => {
    const { r, all, entities } = await crowd();
    for (const count of [many, 1, 100]) {
      all.length = 0;
      const sent: Heard[] = [];
      for (let n = 0; n < count; n++) {
        const at = receiver(count === many ? n : many - count + n);
        const to = entities[at] as Entity;
        r.scripts.send(to, Hit, { damage: n });
        if (at % 2 === 0) sent.push({ script: 0, to, id: n });
        if (at % 4 === 1 || at % 4 === 2) sent.push({ script: 1, to, id: n });
      }
      r.frames();
      for (const script of [0, 1]) {
        const of = (list: Heard[]) => list.filter((heard) => heard.script === script);
        expect(of(all)).toEqual(of(sent));
      }
    }
    expect(r.scripts.stats().map(({ messagesWaiting }) => messagesWaiting)).toEqual([0, 0, 0]);
    expect(r.scripts.saveState().outbox).toEqual([]);
    // All room is free again.
    const to = entities[3] as Entity;
    for (let n = 0; n < 65_536; n++) r.scripts.send(to, Ping);
    expect(() => r.scripts.send(to, Ping)).toThrow(RangeError);
  });

  it("while a frame begins waits for the next one, and keeps its sender", async () => {
    const all: Heard[] = [];
    const r = earRig({}, (heard) => all.push(heard));
    await r.load("ear", ear(0));
    const goodbye =
      "export function onDestroy(self: Entity): void { Ping.send(Kinds.target[self]); }";
    await r.load("goes", goodbye);
    const to = r.world.spawn(undefined, Trace);
    r.scripts.attach(to, "ear");
    const goes = r.world.spawn(undefined, withValues(Kinds, { target: to }));
    r.scripts.attach(goes, "goes");
    r.frames();
    for (const damage of [1, 2, 3]) r.scripts.send(to, Hit, { damage });
    r.world.remove(goes, scripted("goes"));
    r.frames();
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3]);
    const waiting = { message: "Ping", to, from: "goes", values: [] };
    expect(r.scripts.saveState().outbox).toEqual([waiting]);
    r.frames();
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3, -1]);
  });

  it("isn't for who has lost the script, or died, since it was sent", async () => {
    const { r, all, entities } = await crowd();
    const [stays, lost, died] = [entities[0], entities[4], entities[8]] as [Entity, Entity, Entity];
    for (let n = 0; n < 600; n++) {
      r.scripts.send([stays, lost, died][n % 3] as Entity, Hit, { damage: n });
    }
    r.scripts.detach(lost, "first");
    r.world.despawn(died);
    r.frames();
    expect(all.map(({ to }) => to)).toEqual(new Array(200).fill(stays));
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, n) => 3 * n));
  });

  it("waits behind what waits already, and goes on from a saved state", async () => {
    const heard: Heard[] = [];
    const start = async (): Promise<Rig> => {
      const policy = { maxStrikes: 9, backOffFrames: 3 };
      const r = earRig({ policy }, (each) => heard.push(each));
      await r.load("ear", ear(0, "if (Hit.is && Hit.damage == 1) unreachable();"));
      await r.load(
        "mouth",
        "export function onUpdate(self: Entity): void { Hit.send(Kinds.target[self], Position.x[self] += 10, self); }",
      );
      return r;
    };
    const one = await start();
    const ears = [0, 1].map(() => one.world.spawn(undefined, Trace)) as [Entity, Entity];
    for (const entity of ears) {
      one.scripts.attach(entity, "ear");
      const place = withValues(Position, { x: entity === ears[0] ? 0 : 5 });
      const mouth = one.world.spawn(undefined, place, withValues(Kinds, { target: entity }));
      one.scripts.attach(mouth, "mouth");
    }
    // The first one stops at the first, and backs off: what it gets stays in the queue that was handed on.
    for (const damage of [1, 2, 3]) one.scripts.send(ears[0], Hit, { damage });
    one.frames(3);
    const saved = JSON.parse(JSON.stringify([one.world.save(), one.scripts.saveState()]));
    const before = saved[1].scripts.find((s: { name: string }) => s.name === "ear").inbox;
    expect(before.map((m: { values: number[] }) => m.values[0])).toEqual([2, 3, 10, 20]);
    expect(before.map((m: { from?: string }) => m.from)).toEqual([
      undefined,
      undefined,
      "mouth",
      "mouth",
    ]);
    const two = await start();
    two.world.load(saved[0]);
    two.scripts.restoreState(saved[1]);
    const after: number[][] = [];
    for (const r of [one, two]) {
      heard.length = 0;
      r.frames(4);
      after.push(heard.filter(({ to }) => to === ears[0]).map(({ id }) => id));
      expect(r.scripts.saveState({ memory: false }).outbox).toHaveLength(2);
    }
    expect(after[0]?.slice(0, 4)).toEqual([2, 3, 10, 20]);
    expect(after[1]).toEqual(after[0]);
    expect(two.scripts.hash()).toBe(one.scripts.hash());
  });

  it.each<[string, (n: number) => number]>([
    ["one script", () => 0],
    ["several scripts", (n) => n % 3],
  ])("stays in order where there is no time to sort all of it: for %s", async (_name, receiver) => {
    let nowMs = 0;
    let msPerLook = 1;
    const clock = { nowMs: () => (nowMs += msPerLook) };
    const { r, all, entities } = await crowd({ clock, frameBudgetMs: 6 });
    for (let n = 0; n < many; n++) {
      r.scripts.send(entities[receiver(n)] as Entity, Hit, { damage: n });
    }
    const left: number[] = [];
    for (let frame = 0; frame < 5; frame++) {
      r.frames();
      left.push(r.scripts.saveState().outbox.length);
    }
    msPerLook = 0;
    r.frames(2);
    expect(left.some((count) => count > 0 && count < many)).toBe(true);
    expect(left.at(-1)).toBe(0);
    for (const script of [0, 1]) {
      const ids = all.filter((heard) => heard.script === script).map(({ id }) => id);
      const sent = Array.from({ length: many }, (_, n) => n);
      expect(ids).toEqual(sent.filter((n) => receiver(n) === 2 || receiver(n) === script));
    }
  });
});
