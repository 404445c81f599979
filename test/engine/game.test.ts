import { describe, expect, test } from "vitest";
import {
  animationFrameScheduler,
  defineComponent,
  Game,
  type GameOptions,
  ManualClock,
  type Phase,
  type Plugin,
  phases,
  type Scheduler,
  SnapshotError,
  SystemError,
  World,
} from "../../engine/index.ts";

function createGame(options: Partial<GameOptions> = {}): { game: Game; clock: ManualClock } {
  const clock = new ManualClock(1000);
  const world = new World({ components: [], maxEntities: 16 });
  return { game: new Game({ world, clock, ...options }), clock };
}

class TestScheduler implements Scheduler {
  readonly pending = new Map<number, (nowMs: number) => void>();
  #last = 0;

  request(callback: (nowMs: number) => void): number {
    this.pending.set(++this.#last, callback);
    return this.#last;
  }

  cancel(request: number): void {
    this.pending.delete(request);
  }

  runNext(nowMs = 0): void {
    const [request, callback] = [...this.pending][0] as [number, (nowMs: number) => void];
    this.pending.delete(request);
    callback(nowMs);
  }
}

describe("phases", () => {
  test("run in order, and systems in the order they were added", () => {
    const { game } = createGame({ fixedStepMs: 10 });
    const ran: string[] = [];
    for (const phase of [...phases].reverse()) {
      for (const name of ["a", "b"]) {
        game.addSystem(phase, `${phase} ${name}`, () => ran.push(`${phase} ${name}`));
      }
    }
    game.step(20);
    expect(ran).toEqual([
      ...["input a", "input b", "fixed a", "fixed b", "fixed a", "fixed b"],
      ...["scripts a", "scripts b", "update a", "update b", "render a", "render b"],
    ]);
  });

  test("pass the game to each system", () => {
    const { game } = createGame();
    let passed: unknown;
    game.addSystem("update", "look", (each) => {
      passed = each;
    });
    game.step(1);
    expect(passed).toBe(game);
  });

  test("refuse a name that is taken and a phase that isn't one", () => {
    const { game } = createGame();
    const remove = game.addSystem("update", "move", () => {});
    expect(() => game.addSystem("render", "move", () => {})).toThrow('named "move"');
    expect(() => game.addSystem("late" as Phase, "x", () => {})).toThrow('unknown phase "late"');
    remove();
    expect(() => game.addSystem("render", "move", () => {})).not.toThrow();
    remove();
    expect(game.stats.systems.map((timing) => timing.name)).toEqual(["move"]);
  });

  test("may lose and gain systems while they run", () => {
    const { game } = createGame();
    const ran: string[] = [];
    game.addSystem("update", "first", () => {
      ran.push("first");
      removeSecond();
      if (ran.length === 1) game.addSystem("update", "third", () => ran.push("third"));
    });
    const removeSecond = game.addSystem("update", "second", () => ran.push("second"));
    game.step(1);
    expect(ran).toEqual(["first"]);
    game.step(1);
    expect(ran).toEqual(["first", "first", "third"]);
  });

  test("begin with what left the queries gone", () => {
    const Tag = defineComponent("Tag", {});
    const world = new World({ components: [Tag], maxEntities: 16 });
    const { game } = createGame({ world });
    const query = world.query([Tag]);
    const lengths: number[] = [];
    game.addSystem("input", "spawn", () => {
      world.despawn(world.spawn(undefined, Tag));
      world.spawn(undefined, Tag);
      world.despawn(world.spawn(undefined, Tag));
      lengths.push(query.entities().length);
    });
    game.addSystem("update", "read", () => lengths.push(query.entities().length));
    game.step(1);
    expect(lengths).toEqual([2, 1]);
  });
});

describe("time", () => {
  test("is 0 in the first frame, then what the clock says", () => {
    const { game, clock } = createGame();
    game.frame();
    expect([game.time.frame, game.time.deltaMs, game.time.elapsedMs]).toEqual([1, 0, 0]);
    clock.advanceMs(20);
    game.frame();
    expect([game.time.frame, game.time.deltaMs, game.time.delta]).toEqual([2, 20, 0.02]);
    game.frame(clock.nowMs() + 30);
    expect([game.time.deltaMs, game.time.elapsedMs, game.time.elapsed]).toEqual([30, 50, 0.05]);
  });

  test("never jumps and never goes back", () => {
    const { game } = createGame({ maxDeltaMs: 50 });
    game.frame(0);
    game.frame(10_000);
    expect(game.time.deltaMs).toBe(50);
    game.frame(9_000);
    expect(game.time.deltaMs).toBe(0);
    game.frame(9_010);
    expect([game.time.deltaMs, game.time.elapsedMs]).toEqual([10, 60]);
    expect(() => game.frame(Number.NaN)).toThrow(RangeError);
    expect(() => game.step(Number.NaN)).toThrow(RangeError);
    expect(game.time.frame).toBe(4);
  });

  test("steps in the fixed phase by what has gathered", () => {
    const { game } = createGame({ fixedStepMs: 10 });
    const steps: number[] = [];
    game.addSystem("fixed", "count", () => steps.push(game.time.fixedStep));
    const plan = [4, 4, 4, 26, 2].map((deltaMs) => {
      game.step(deltaMs);
      return [game.time.fixedSteps, Math.round(game.time.alpha * 100) / 100];
    });
    expect(plan).toEqual([
      [0, 0.4],
      [0, 0.8],
      [1, 0.2],
      [2, 0.8],
      [1, 0],
    ]);
    expect(steps).toEqual([1, 2, 3, 4]);
    expect(game.time.fixedDelta).toBe(0.01);
  });

  test("runs one fixed step a frame at 60 Hz, rounding errors or not", () => {
    const { game } = createGame();
    const steps = new Set<number>();
    game.frame(0);
    for (let i = 1; i <= 10_000; i++) {
      game.frame((i * 1000) / 60);
      steps.add(game.time.fixedSteps);
    }
    expect([...steps]).toEqual([1]);
  });

  test("drops steps when there are too many, and owes none", () => {
    const { game } = createGame({ fixedStepMs: 10, maxFixedSteps: 3, maxDeltaMs: 1000 });
    game.step(105);
    expect([game.time.fixedSteps, game.time.droppedMs]).toEqual([3, 70]);
    expect(game.time.alpha).toBeCloseTo(0.5);
    game.step(10);
    expect([game.time.fixedSteps, game.time.droppedMs]).toEqual([1, 0]);
  });

  test("does not spiral when steps take longer than they last", () => {
    const { game, clock } = createGame({ fixedStepMs: 10, maxFixedSteps: 4 });
    game.addSystem("fixed", "slow", () => clock.advanceMs(30));
    const steps: number[] = [];
    for (let i = 0; i < 20; i++) {
      game.frame();
      steps.push(game.time.fixedSteps);
      clock.advanceMs(16);
    }
    expect(Math.max(...steps)).toBe(4);
    expect(game.time.deltaMs).toBe(100);
  });

  test.each([
    { fixedStepMs: 0 },
    { fixedStepMs: Number.NaN },
    { maxFixedSteps: 0 },
    { maxFixedSteps: 0.5 },
    { maxDeltaMs: -1 },
    { maxDeltaMs: Infinity },
  ])("refuses %j", (options) => {
    expect(() => createGame(options)).toThrow(Object.keys(options)[0] as string);
  });
});

describe("stats", () => {
  test("have each system's time in the last frame, in place", () => {
    const { game, clock } = createGame({ fixedStepMs: 10 });
    game.addSystem("fixed", "physics", () => clock.advanceMs(2));
    game.addSystem("render", "draw", () => clock.advanceMs(5));
    const { systems } = game.stats;
    game.step(30);
    expect(game.stats.systems).toBe(systems);
    expect(systems).toEqual([
      { name: "physics", phase: "fixed", timeMs: 6, runs: 3 },
      { name: "draw", phase: "render", timeMs: 5, runs: 1 },
    ]);
    expect(game.stats.frameMs).toBe(11);
    game.step(0);
    expect(systems).toEqual([
      { name: "physics", phase: "fixed", timeMs: 0, runs: 0 },
      { name: "draw", phase: "render", timeMs: 5, runs: 1 },
    ]);
  });
});

describe("a system that throws", () => {
  test("is named, after all the others have run", () => {
    const { game } = createGame();
    const ran: string[] = [];
    const cause = new Error("no such sprite");
    game.addSystem("update", "broken", () => {
      throw cause;
    });
    game.addSystem("update", "next", () => ran.push("next"));
    game.addSystem("render", "draw", () => ran.push("draw"));
    let thrown: unknown;
    try {
      game.step(1);
    } catch (error) {
      thrown = error;
    }
    expect(ran).toEqual(["next", "draw"]);
    expect(thrown).toBeInstanceOf(SystemError);
    expect(thrown).toMatchObject({ system: "broken", phase: "update", cause });
    expect(String(thrown)).toContain('system "broken" (update): no such sprite');
  });

  test("joins others that throw in the frame, and the next frame starts afresh", () => {
    const { game } = createGame();
    const removers = ["a", "b"].map((name) =>
      game.addSystem("update", name, () => {
        throw new Error(name);
      }),
    );
    expect(() => game.step(1)).toThrow(AggregateError);
    for (const remove of removers) remove();
    expect(() => game.step(1)).not.toThrow();
  });

  test("goes to onError when there is one, and nothing is thrown", () => {
    const errors: SystemError[] = [];
    const { game } = createGame({ onError: (error) => errors.push(error) });
    game.addSystem("update", "broken", () => {
      throw "a string";
    });
    game.step(1);
    expect(errors.map((error) => error.message)).toEqual(['system "broken" (update): a string']);
  });

  test("doesn't let an onError that throws stop the frame either", () => {
    const { game } = createGame({
      onError: () => {
        throw new Error("handler");
      },
    });
    let drawn = false;
    game.addSystem("update", "broken", () => {
      throw new Error("system");
    });
    game.addSystem("render", "draw", () => {
      drawn = true;
    });
    expect(() => game.step(1)).toThrow("handler");
    expect(drawn).toBe(true);
  });

  test("can't run a frame inside a frame", () => {
    const { game } = createGame();
    game.addSystem("update", "nested", () => game.frame());
    expect(() => game.step(1)).toThrow("inside a frame");
    expect(game.time.frame).toBe(1);
  });
});

describe("start and stop", () => {
  test("run frames by the scheduler, by the game's clock", () => {
    const scheduler = new TestScheduler();
    const { game, clock } = createGame({ scheduler });
    const deltas: number[] = [];
    game.addSystem("update", "note", () => deltas.push(game.time.deltaMs));
    game.start();
    game.start();
    expect(scheduler.pending.size).toBe(1);
    for (let i = 0; i < 3; i++) {
      scheduler.runNext(i * 1_000_000);
      clock.advanceMs(16);
    }
    expect(deltas).toEqual([0, 16, 16]);
    game.stop();
    expect(scheduler.pending.size).toBe(0);
    expect(game.running).toBe(false);
    clock.advanceMs(60_000);
    game.start();
    scheduler.runNext();
    expect(deltas).toEqual([0, 16, 16, 0]);
  });

  test("go on after a frame that throws, and may stop inside one", () => {
    const scheduler = new TestScheduler();
    const { game } = createGame({ scheduler });
    let frames = 0;
    game.addSystem("update", "broken", () => {
      frames++;
      if (frames === 3) game.stop();
      throw new Error("again");
    });
    game.start();
    expect(() => scheduler.runNext()).toThrow("again");
    expect(() => scheduler.runNext()).toThrow("again");
    expect(() => scheduler.runNext()).toThrow("again");
    expect(scheduler.pending.size).toBe(0);
  });

  test("say so where there are no animation frames", () => {
    const { game } = createGame({ scheduler: animationFrameScheduler });
    expect(() => game.start()).toThrow("no requestAnimationFrame here");
    expect(game.running).toBe(false);
  });
});

describe("plugins", () => {
  test("add systems, and take them along when they are uninstalled", () => {
    const { game } = createGame();
    const log: string[] = [];
    const plugin: Plugin = {
      name: "physics",
      install(each) {
        each.addSystem("fixed", "move", () => log.push("move"));
        each.addSystem("update", "sync", () => log.push("sync"));
        return () => log.push("gone");
      },
    };
    game.addSystem("update", "own", () => log.push("own"));
    expect(game.use(plugin)).toBe(game);
    expect(game.plugin("physics")).toBe(plugin);
    game.step(17);
    expect(log.splice(0)).toEqual(["move", "own", "sync"]);
    expect(game.uninstall("physics")).toBe(true);
    expect(game.uninstall("physics")).toBe(false);
    game.step(17);
    expect(log.splice(0)).toEqual(["gone", "own"]);
    expect(() => game.use(plugin)).not.toThrow();
  });

  test("are refused when their name is taken", () => {
    const { game } = createGame();
    game.use({ name: "audio", install() {} });
    expect(() => game.use({ name: "audio", install() {} })).toThrow('"audio" is installed already');
  });

  test("that throw while they are installed leave nothing behind", () => {
    const { game } = createGame();
    const plugin: Plugin = {
      name: "broken",
      install(each) {
        each.addSystem("update", "half", () => {});
        throw new Error("no device");
      },
    };
    expect(() => game.use(plugin)).toThrow("no device");
    expect(game.plugin("broken")).toBeUndefined();
    expect(game.stats.systems).toEqual([]);
  });

  test("may use other plugins, which stay when they go", () => {
    const { game } = createGame();
    const inner: Plugin = {
      name: "inner",
      install: (each) => each.addSystem("update", "inner", () => {}),
    };
    game.use({
      name: "outer",
      install(each) {
        each.use(inner);
        each.addSystem("update", "outer", () => {});
      },
    });
    game.uninstall("outer");
    expect(game.stats.systems.map((timing) => timing.name)).toEqual(["inner"]);
  });

  test("are uninstalled by dispose, the latest first", () => {
    const { game } = createGame();
    const gone: string[] = [];
    for (const name of ["a", "b", "c"]) {
      game.use({ name, install: () => () => void gone.push(name) });
    }
    game.dispose();
    expect(gone).toEqual(["c", "b", "a"]);
  });
});

test("a manual clock doesn't go back", () => {
  const clock = new ManualClock();
  clock.advanceMs(5);
  expect(clock.nowMs()).toBe(5);
  expect(() => clock.advanceMs(-1)).toThrow(RangeError);
  expect(() => clock.advanceMs(Number.NaN)).toThrow(RangeError);
});

describe("a game that is saved and loaded", () => {
  test("goes on with its time, and with the part of a fixed step that has passed", () => {
    const [one, two] = [createGame({ fixedStepMs: 10 }).game, createGame({ fixedStepMs: 10 }).game];
    one.step(10);
    one.step(27);
    two.step(99);
    two.load(JSON.parse(JSON.stringify(one.save())));
    for (const game of [one, two]) game.step(4);
    for (const name of ["frame", "elapsedMs", "fixedStep", "fixedSteps", "alpha"] as const) {
      expect(two.time[name]).toBe(one.time[name]);
    }
    expect(one.time.fixedStep).toBe(4);
  });

  test("isn't changed by what doesn't fit", () => {
    const { game } = createGame();
    game.step(50);
    const saved = game.save();
    const bad = [
      { ...saved, time: { ...saved.time, frame: -1 } },
      { ...saved, time: { ...saved.time, elapsedMs: "5" } },
      { ...saved, time: { ...saved.time, owedMs: 1e9 } },
      { ...saved, world: {} },
      saved.world,
    ];
    for (const snapshot of bad) expect(() => game.load(snapshot as never)).toThrow(SnapshotError);
    expect(game.save()).toEqual(saved);
  });

  test("isn't saved from inside a frame", () => {
    const { game } = createGame();
    game.addSystem("update", "save", () => game.save());
    expect(() => game.step(1)).toThrow("a game can't save from inside a frame");
  });
});
