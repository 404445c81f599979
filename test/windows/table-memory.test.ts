import { describe, expect, it } from "vitest";
import { type Entity, withValues } from "../../engine/index.ts";
import { type ScriptSystemOptions, scriptPolicies } from "../../scripting/index.ts";
import { withReservation } from "../../scripting/windows/reservation.ts";
import { wasm } from "../metering/harness.ts";
import { Kinds, Position, type Rig, rig, Trace } from "../system/harness.ts";
import { alike, hostCallsOf, lenient, resultOf, type Windows } from "./tables.ts";

const imports = `
  (import "message" "Ping.send" (func $ping (param i32)))
  (import "component" "Kinds.i32.get" (func $target (param i32) (result i32)))
  (import "component" "Position.x.get" (func $x (param i32) (result f32)))
  (import "component" "Trace.value.set" (func $out (param i32 f64)))`;
/** Reads another one's column: no call of the host where there is a table. */
const reads = "(call $out (local.get 0) (f64.promote_f32 (call $x (call $target (local.get 0)))))";

interface Case {
  /** A function of the game's that it imports. */
  readonly asks?: string;
  readonly memory: string;
  /** What else `onUpdate` does with a self and an i32. */
  readonly body?: string;
  readonly more?: string;
}

function moduleOf({ asks = "", memory, body = "", more = "" }: Case): Uint8Array {
  const update = `(func (export "onUpdate") (param i32) (local i32) ${reads} ${body})`;
  return withReservation(wasm(`(module ${imports} ${asks} ${memory} ${more} ${update})`));
}

/** Fifty entities that know one of themselves, after two frames. */
async function runRaw(each: Case, windows: Windows, options: Partial<ScriptSystemOptions> = {}) {
  const link: ScriptSystemOptions["link"] = (linker) => {
    linker.memory("env", "memory");
    const spec = { params: ["i32"], results: ["i32"], fuel: 1, columns: "none" } as const;
    linker.func("game", "hear", spec, (ctx, text) => ctx.readString(text).length);
    linker.func("game", "look", spec, (ctx, at) => ctx.bytes(at, 4)[0] ?? 0);
    linker.func("game", "room", spec, (ctx) => ctx.memory.length);
    linker.func("game", "say", spec, (ctx) => ctx.newString("\u0001\u0001\u0001\u0001"));
  };
  const game = rig({ windows, policy: lenient, link, ...options });
  const bytes = moduleOf(each) as Uint8Array<ArrayBuffer>;
  await game.scripts.load({ name: "raw", file: "raw.wat", bytes });
  const all = Array.from({ length: 50 }, (_, n) =>
    game.world.spawn(undefined, withValues(Position, { x: n }), Trace, Kinds),
  );
  const { i32 } = game.world.columns(Kinds);
  for (const [n, entity] of all.entries()) {
    i32[game.world.indexOf(entity)] = all[(n * 7) % 50] as Entity;
    game.scripts.attach(entity, "raw");
  }
  game.frames(2);
  return game;
}

const ofGame = (name: string): string =>
  `(import "game" "${name}" (func $ask (param i32) (result i32)))`;
const outOf = (value: string): string =>
  `(call $out (local.get 0) (f64.convert_i32_u ${value})) (call $ping (local.get 0))`;

/** Modules that leave memory alone, or try what is behind theirs. */
const tabled: readonly (readonly [what: string, each: Case])[] = [
  ["leaves memory alone", { memory: "(memory 1)" }],
  ["exports it", { memory: '(memory (export "memory") 1 16)' }],
  ["has data up to its end", { memory: '(memory 1) (data (i32.const 65528) "abcdefgh")' }],
  ["may have as much as there can be", { memory: "(memory 1 65536)" }],
  [
    "reads its own",
    {
      memory: '(memory 1) (data (i32.const 40) "\\01\\02\\03\\04\\05\\06\\07\\08")',
      body: outOf(
        "(i32.add (i32.load8_u offset=40 (i32.const 2)) (i32.load16_u (i32.const 65534)))",
      ),
    },
  ],
  [
    "reads behind its own in a function that others call",
    {
      memory: "(memory 1)",
      more: "(func $peek (param i32) (result i32) (i32.load (local.get 0)))",
      body: outOf("(call $peek (i32.const 65600))"),
    },
  ],
  [
    "has the host read a string from behind its own",
    { asks: ofGame("hear"), memory: "(memory 1)", body: outOf("(call $ask (i32.const 65600))") },
  ],
  [
    "has the host read bytes from behind its own",
    { asks: ofGame("look"), memory: "(memory 1)", body: outOf("(call $ask (i32.const 65534))") },
  ],
  [
    "is asked for its memory's length",
    { asks: ofGame("room"), memory: "(memory 1)", body: outOf("(call $ask (i32.const 0))") },
  ],
];

/** Modules that may not have pages behind theirs. */
const untabled: readonly (readonly [what: string, each: Case])[] = [
  ["imports its memory", { memory: '(import "env" "memory" (memory 1 16))' }],
  ["asks how long it is", { memory: "(memory 1)", body: outOf("(memory.size)") }],
  ["makes it longer", { memory: "(memory 1 9)", body: outOf("(memory.grow (i32.const 1))") }],
  ["writes it", { memory: "(memory 1)", body: "(i32.store8 (i32.const 65535) (local.get 0))" }],
  [
    "fills it",
    { memory: "(memory 1)", body: "(memory.fill (i32.const 9) (i32.const 1) (i32.const 5))" },
  ],
  [
    "reads it as vectors",
    { memory: "(memory 1)", body: outOf("(i32x4.extract_lane 0 (v128.load (i32.const 65520)))") },
  ],
  [
    "reads it as vectors, behind its end",
    {
      memory: "(memory 1)",
      body: outOf("(i32x4.extract_lane 0 (v128.load32_zero (i32.const 65540)))"),
    },
  ],
  [
    "has the host write where it likes",
    {
      asks: ofGame("say"),
      memory: "(memory 1)",
      more: `(func (export "__new") (param i32 i32) (result i32) (i32.const 65600))`,
      body: "(drop (call $ask (i32.const 0)))",
    },
  ],
];

const loads: readonly (readonly [load: string, bytes: number])[] = [
  ["i32.load8_s", 1],
  ["i32.load8_u", 1],
  ["i32.load16_s", 2],
  ["i32.load16_u", 2],
  ["i32.load", 4],
  ["i32.reinterpret_f32 (f32.load", 4],
  ["i32.wrap_i64 (i64.load8_s", 1],
  ["i32.wrap_i64 (i64.load16_u", 2],
  ["i32.wrap_i64 (i64.load32_u", 4],
  ["i32.wrap_i64 (i64.load", 8],
  ["i32.trunc_sat_f64_s (f64.load", 8],
];

/** What it comes to in each way, and how often the host is called by rows and by a table. */
async function callsOf(each: Case, options?: Partial<ScriptSystemOptions>) {
  const calls = new Map<Windows, number>();
  const result = await alike(async (windows) => {
    const game = await runRaw(each, windows, options);
    calls.set(windows, hostCallsOf(game));
    return resultOf(game);
  });
  return { result, byRows: calls.get("rows") ?? 0, byTable: calls.get(true) ?? 0 };
}

describe("a module that has a table behind its memory", () => {
  it.each(tabled)("sees none of it: it %s", async (_what, each) => {
    const { byRows, byTable } = await callsOf(each);
    expect(byTable).toBeLessThan(byRows);
  });

  it.each(loads)("is stopped where it reads behind its own: %s", async (load, bytes) => {
    const close = load.includes("(") ? "))" : ")";
    const last = 65_536 - bytes;
    const places = [
      [0, last],
      [last, 0],
      [0, last + 1],
      [last, 1],
      [last + 1, 0],
      [65_600, 0],
      [0, 65_600],
      [1, -1],
      [-1, 0],
    ] as const;
    for (const [offset, at] of places) {
      const body = outOf(`(${load} offset=${offset >>> 0} (i32.const ${at})${close}`);
      const { result, byRows, byTable } = await callsOf({ memory: "(memory 1)", body });
      expect(byTable, `${offset} ${at}`).toBeLessThan(byRows);
      const isIn = (at >>> 0) + (offset >>> 0) <= last;
      expect(result.faults.length, `${offset} ${at}`).toBe(isIn ? 0 : 100);
    }
  });
});

describe("a module gets no table", () => {
  it.each(untabled)("that %s", async (_what, each) => {
    const { byRows, byTable } = await callsOf(each);
    expect(byTable).toBe(byRows);
  });

  it("whose data don't fit into its memory, nor is it loaded", async () => {
    for (const data of ['65529) "abcdefgh"', '65537) ""', '-1) ""']) {
      const each = { memory: `(memory 1) (data (i32.const ${data})` };
      for (const windows of [true, "rows", false] as const) {
        await expect(runRaw(each, windows), data).rejects.toThrow("data segment is out of bounds");
      }
    }
  });

  it("that may have no more memory than it has", async () => {
    const each = { memory: "(memory 2)" };
    const least = await callsOf(each, { limits: { memoryBytes: 2 * 65_536 } });
    expect(least.byTable).toBe(least.byRows);
    const more = await callsOf(each, { limits: { memoryBytes: 1 << 24 } });
    expect(more.byTable).toBeLessThan(more.byRows);
  });

  it.each([
    ["may touch its own entity alone", { ...scriptPolicies.open, entities: "self" as const }],
    ["has what it reads hidden from it", { ...scriptPolicies.open, redacted: ["Position.x"] }],
  ])("that %s", async (_what, scriptPolicy) => {
    const { byRows, byTable } = await callsOf({ memory: "(memory 1)" }, { scriptPolicy });
    expect(byTable).toBe(byRows);
  });

  it("that reads its own fields of others", async () => {
    const calls = new Map<Windows, number>();
    await alike(async (windows) => {
      const game = rig({ windows, policy: lenient });
      await game.load(
        "nosy",
        `const mood = field.f32("mood", 2);
        export function onUpdate(self: Entity): void { mood[self] += mood[Kinds.i32[self]]; Ping.send(self); }`,
      );
      const all = crowd(game, "nosy");
      game.frames(2);
      calls.set(windows, hostCallsOf(game));
      const moods = all.map((entity) => game.scripts.fields.get(entity, "nosy", "mood"));
      return { moods, ...resultOf(game) };
    });
    expect(calls.get(true)).toBe(calls.get("rows"));
  });
});

function crowd({ world, scripts }: Rig, name: string): Entity[] {
  const all = Array.from({ length: 20 }, () => world.spawn(undefined, Position, Trace, Kinds));
  const { i32 } = world.columns(Kinds);
  for (const [n, entity] of all.entries()) {
    i32[world.indexOf(entity)] = all[(n * 7) % 20] as Entity;
    scripts.attach(entity, name);
  }
  return all;
}

describe("a column that a script may write and not see", () => {
  it.each([
    ["it is hidden", { read: "all", redacted: ["Position.x"] }],
    ["reading isn't granted", { read: ["Trace", "Kinds"] }],
  ] as const)("isn't in its memory, where %s", async (_why, reading) => {
    const policy = {
      ...scriptPolicies.closed,
      write: "all" as const,
      messages: ["Ping"],
      ...reading,
    };
    for (const sends of ["", "Ping.send(self);"]) {
      const { values } = await alike(async (windows) => {
        const scriptPolicy = { ...policy, entities: sends === "" ? "self" : "any" } as const;
        const limits = { fuelPerCall: 1e7 };
        const game = rig({ windows, policy: lenient, scriptPolicy, limits });
        await game.load(
          "peeks",
          `export function onUpdate(self: Entity): void {
            let count = 0;
            for (let at = 1024; at < 25600; at += 4) if (load<f32>(at) == 123.5) count++;
            Trace.value[self] = count;
            if (Trace.loads[self] != 0) Position.x[self] = 7;
            ${sends}
          }`,
        );
        for (let loads = 0; loads < 4; loads++) {
          const at = withValues(Position, { x: 123.5 });
          const entity = game.world.spawn(undefined, at, withValues(Trace, { loads }));
          game.scripts.attach(entity, "peeks");
        }
        game.frames();
        return { values: [...game.world.columns(Trace).value.slice(1, 5)], ...resultOf(game) };
      });
      expect(values).toEqual([0, 0, 0, 0]);
    }
  });
});

describe("a saved memory that is longer than a script's own", () => {
  it("is refused before anything has changed", async () => {
    const game = rig({ snapshots: true });
    await game.load(
      "keeper",
      "let calls: i32 = 0; export function onUpdate(self: Entity): void { calls++; Trace.ends[self] = calls; Ping.send(self); }",
    );
    const entity = game.world.spawn(undefined, Trace);
    game.scripts.attach(entity, "keeper");
    game.frames(2);
    const state = JSON.parse(JSON.stringify(game.scripts.saveState({ memory: true })));
    game.frames();
    const kept = game.scripts.hash();
    const forged = structuredClone(state);
    forged.scripts[0].memory.pages = 2;
    forged.scripts[0].memory.bytes = Buffer.alloc(2 * 65_536, 1).toString("base64");
    expect(() => game.scripts.restoreState(forged)).toThrow(
      "it has 2 pages of memory, the script 1",
    );
    expect(game.scripts.hash()).toBe(kept);
    game.frames();
    const { ends } = game.world.columns(Trace);
    expect(ends[game.world.indexOf(entity)]).toBe(4);
    game.scripts.restoreState(state);
    game.frames();
    expect(ends[game.world.indexOf(entity)]).toBe(3);
  });
});
