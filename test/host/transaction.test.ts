import { describe, expect, test } from "vitest";
import { World } from "../../engine/index.ts";
import { commandKinds } from "../../scripting/system/commands.ts";
import { Transaction } from "../../scripting/system/transaction.ts";
import { Bullet, components, Position, prefabs } from "./fixture.ts";

function setUp() {
  const world = new World({ components, prefabs, maxEntities: 8 });
  const transaction = new Transaction(world);
  const { x } = world.columns(Position);
  const xId = transaction.journal.track(x);
  const write = (index: number, value: number): void => {
    transaction.journal.record(xId, index, x[index] as number);
    x[index] = value;
  };
  return { world, transaction, x, write };
}

describe("a transaction", () => {
  test("that is rolled back leaves no trace: writes, commands, spawns", () => {
    const { world, transaction, x, write } = setUp();
    const entity = world.spawn(Bullet);
    const index = world.indexOf(entity);
    const before = world.hash();
    transaction.begin();
    write(index, 77);
    transaction.commands.push(commandKinds.despawn, entity);
    const first = transaction.spawn(0);
    const second = transaction.spawn(0);
    expect(world.isAlive(first)).toBe(true);
    expect(transaction.spawns).toBe(2);
    transaction.rollback();
    expect(x[index]).toBe(5);
    expect(world.hash()).toBe(before);
    expect(transaction.commands.length).toBe(0);
    expect([world.isAlive(first), world.isAlive(second)]).toEqual([false, false]);
    expect(transaction.open).toBe(false);
    transaction.begin();
    expect([transaction.spawn(0), transaction.spawn(0)]).toEqual([first, second]);
    transaction.rollback();
  });

  test("that is committed keeps everything, and the next one can't undo it", () => {
    const { transaction, x, write } = setUp();
    transaction.begin();
    write(1, 3);
    transaction.spawn(0);
    transaction.commit();
    expect(transaction.journal.length).toBe(0);
    transaction.begin();
    write(1, 4);
    transaction.rollback();
    expect(x[1]).toBe(3);
    expect(transaction.commands.length).toBe(1);
  });

  test("inside another stands or falls with it", () => {
    const { world, transaction, x, write } = setUp();
    for (let depth = 0; depth < 6; depth++) transaction.begin();
    write(1, 1);
    const spawned = transaction.spawn(0);
    for (let depth = 0; depth < 5; depth++) transaction.commit();
    transaction.begin();
    write(1, 2);
    transaction.rollback();
    expect(x[1]).toBe(1);
    expect(world.isAlive(spawned)).toBe(true);
    transaction.rollback();
    expect(x[1]).toBe(0);
    expect(world.isAlive(spawned)).toBe(false);
  });

  test("has to be open to be closed", () => {
    const { transaction } = setUp();
    expect(() => transaction.commit()).toThrow("no transaction is open");
    expect(() => transaction.rollback()).toThrow("no transaction is open");
  });
});
