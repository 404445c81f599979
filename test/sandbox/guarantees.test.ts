import { describe, expect, it } from "vitest";
import {
  AdmissionError,
  AllocationError,
  admit,
  LinkError,
  Linker,
  type LoadOptions,
  limitProfiles,
  type ResourceLimits,
  type Script,
  ScriptRuntime,
  StartError,
} from "../../scripting/index.ts";
import { wasm } from "../metering/harness.ts";
import { binary, Position, rig, Trace } from "../system/harness.ts";

// The list of what script runtimes and plugin hosts on Wasmtime promise, an end-to-end test or two each. The
// details are tested where they are at home.

const linker = new Linker()
  .func("host", "now", { params: [], results: ["f64"], fuel: 10 }, () => 42)
  .func(
    "host",
    "secret",
    { params: [], results: ["i32"], fuel: 10, capability: "secrets" },
    () => 7,
  )
  .func("host", "say", { params: ["i32"], results: [], fuel: 10 }, (ctx, at) => {
    ctx.readString(at);
  })
  .func("host", "level", { params: [], results: ["i32"], fuel: 10 }, (ctx) =>
    ctx.redacted ? 0 : 9,
  );
const runtime = new ScriptRuntime({ linker });

function load(text: string, options: Partial<LoadOptions> = {}): Promise<Script> {
  return runtime.load(wasm(text), { name: "guest", ...options });
}

function outcome(script: Script, name = "run"): unknown {
  const result = script.call(name);
  return result.ok ? result.value : result.fault.kind;
}

describe("memory limit", () => {
  const text = `(module (memory 1) (func (export "run") (result i32) (memory.grow (i32.const 40))))`;

  it("holds a guest to what it was given, one as another's", async () => {
    const [small, large] = await Promise.all(
      [2 << 20, 4 << 20].map((memoryBytes) => load(text, { limits: { memoryBytes } })),
    );
    expect([outcome(small as Script), outcome(large as Script)]).toEqual([-1, 1]);
  });

  it("refuses a module that needs more from the start", async () => {
    const limits = { memoryBytes: 65_535 };
    await expect(load(text, { limits })).rejects.toThrow(/memoryBytes allows 0/);
  });
});

describe("instruction limit", () => {
  const counts = `(module (func (export "run") (local $i i32)
    (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))))`;

  it("lets a call finish if and only if it can pay, by the last instruction", async () => {
    const script = await load(counts);
    const result = script.call("run");
    const cost = result.ok ? result.fuelUsed : 0;
    script.setLimits({ fuelPerCall: cost });
    expect(outcome(script)).toBeUndefined();
    script.setLimits({ fuelPerCall: cost - 1 });
    expect(outcome(script)).toBe("out-of-fuel");
  });
});

describe("time limit", () => {
  it("stops what would run on, whatever fuel it has", async () => {
    const limits = { fuelPerCall: Infinity, callTimeMs: 3 };
    const script = await load(`(module (func (export "run") (loop (br 0))))`, { limits });
    expect(outcome(script)).toBe("deadline");
  });

  it("stops top-level code, too", async () => {
    const limits = { fuelPerCall: Infinity, callTimeMs: 3 };
    const text = `(module (func $s (loop (br 0))) (start $s))`;
    const error = await load(text, { limits }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).fault.kind).toBe("deadline");
  });
});

describe("sandbox restrictions", () => {
  it("give a guest nothing but what the host defined", async () => {
    for (const name of ["fetch", "eval", "console", "setTimeout", "fd_write"]) {
      const text = `(module (import "env" "${name}" (func)))`;
      await expect(load(text)).rejects.toThrow(LinkError);
    }
    const wasi = `(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))`;
    await expect(load(wasi)).rejects.toThrow(LinkError);
  });

  it("give it what asks for a capability only if that was granted", async () => {
    const text = `(module (import "host" "secret" (func $s (result i32)))
      (func (export "run") (result i32) (call $s)))`;
    await expect(load(text)).rejects.toThrow(/capability "secrets"/);
    expect(outcome(await load(text, { capabilities: ["secrets"] }))).toBe(7);
  });
});

describe("termination and recovery", () => {
  it("leave a script that runs on, from where it began", async () => {
    const script = await load(`(module (global $n (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
      (func (export "run") (global.set $n (i32.const 50)) (loop (br 0))))`);
    for (let round = 0; round < 3; round++) {
      expect([outcome(script, "count"), outcome(script, "count")]).toEqual([1, 2]);
      expect(outcome(script)).toBe("out-of-fuel");
    }
  });
});

describe("isolation of several scripts", () => {
  it("keeps memory, globals, limits and faults apart", async () => {
    const text = `(module (memory 1) (global $g (mut i32) (i32.const 0))
      (func (export "run") (result i32)
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 10)))
        (i32.add (global.get $g) (i32.load (i32.const 0))))
      (func (export "trap") unreachable))`;
    const prepared = await runtime.prepare(wasm(text), { name: "guest" });
    const scripts = Array.from({ length: 20 }, (_, i) =>
      runtime.instantiate(prepared, { name: `guest ${i}`, limits: { fuelPerCall: 1_000 + i } }),
    );
    for (const [i, script] of scripts.entries()) {
      for (let n = 0; n < i; n++) script.call("run");
      if (i % 3 === 0) script.call("trap");
    }
    expect(scripts.map((script) => outcome(script))).toEqual(
      scripts.map((_, i) => (i % 3 === 0 ? 11 : 11 * (i + 1))),
    );
  });
});

describe("limit configuration", () => {
  const names = Object.keys(limitProfiles.production) as (keyof ResourceLimits)[];

  it.each(Object.entries(limitProfiles))(
    "has the profile %s, whole and usable",
    (_name, profile) => {
      expect(Object.keys(profile).sort()).toEqual([...names].sort());
      expect(() => new ScriptRuntime({ linker, limits: profile })).not.toThrow();
    },
  );

  it.each(names)("refuses a %s that is no number, or too small a one", (name) => {
    for (const value of [-1, Number.NaN, "5", null]) {
      const limits = { [name]: value } as Partial<ResourceLimits>;
      expect(() => new ScriptRuntime({ linker, limits })).toThrow(new RegExp(`limit ${name}`));
    }
  });

  it("refuses a limit that it doesn't know, and says which there are", () => {
    const limits = { fuelPerCal: 5 } as Partial<ResourceLimits>;
    expect(() => new ScriptRuntime({ linker, limits })).toThrow(
      /unknown limit "fuelPerCal"; known: fuel/,
    );
  });

  it("can differ by runtime, by script and from call to call", async () => {
    const strict = new ScriptRuntime({ linker, limits: limitProfiles.strict });
    const text = `(module (func (export "run") (loop (br 0))))`;
    const script = await strict.load(wasm(text), { name: "guest", limits: { fuelPerCall: 777 } });
    expect(script.limits).toMatchObject({ fuelPerCall: 777, callDepth: 256 });
    expect(script.call("run")).toMatchObject({
      fault: { message: expect.stringContaining("777") },
    });
    script.setLimits({ fuelPerCall: 888 });
    expect(script.call("run")).toMatchObject({
      fault: { message: expect.stringContaining("888") },
    });
  });
});

describe("deny-list at admission", () => {
  // Each as a few bytes behind the header, or as code of one function.
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const running = (...code: number[]): number[] => [
    ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  ];
  const denied: [proposal: string, bytes: number[]][] = [
    ["threads", running(0xfe, 0x03, 0x00)],
    ["threads", [5, 4, 1, 3, 1, 1]],
    ["memory64", [5, 3, 1, 4, 1]],
    ["multi-memory", [5, 5, 2, 0, 1, 0, 1]],
    ["function-references", running(0x14, 0)],
    ["GC", running(0xfb, 0x01, 0x00)],
    ["exceptions", running(0x08, 0x00)],
    ["relaxed SIMD", running(0xfd, 0x80, 0x02)],
    ["stack switching", running(0xe0, 0x00)],
  ];
  it.each(denied)("names %s", (proposal, bytes) => {
    let refusal: unknown;
    try {
      admit(Uint8Array.from([...header, ...bytes]));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AdmissionError);
    expect(refusal).toMatchObject({ code: "denied-feature" });
    expect((refusal as AdmissionError).message).toContain(proposal);
  });
});

describe("pooling figures", () => {
  const page = 65_536;
  const memoryBytes = 8 * page;
  const pool = { strategy: "pooling", totalInstances: 4, totalMemoryBytes: 20 * page } as const;

  it("are what the totals and the limits come to, and go with the instances", async () => {
    const pooled = new ScriptRuntime({ linker, limits: { memoryBytes }, allocation: pool });
    expect(pooled.allocation).toMatchObject({ totalInstances: 4, instancesLeft: 2 });
    const prepared = await pooled.prepare(wasm("(module (memory 1))"), { name: "guest" });
    const scripts = [pooled.instantiate(prepared), pooled.instantiate(prepared)];
    expect(pooled.allocation).toMatchObject({ reservedBytes: 16 * page, instancesLeft: 0 });
    expect(() => pooled.instantiate(prepared)).toThrow(AllocationError);
    for (const script of scripts) script.dispose();
    expect(pooled.allocation).toMatchObject({ instances: 0, reservedBytes: 0, instancesLeft: 2 });
  });
});

describe("failure policy", () => {
  it("pauses, then disables a script for an entity, and leaves all others running", async () => {
    const made = rig({ policy: { maxStrikes: 2, backOffFrames: 3 } });
    await made.load(
      "picky",
      "export function onUpdate(self: Entity): void { Trace.updates[self] += 1; assert(Position.x[self] == 0); }",
    );
    const [good, bad] = [0, 5].map((x) => {
      const entity = made.world.spawn(undefined, Position, Trace);
      made.world.columns(Position).x[made.world.indexOf(entity)] = x;
      made.scripts.attach(entity, "picky");
      return entity;
    });
    made.frames(12);
    expect(made.of("fault").map((e) => [e.entity, e.outcome])).toEqual([
      [bad, "back-off"],
      [bad, "disabled"],
    ]);
    const updates = made.world.columns(Trace).updates;
    expect(updates[made.world.indexOf(good as never)]).toBe(12);
    expect(updates[made.world.indexOf(bad as never)]).toBe(0);
  });
});

describe("payload bounds", () => {
  it("hold whatever crosses, in both directions", async () => {
    const text = `(module (import "host" "say" (func $say (param i32))) (memory 1)
      (data (i32.const 8) "\\02\\00\\00\\00\\0a\\00\\00\\00")
      (func (export "run") (call $say (i32.const 16))))`;
    expect(outcome(await load(text, { limits: { payloadBytes: 10 } }))).toBeUndefined();
    expect(outcome(await load(text, { limits: { payloadBytes: 9 } }))).toBe("host-error");
  });
});

describe("redaction", () => {
  const text = `(module (import "host" "level" (func $l (result i32)))
    (func (export "run") (result i32) (call $l)))`;

  it("hides what a host function would tell", async () => {
    expect(outcome(await load(text))).toBe(9);
    expect(outcome(await load(text, { redacted: ["host.level"] }))).toBe(0);
  });

  it("hides a component's field from a script", async () => {
    const made = rig();
    const body =
      "export function onUpdate(self: Entity): void { Trace.value[self] = Position.x[self]; }";
    const policy = { redacted: ["Position.x"] };
    await made.scripts.load(await binary("peek", body), { policy });
    const entity = made.world.spawn(undefined, Position, Trace);
    const index = made.world.indexOf(entity);
    made.world.columns(Position).x[index] = 5;
    made.world.columns(Trace).value[index] = 1;
    made.scripts.attach(entity, "peek");
    made.frames();
    expect(made.world.columns(Trace).value[index]).toBe(0);
  });
});
