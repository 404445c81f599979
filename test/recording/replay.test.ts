import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, Game, SnapshotError, World } from "../../engine/index.ts";
import {
  type Recorder,
  type Recording,
  replay,
  type ScriptBinary,
  ScriptSystem,
  type ScriptSystemOptions,
} from "../../scripting/index.ts";
import {
  binary,
  components,
  Hit,
  messages,
  Position,
  positions,
  prefabs,
  Rock,
  Trace,
} from "../host/fixture.ts";
import { type Rig, rig } from "../system/harness.ts";
import { mindfulActors, numbersFrom, populate } from "../windows/actors.ts";

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Goes where the input says, and remembers what it heard. */
const walker = `
const heard = field.f32("heard");
let steps: i32 = 0;
export function onMessage(self: Entity): void { if (Hit.is) heard[self] += Hit.damage; }
export function onUpdate(self: Entity): void {
  steps++;
  if (Input.down(Key.KeyW)) Position.y[self] += Time.delta * <f32>Random.next();
  if (Input.pressed(Key.Space)) { Trace.updates[self] += steps; Prefab.Rock.spawn(); }
  Position.x[self] = Input.pointerX + heard[self];
  if (Input.pointerDown && Random.next() < 0.5) unreachable();
}`;

async function made(
  binaries: readonly ScriptBinary[],
  options: Partial<ScriptSystemOptions>,
): Promise<Rig> {
  const game = rig({ limits: { fuelPerCall: 20_000 }, ...options }, 128);
  for (const script of binaries) await game.scripts.load(script);
  return game;
}

/** What a player does before a frame. */
function play({ world, scripts }: Rig, seed: number, frame: number): void {
  const next = numbersFrom(seed * 1000 + frame);
  const entities = [...world.entities()];
  const pick = () => entities[next(entities.length)] as Entity;
  const { input } = scripts;
  for (let n = next(3); n > 0; n--) {
    const entity = pick();
    switch (next(10)) {
      case 0:
        if (entities.length > 3) scripts.despawn(entity);
        return;
      case 1:
        scripts.attach(entity, "walker");
        break;
      case 2:
        scripts.detach(entity, "actor");
        break;
      case 3:
        scripts.send(entity, Hit, { damage: [1.5, -0, 3][next(3)] as number });
        break;
      case 4:
        if (scripts.scriptsOf(entity).includes("walker")) {
          scripts.fields.set(entity, "walker", "heard", -0);
        }
        break;
      case 5:
        scripts[next(2) === 0 ? "enable" : "disable"]("walker");
        break;
      case 6:
        scripts.setLimits("actor", { fuelPerCall: 5000 + next(20_000), callTimeMs: Infinity });
        break;
      case 7:
        input.keyDown(["KeyW", "Space"][next(2)] as string);
        break;
      case 8:
        input.keyUp(["KeyW", "Space"][next(2)] as string);
        break;
      default:
        input.pointerX = next(100) / 3;
        input.pointerDown = next(2) === 0;
    }
  }
}

async function recordRun(
  binaries: readonly ScriptBinary[],
  options: Partial<ScriptSystemOptions>,
  seed: number,
): Promise<Recording> {
  const one = await made(binaries, { ...options, seed });
  populate(one, seed);
  one.frames(seed % 3);
  const recorder = one.scripts.record({ hashEvery: 1 + (seed % 2) });
  for (let frame = 1; frame <= 8; frame++) {
    play(one, seed, frame);
    for (let step = seed % 3; step > 0; step--) {
      one.scripts.runFixed({ delta: 0.5, elapsed: frame, frame, fixedDelta: 0.25 });
    }
    one.frames();
  }
  expect(recorder.frames).toBe(8);
  return throughJson(recorder.stop());
}

describe.each([true, false])("a recorded run, windows %s", (windows) => {
  test.each([true, false])(
    "is the same when it is replayed; snapshots: %s",
    async (snapshots) => {
      const binaries = [await mindfulActors(), await binary("walker", walker)];
      for (let seed = 1; seed <= 8; seed++) {
        const recording = await recordRun(binaries, { windows, snapshots }, seed);
        const two = await made(binaries, { windows, snapshots });
        const result = await replay(recording, two.scripts);
        expect(result, `seed ${seed}`).toEqual({ frames: 8, difference: undefined });
      }
    },
    60_000,
  );
});

describe("a replay", () => {
  test("finds the first frame that differs, and says what", async () => {
    const binaries = [await binary("walker", walker)];
    const one = await made(binaries, {});
    const entity = one.world.spawn(undefined, Position, Trace);
    one.scripts.attach(entity, "walker");
    const recorder = one.scripts.record();
    one.frames(4);
    one.scripts.input.pointerX = 5;
    one.frames(4);
    const recording = throughJson(recorder.stop());
    const two = await made(binaries, {});
    (recording.frames[4]?.input as { pointerX: number }).pointerX = 6;
    expect((await replay(recording, two.scripts)).difference).toMatchObject({
      frame: 5,
      message: expect.stringMatching(
        /^the hash of the world is [0-9a-f]{16}, it was [0-9a-f]{16}$/,
      ),
      timedFrame: undefined,
    });
    const other = { ...recording, frames: throughJson(recording.frames) };
    (other.frames[2] as { calls: unknown }).calls = [
      { do: "attach", entity: 99, script: "walker" },
    ];
    expect((await replay(other, two.scripts)).difference).toMatchObject({
      frame: 3,
      message: expect.stringContaining("attach before it failed: entity 0x00000063 is not alive"),
    });
  });

  test("tells of frames in which the clock had a say", async () => {
    const spin = await binary(
      "spin",
      "export function onUpdate(self: Entity): void { while (true) {} }",
    );
    const options = { limits: { fuelPerCall: Infinity, callTimeMs: 1 }, frameBudgetMs: 50 };
    const one = await made([spin], options);
    const entity = one.world.spawn();
    const recorder = one.scripts.record();
    one.frames();
    one.scripts.attach(entity, "spin");
    one.frames();
    const recording = throughJson(recorder.stop());
    expect(recording.frames.map(({ timed }) => timed)).toEqual([undefined, true]);
    (recording.frames[1]?.hash as { world: string }).world = "another";
    const two = await made([spin], options);
    expect((await replay(recording, two.scripts)).difference).toMatchObject({
      frame: 2,
      timedFrame: 2,
    });
  });

  test("leaves loading to the game: a recording holds no code", async () => {
    const walk = await binary("walker", walker);
    const one = await made([], {});
    const entity = one.world.spawn(undefined, Position, Trace);
    const recorder = one.scripts.record();
    one.frames();
    await one.scripts.load(walk);
    one.scripts.attach(entity, "walker");
    one.frames();
    await one.scripts.reload(walk);
    one.frames();
    one.scripts.unload("walker");
    one.frames();
    const recording = throughJson(recorder.stop());
    const two = await made([], {});
    expect((await replay(recording, two.scripts)).difference).toMatchObject({
      frame: 2,
      message: expect.stringContaining("walker was loaded before it"),
    });
    const load = (_name: string, how: "load" | "reload") => two.scripts[how](walk);
    expect(await replay(recording, two.scripts, { load })).toEqual({
      frames: 4,
      difference: undefined,
    });
  });

  test("runs what the game does around its scripts, and notes none of it", async () => {
    const binaries = [await binary("walker", walker)];
    const systems = (
      { world, scripts }: Rig,
      frame: number,
      ask = (body: () => void) => body(),
    ) => {
      const rock = world.spawn(Rock);
      ask(() => {
        scripts.attach(rock, "walker");
        if (frame % 2 === 0) scripts.send(rock, Hit, { damage: frame });
      });
    };
    const one = await made(binaries, {});
    const recorder = one.scripts.record();
    for (let frame = 1; frame <= 5; frame++) {
      systems(one, frame, (body) => recorder.unrecorded(body));
      one.frames();
    }
    const recording = throughJson(recorder.stop());
    expect(recording.frames.every(({ calls }) => calls === undefined)).toBe(true);
    const two = await made(binaries, {});
    const result = await replay(recording, two.scripts, {
      frame: (time, run) => {
        systems(two, time.frame);
        two.world.commit();
        run();
      },
    });
    expect(result.difference).toBeUndefined();
    const three = await made(binaries, {});
    expect((await replay(recording, three.scripts)).difference).toMatchObject({ frame: 1 });
    const idle = await replay(recording, three.scripts, { frame: () => {} });
    expect(idle.difference?.message).toBe("its scripts were run 0 times, not once");
  });

  test("drives the game that the scripts are in, with all that it does by itself", async () => {
    const walk = await binary("walker", walker);
    const create = async () => {
      const world = new World({ components, prefabs, maxEntities: 128 });
      const game = new Game({ world, fixedStepMs: 7 });
      const scripts = new ScriptSystem({
        world,
        messages,
        positions,
        frameBudgetMs: Infinity,
        limits: { callTimeMs: Infinity },
      });
      await scripts.load(walk);
      game.addSystem("input", "spawn", () => {
        if (!scripts.input.wasPressed(0x2c)) return;
        const entity = world.spawn(undefined, Position, Trace);
        scripts.attach(entity, "walker");
        scripts.send(entity, Hit, { damage: game.time.elapsedMs });
      });
      game.addSystem("fixed", "drift", () => {
        for (const index of world.query([Position]).entities()) {
          world.columns(Position).y[index] = game.time.fixedStep / 3;
        }
      });
      game.use(scripts);
      scripts.on("fault", ({ entity }) => scripts.despawn(entity as Entity));
      return { game, scripts, world };
    };
    const { game, scripts, world } = await create();
    game.step(10);
    const recorder = scripts.record();
    for (let frame = 0; frame < 40; frame++) {
      if (frame % 7 === 3) scripts.input.keyDown("Space");
      if (frame % 7 === 4) scripts.input.keyUp("Space");
      scripts.input.pointerDown = frame % 5 === 0;
      if (frame % 9 === 8) scripts.send([...world.entities()].at(-1) as Entity, Hit, { damage: 2 });
      game.step(100 / 7);
    }
    expect(scripts.totals().faults).toBeGreaterThan(0);
    const recording = throughJson(recorder.stop());
    const calls = recording.frames.flatMap((frame) => frame.calls ?? []);
    expect(calls.map((call) => call.do)).toEqual(["send", "send", "send", "send"]);
    const second = await create();
    second.game.step(99);
    expect(await replay(recording, second.scripts)).toEqual({ frames: 40, difference: undefined });
    expect(second.game.time.elapsedMs).toBe(game.time.elapsedMs);
    const loose = await made([walk], {});
    await expect(replay(recording, loose.scripts)).rejects.toThrow("it is of scripts in a game");
  });

  test("refuses what makes no sense, before anything has changed", async () => {
    const binaries = [await binary("walker", walker)];
    const one = await made(binaries, {});
    one.scripts.attach(one.world.spawn(undefined, Position, Trace), "walker");
    const recorder = one.scripts.record();
    one.frames(2);
    const good = throughJson(recorder.stop());
    const [first] = good.frames;
    const withFrame = (change: object) => ({ ...good, frames: [{ ...first, ...change }] });
    const bad: readonly (readonly [unknown, string])[] = [
      [7, "it is no object"],
      [{ ...good, version: 2 }, "its version is 2"],
      [{ ...good, frames: {} }, "frames is no list"],
      [
        withFrame({ time: [1, 2] }),
        "frame 1's number is no number; frame 1's fixedDelta is no number",
      ],
      [withFrame({ calls: [{ do: "eval" }] }), "eval before frame 1: there is no such call"],
      [withFrame({ calls: [{ do: "despawn", entity: -1 }] }), "entity is no whole number"],
      [withFrame({ calls: [{ do: "send", entity: 1, message: "Hit", values: [] }] }), "no object"],
      [withFrame({ input: { pointerX: 0 } }), "frame 1's pointerY is no number"],
      [withFrame({ hash: "x" }), "frame 1's hash is no object"],
      [{ ...good, time: { frame: 1 } }, "it is of scripts in a game, and these have none"],
      [{ ...good, world: {} }, "isn't of the format"],
    ];
    const before = [one.world.save(), one.scripts.saveState()];
    for (const [recording, text] of bad) {
      await expect(replay(recording as Recording, one.scripts)).rejects.toThrow(SnapshotError);
      await expect(replay(recording as Recording, one.scripts)).rejects.toThrow(text);
      expect([one.world.save(), one.scripts.saveState()]).toEqual(before);
    }
    const text = JSON.stringify(good);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...'A9="-{}[],'),
        async (at, char) => {
          let recording: Recording;
          try {
            recording = JSON.parse(text.slice(0, at) + char + text.slice(at + 1));
          } catch {
            return;
          }
          await replay(recording, one.scripts).catch((error: unknown) => {
            expect(error).toBeInstanceOf(SnapshotError);
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("a recorder", () => {
  test("is one at a time, and stops once", async () => {
    const one = await made([], {});
    const recorder: Recorder = one.scripts.record();
    expect(() => one.scripts.record()).toThrow("is being recorded already");
    expect(() => one.scripts.restoreState(one.scripts.saveState())).toThrow(
      "stop the recorder first",
    );
    recorder.stop();
    expect(() => recorder.stop()).toThrow("was stopped before");
    expect(() => one.scripts.record({ hashEvery: 0.5 })).toThrow(
      "hashEvery must be a whole number",
    );
    one.frames();
    expect(recorder.frames).toBe(0);
  });
});
