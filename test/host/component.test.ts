import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import { HostError } from "../../scripting/errors.ts";
import { commandKinds } from "../../scripting/system/commands.ts";
import { hostCalls } from "./calls.ts";
import { Frozen, Kinds, Position } from "./fixture.ts";

describe("columns", () => {
  test("are read and written through handles", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, withValues(Position, { x: 2 }));
    expect(call("component.Position.x.get", entity)).toBe(2);
    call("component.Position.x.set", entity, 9.5);
    expect(world.columns(Position).x[world.indexOf(entity)]).toBe(9.5);
  });

  test("refuse a handle that is stale or forged, whatever it is, and name it", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, Position);
    world.despawn(entity);
    world.spawn(undefined, Position);
    expect(() => call("component.Position.x.get", entity)).toThrow(HostError);
    expect(() => call("component.Position.x.get", entity)).toThrow(
      "Position.x: entity 0x00100001 is not alive (index 1, generation 1, now 2)",
    );
    expect(() => call("component.Position.x.set", 0, 1)).toThrow(
      "Position.x: entity 0 is no entity",
    );
    fc.assert(
      fc.property(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), (forged) => {
        fc.pre(world.resolve(forged) < 0);
        for (const name of ["Position.x.get", "Position.x.set", "Position.has", "Frozen.add"]) {
          expect(() => call(`component.${name}`, forged, 1)).toThrow(HostError);
        }
        expect(() => call("entity.despawn", forged)).toThrow(HostError);
        expect(call("entity.alive", forged)).toBe(0);
      }),
    );
  });

  test("refuse an entity that lacks the component, and say so", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, Frozen);
    expect(() => call("component.Position.x.get", entity)).toThrow(HostError);
    expect(() => call("component.Position.x.set", entity, 1)).toThrow(
      "Position.x: entity 0x00100001 has no Position",
    );
    world.add(entity, Position);
    call("component.Position.x.set", entity, 1);
    world.remove(entity, Position);
    expect(() => call("component.Position.x.get", entity)).toThrow("has no Position");
  });

  test("follow the world through bitECS too", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, Position);
    expect(call("component.Position.has", entity)).toBe(1);
    world.remove(entity, Position);
    expect(call("component.Position.has", entity)).toBe(0);
    world.add(entity, Position);
    expect(call("component.Position.has", entity)).toBe(1);
    world.despawn(entity);
    expect(() => call("component.Position.has", entity)).toThrow(HostError);
  });
});

describe("values", () => {
  const cases: readonly [string, readonly number[], readonly number[]][] = [
    ["f32", [0, -0, 1.5, -3e38], [Number.NaN, Infinity, -Infinity]],
    ["f64", [1e308, -5e-324], [Number.NaN, Infinity, -Infinity]],
    ["i8", [-128, 127], [-129, 128]],
    ["u8", [0, 255], [-1, 256]],
    ["i16", [-32768, 32767], [-32769, 32768]],
    ["u16", [0, 65535], [-1, 65536]],
    ["i32", [-0x8000_0000, 0x7fff_ffff], []],
    ["u32", [0, 0x7fff_ffff, -1], []],
  ];

  test.each(cases)("of %s are held exactly or refused", (field, good, bad) => {
    const { world, call, transaction } = hostCalls();
    const entity = world.spawn(undefined, Kinds);
    for (const value of good) {
      call(`component.Kinds.${field}.set`, entity, value);
      const read = call(`component.Kinds.${field}.get`, entity) as number;
      const expected = field === "u32" ? value >>> 0 : field === "f32" ? Math.fround(value) : value;
      expect(read).toBe(expected);
    }
    const kept = call(`component.Kinds.${field}.get`, entity);
    const { length } = transaction.journal;
    for (const value of bad) {
      expect(() => call(`component.Kinds.${field}.set`, entity, value)).toThrow(HostError);
      expect(() => call(`component.Kinds.${field}.set`, entity, value)).toThrow(
        `Kinds.${field}: ${value}`,
      );
    }
    expect(call(`component.Kinds.${field}.get`, entity)).toBe(kept);
    expect(transaction.journal.length).toBe(length);
  });

  test("of an entity column are live entities or none", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, Kinds);
    const other = world.spawn();
    call("component.Kinds.target.set", entity, other);
    expect(call("component.Kinds.target.get", entity)).toBe(other);
    call("component.Kinds.target.set", entity, 0);
    world.despawn(other);
    expect(() => call("component.Kinds.target.set", entity, other)).toThrow(
      "Kinds.target: entity 0x",
    );
    expect(() => call("component.Kinds.target.set", entity, -1)).toThrow(HostError);
  });

  test("that are written are undone by a rollback", () => {
    const { world, call, transaction } = hostCalls();
    const entity = world.spawn(undefined, Kinds, Position);
    const before = world.hash();
    transaction.begin();
    for (const [field, good] of cases) {
      for (const value of good) call(`component.Kinds.${field}.set`, entity, value);
    }
    call("component.Position.y.set", entity, 4);
    transaction.rollback();
    expect(world.hash()).toBe(before);
  });
});

describe("adding and removing", () => {
  test("is queued; what is added shows at once, what is removed when scripts are done", () => {
    const { world, call, transaction } = hostCalls();
    const entity = world.spawn(undefined, Frozen);
    call("component.Kinds.add", entity);
    call("component.Frozen.remove", entity);
    expect(call("component.Kinds.has", entity)).toBe(1);
    expect(call("component.Kinds.u8.get", entity)).toBe(3);
    expect(call("component.Frozen.has", entity)).toBe(1);
    expect(world.has(entity, Kinds)).toBe(false);
    const { commands } = transaction;
    expect([commands.kindAt(0), commands.kindAt(1)]).toEqual([
      commandKinds.add,
      commandKinds.remove,
    ]);
  });

  test("doesn't touch what an entity has already", () => {
    const { world, call } = hostCalls();
    const entity = world.spawn(undefined, withValues(Position, { x: 4 }));
    call("component.Position.add", entity);
    expect(call("component.Position.x.get", entity)).toBe(4);
  });

  test("is forgotten when it is rolled back", () => {
    const { world, call, transaction } = hostCalls();
    const entity = world.spawn();
    transaction.begin();
    call("component.Kinds.add", entity);
    transaction.rollback();
    expect(call("component.Kinds.has", entity)).toBe(0);
    expect(transaction.commands.length).toBe(0);
  });
});

describe("spawning", () => {
  test("gives a handle that can be used at once, with the prefab's values", () => {
    const { world, call } = hostCalls();
    const entity = call("prefab.Bullet.spawn") as Entity;
    expect(world.isAlive(entity)).toBe(true);
    expect(call("component.Position.x.get", entity)).toBe(5);
    expect(call("component.Velocity.x.get", entity)).toBe(1);
    call("component.Position.y.set", entity, 8);
    expect(call("component.Position.y.get", entity)).toBe(8);
    expect(() => call("component.Kinds.u8.get", entity)).toThrow("has no Kinds");
    expect(world.aliveCount).toBe(0);
  });

  test("is bounded for each call, and says by what", () => {
    const { call, transaction } = hostCalls();
    for (let round = 0; round < 2; round++) {
      transaction.begin();
      for (let n = 0; n < 4; n++) call("prefab.Rock.spawn");
      expect(() => call("prefab.Rock.spawn")).toThrow(HostError);
      expect(() => call("prefab.Rock.spawn")).toThrow(
        "Rock.spawn: one call may spawn at most 4 entities (spawnsPerCall)",
      );
      transaction.rollback();
    }
  });

  test("into a full world is refused, and nothing is lost by it", () => {
    const { world, call, transaction } = hostCalls({ maxEntities: 4 });
    const entity = world.spawn();
    transaction.begin();
    call("prefab.Rock.spawn");
    call("prefab.Rock.spawn");
    expect(() => call("prefab.Rock.spawn")).toThrow(HostError);
    expect(() => call("prefab.Rock.spawn")).toThrow(
      "Rock.spawn: no room for another entity: maxEntities is 4",
    );
    transaction.rollback();
    expect(world.isAlive(entity)).toBe(true);
    expect([world.spawn(), world.spawn()].every((each) => world.isAlive(each))).toBe(true);
  });

  test("is refused to top-level code", () => {
    const { call } = hostCalls({ maySpawn: () => false });
    expect(() => call("prefab.Rock.spawn")).toThrow("use onLoad");
  });

  test("that is rolled back leaves nothing behind, not even for the next entity at that index", () => {
    const { world, call, transaction } = hostCalls();
    transaction.begin();
    const spawned = call("prefab.Bullet.spawn") as Entity;
    transaction.rollback();
    const next = world.spawn();
    expect(next).toBe(spawned);
    expect(call("component.Position.has", next)).toBe(0);
  });
});
