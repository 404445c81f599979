import { observe, onRemove } from "bitecs";
import { describe, expect, test } from "vitest";
import { CommandQueue, commandKinds } from "../../scripting/system/commands.ts";
import { Frozen, Kinds, Position, rig, Trace, Velocity } from "./harness.ts";

describe("what scripts asked for", () => {
  test("names scripts, components and prefabs by any id that there can be", () => {
    const queue = new CommandQueue();
    for (let n = 0; n < 300; n++) queue.push(commandKinds.detach, 1, 65_530 + n);
    for (let n = 0; n < 300; n++) expect(queue.subjectAt(n)).toBe(65_530 + n);
  });

  test("is forgotten with the entity, whoever removes it: the next one there has none of it", async () => {
    const r = rig();
    await r.load(
      "a",
      `export function onUpdate(self: Entity): void {
  if (Kinds.i32[self] == 1) despawn(self);
  if (Kinds.i32[self] == 2) Frozen.add(self);
  if (Kinds.i32[self] == 3) Trace.value[self] = Frozen.has(self) ? 1 : 2;
}`,
    );
    const [parent, child] = [r.world.spawn(undefined, Kinds), r.world.spawn(undefined, Kinds)];
    const childIndex = r.world.indexOf(child);
    const { i32 } = r.world.columns(Kinds);
    i32[r.world.indexOf(parent)] = 1;
    i32[childIndex] = 2;
    for (const entity of [parent, child]) r.scripts.attach(entity, "a");
    const parentIndex = r.world.indexOf(parent);
    observe(r.world.bit, onRemove(r.world.columns(Kinds)), (index: number) => {
      if (index === parentIndex) r.world.despawn(child);
    });
    r.frames();
    expect(r.world.aliveCount).toBe(0);
    const next = [r.world.spawn(undefined, Kinds, Trace), r.world.spawn(undefined, Kinds, Trace)];
    const there = next.find((entity) => r.world.indexOf(entity) === childIndex);
    if (there === undefined) throw new Error("the index wasn't used again");
    i32[childIndex] = 3;
    r.scripts.attach(there, "a");
    r.frames();
    expect(r.world.has(there, Frozen)).toBe(false);
    expect(r.world.columns(Trace).value[childIndex]).toBe(2);
  });

  test("leaves alone what a stopped call has only announced: values kept in columns stay", async () => {
    const r = rig();
    await r.load(
      "a",
      "export function onUpdate(self: Entity): void { Velocity.add(self); unreachable(); }",
    );
    const entity = r.world.spawn(undefined, Position);
    const index = r.world.indexOf(entity);
    const { x, y } = r.world.columns(Velocity);
    [x[index], y[index]] = [42, 43];
    r.scripts.attach(entity, "a");
    r.frames();
    expect(r.of("fault").length).toBe(1);
    expect([x[index], y[index]]).toEqual([42, 43]);
  });

  test("counts against a call's own spawns, whatever other scripts are called meanwhile", async () => {
    let other: { call(name: string): unknown } | undefined;
    const r = rig({
      spawnsPerCall: 2,
      link: (linker) => {
        const spec = { params: [], results: [], fuel: 1 } as const;
        linker.func("test", "keep", spec, (ctx) => {
          other = ctx.script;
        });
        linker.func("test", "poke", spec, () => {
          other?.call("poke");
        });
      },
    });
    await r.load(
      "b",
      `@external("test", "keep") declare function keep(): void;
export function onLoad(): void { keep(); }
export function poke(): void {}`,
    );
    await r.load(
      "a",
      `@external("test", "poke") declare function poke(): void;
export function onUpdate(self: Entity): void {
  for (let i = 0; i < 20; i++) { Prefab.Rock.spawn(); poke(); }
}`,
    );
    r.scripts.attach(r.world.spawn(), "a");
    r.frames();
    expect(r.of("fault")[0]?.fault.message).toContain("at most 2 entities");
    expect(r.world.aliveCount).toBe(1);
  });
});
