import { describe, expect, it } from "vitest";
import { Position, type Rig, rig } from "../system/harness.ts";

/** Six rows that write what they are, and read the one in front of them; some of them do something first. */
async function sums(first: string): Promise<{ readonly rig: Rig; readonly y: number[] }> {
  const it = rig({ policy: { maxStrikes: 255, backOffFrames: 0 } });
  await it.load(
    "row",
    `
    let last: Entity = noEntity;
    let rows: i32 = 0;
    export function onUpdate(self: Entity): void {
      rows++;
      ${first}
      Position.x[self] = <f32>rows;
      if (last != noEntity) {
        Position.x[last] += 10;
        Position.y[self] = Position.x[last];
      }
      last = self;
    }`,
  );
  for (let n = 0; n < 6; n++) {
    it.scripts.attach(it.world.spawn(undefined, Position), "row");
  }
  it.frames();
  return { rig: it, y: [...it.world.columns(Position).y.subarray(1, 7)] };
}

describe("a window, whose script reads other rows of it", () => {
  it("is found again when memory has grown", async () => {
    expect((await sums("if (rows == 3) memory.grow(1);")).y).toEqual([0, 11, 12, 13, 14, 15]);
  });

  it("is found again when undoing has made another instance, as memory can't shrink", async () => {
    const { rig: it, y } = await sums(
      "if ((self & 0xfffff) == 4) { memory.grow(1); unreachable(); }",
    );
    expect(it.of("fault")).toHaveLength(1);
    expect(y).toEqual([0, 11, 12, 0, 13, 14]);
  });
});
