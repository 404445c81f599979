import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, formatDiagnostic } from "../../scripting/compile/compile.ts";
import { keyCodes } from "../../scripting/host/keys.ts";

const folder = fileURLToPath(new URL("../../scripts/sdk/", import.meta.url));

async function compileText(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const result = await compile({
    entry: "scripts/s.ts",
    readFile: (path) => (path === "scripts/s.ts" ? text : null),
    sdk: (path) => readFileSync(folder + path, "utf8"),
  });
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join("\n"));
  expect(result.warnings).toEqual([]);
  return result.binary.bytes;
}

type Export = (...args: number[]) => number;

describe("the sdk", () => {
  let drawn = 0;
  const seen: number[] = [];
  let guest: Record<string, Export> = {};

  beforeAll(async () => {
    const bytes = await compileText(`
import * as sdk from "fusewire/sdk";
export function clamp(a: f32, b: f32, c: f32): f32 { return sdk.clamp(a, b, c); }
export function lerp(a: f32, b: f32, c: f32): f32 { return sdk.lerp(a, b, c); }
export function length(a: f32, b: f32): f32 { return sdk.length(a, b); }
export function distance(a: f32, b: f32, c: f32, d: f32): f32 { return sdk.distance(a, b, c, d); }
export function moveTowards(a: f32, b: f32, c: f32): f32 { return sdk.moveTowards(a, b, c); }
export function angleDifference(a: f32, b: f32): f32 { return sdk.angleDifference(a, b); }
export function angleOf(x: f32, y: f32): f32 { return sdk.angleOf(x, y); }
export function turnTowards(a: f32, b: f32, c: f32): f32 { return sdk.turnTowards(a, b, c); }
export function inverseLerp(a: f32, b: f32, c: f32): f32 { return sdk.inverseLerp(a, b, c); }
export function dot(a: f32, b: f32, c: f32, d: f32): f32 { return sdk.dot(a, b, c, d); }
export function cross(a: f32, b: f32, c: f32, d: f32): f32 { return sdk.cross(a, b, c, d); }
export function ease(curve: i32, t: f32): f32 {
  switch (curve) {
    case 0: return sdk.Ease.inQuad(t);
    case 1: return sdk.Ease.outQuad(t);
    case 2: return sdk.Ease.inOutQuad(t);
    case 3: return sdk.Ease.inCubic(t);
    case 4: return sdk.Ease.outCubic(t);
    case 5: return sdk.Ease.smooth(t);
    case 6: return sdk.Ease.outBack(t);
    case 7: return sdk.Ease.outElastic(t);
    default: return sdk.Ease.outBounce(t);
  }
}
export function range(a: f32, b: f32): f32 { return sdk.Random.range(a, b); }
export function int(a: i32, b: i32): i32 { return sdk.Random.int(a, b); }
export function next(): f64 { return sdk.Random.next(); }
export function left(): bool { return sdk.Input.down(sdk.Key.ArrowLeft) && !sdk.Input.pressed(sdk.Key.Space); }
export function none(): i32 { return sdk.noEntity; }
export function time(): f64 { return <f64>sdk.Time.delta + sdk.Time.elapsed + <f64>sdk.Time.frame + <f64>sdk.Time.fixedDelta; }
`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      random: { next: () => drawn },
      input: {
        down: (key: number) => seen.push(key),
        pressed: (key: number) => {
          seen.push(key);
          return 0;
        },
      },
      time: { delta: () => 0.5, elapsed: () => 10, frame: () => 3, fixedDelta: () => 0.25 },
    });
    guest = exports as Record<string, Export>;
  });

  test("has the small mathematics of games", () => {
    const call = (name: string, ...args: number[]): number => (guest[name] as Export)(...args);
    expect([call("clamp", 5, 0, 1), call("clamp", -5, 0, 1), call("clamp", 0.5, 0, 1)]).toEqual([
      1, 0, 0.5,
    ]);
    expect([call("lerp", 10, 20, 0), call("lerp", 10, 20, 0.5), call("lerp", 10, 20, 2)]).toEqual([
      10, 15, 30,
    ]);
    expect([call("length", 3, 4), call("distance", 1, 1, 4, 5)]).toEqual([5, 5]);
    expect([
      call("moveTowards", 0, 10, 3),
      call("moveTowards", 0, -10, 3),
      call("moveTowards", 9, 10, 3),
    ]).toEqual([3, -3, 10]);
    for (const [from, to, turn] of [
      [0, 1, 1],
      [3, -3, 2 * Math.PI - 6],
      [-3, 3, 6 - 2 * Math.PI],
      [100, 100.5, 0.5],
    ] as const) {
      expect(call("angleDifference", from, to)).toBeCloseTo(turn, 4);
    }
  });

  test("has vectors, angles and curves", () => {
    const call = (name: string, ...args: number[]): number => (guest[name] as Export)(...args);
    expect([call("dot", 1, 2, 3, 4), call("cross", 1, 2, 3, 4), call("cross", 1, 0, 0, 1)]).toEqual(
      [11, -2, 1],
    );
    expect([call("inverseLerp", 10, 20, 15), call("inverseLerp", 4, 0, 1)]).toEqual([0.5, 0.75]);
    expect([call("angleOf", 0, 0), call("angleOf", 1, 0)]).toEqual([0, 0]);
    expect(call("angleOf", -1, 1)).toBeCloseTo(0.75 * Math.PI, 5);
    expect(call("turnTowards", 3, -3, 0.1)).toBeCloseTo(3.1, 5);
    expect(call("turnTowards", 3, -3, 9)).toBeCloseTo(2 * Math.PI - 3, 5);
    // Every curve goes from 0 to 1, and stays there; all but the last three within.
    for (let curve = 0; curve < 9; curve++) {
      const at = [-1, 0, 1, 2].map((t) => call("ease", curve, t));
      for (const [i, end] of [0, 0, 1, 1].entries()) expect(at[i]).toBeCloseTo(end, 5);
    }
    expect([0, 1, 2, 3, 4, 5].map((curve) => call("ease", curve, 0.25))).toEqual([
      0.0625, 0.4375, 0.125, 0.015625, 0.578125, 0.15625,
    ]);
    const most = (curve: number) =>
      Math.max(...Array.from({ length: 101 }, (_, i) => call("ease", curve, i / 100)));
    expect(most(6)).toBeCloseTo(1.1, 2);
    expect(most(7)).toBeGreaterThan(1.3);
    expect(most(8)).toBeLessThanOrEqual(1);
  });

  test("draws whole numbers with both ends, evenly, over any range", () => {
    const int = guest["int"] as Export;
    const rolls = Array.from({ length: 60 }, (_, n) => {
      drawn = n / 60;
      return int(1, 6);
    });
    expect([1, 2, 3, 4, 5, 6].map((face) => rolls.filter((roll) => roll === face).length)).toEqual(
      new Array(6).fill(10),
    );
    drawn = 1 - 2 ** -53;
    expect([int(-3, 3), int(5, 5), int(-0x8000_0000, 0x7fff_ffff)]).toEqual([3, 5, 0x7fff_ffff]);
    drawn = 0;
    expect([int(-3, 3), int(-0x8000_0000, 0x7fff_ffff)]).toEqual([-3, -0x8000_0000]);
    drawn = 0.25;
    expect([(guest["range"] as Export)(2, 4), (guest["next"] as Export)()]).toEqual([2.5, 0.25]);
  });

  test("asks for keys by their numbers, and for the time", () => {
    expect((guest["left"] as Export)()).toBe(1);
    expect(seen).toEqual([keyCodes.get("ArrowLeft"), keyCodes.get("Space")]);
    expect((guest["none"] as Export)()).toBe(0);
    expect((guest["time"] as Export)()).toBe(13.75);
  });

  test("costs nothing where it isn't used", async () => {
    const body = "export function onUpdate(self: i32): void {}";
    const all =
      "Ease, field, Input, Key, log, warn, Random, Time, clamp, angleDifference, despawn, isAlive, noEntity";
    const withIt = await compileText(`import { ${all} } from "fusewire/sdk";\n${body}`);
    const without = await compileText(`\n${body}`);
    const imports = (bytes: Uint8Array<ArrayBuffer>) =>
      WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    expect(imports(withIt)).toEqual([]);
    expect(withIt.length).toBe(without.length);
  });

  test("logs anything that can be printed", async () => {
    const bytes = await compileText(`
import { log, warn } from "fusewire/sdk";
class Thing { toString(): string { return "thing"; } }
export function onLoad(): void { log("text"); log(1); log(1.5); log(true); warn(new Thing()); log<u8>(200); }`);
    const lines: string[] = [];
    const memory = (): ArrayBuffer => (instance.exports["memory"] as WebAssembly.Memory).buffer;
    const read = (pointer: number): void => {
      const length = new Uint32Array(memory())[(pointer - 4) >>> 2] as number;
      lines.push(String.fromCharCode(...new Uint16Array(memory(), pointer, length / 2)));
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { abort: () => undefined },
      log: { info: read, warn: read },
    });
    (instance.exports["onLoad"] as () => void)();
    expect(lines).toEqual(["text", "1", "1.5", "true", "thing", "200"]);
  });
});
