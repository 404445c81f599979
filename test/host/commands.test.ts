import { expect, test } from "vitest";
import type { Entity } from "../../engine/index.ts";
import { CommandQueue, commandKinds } from "../../scripting/system/commands.ts";

test("commands come back in order, through growth", () => {
  const queue = new CommandQueue();
  for (let n = 0; n < 1000; n++) queue.push(commandKinds.add, (n * 3) as Entity, n % 7);
  expect(queue.length).toBe(1000);
  for (let n = 0; n < 1000; n++) {
    expect(queue.kindAt(n)).toBe(commandKinds.add);
    expect(queue.entityAt(n)).toBe(n * 3);
    expect(queue.subjectAt(n)).toBe(n % 7);
  }
});

test("truncating drops the last ones only", () => {
  const queue = new CommandQueue();
  queue.push(commandKinds.despawn, 1 as Entity);
  queue.push(commandKinds.remove, 2 as Entity, 4);
  queue.truncate(1);
  queue.push(commandKinds.detach, 3 as Entity, 5);
  expect([queue.length, queue.entityAt(0), queue.entityAt(1), queue.subjectAt(1)]).toEqual([
    2, 1, 3, 5,
  ]);
  expect(queue.kindAt(1)).toBe(commandKinds.detach);
});
