import { describe, expect, it } from "vitest";
import {
  type AllocationOptions,
  Linker,
  type ResourceLimits,
  ScriptRuntime,
} from "../../scripting/index.ts";
import { load } from "../metering/harness.ts";

const make = (limits: unknown): ScriptRuntime =>
  new ScriptRuntime({ linker: new Linker(), limits: limits as Partial<ResourceLimits> });

describe("limits", () => {
  it("are whole numbers, but for the time", async () => {
    expect(() => make({ fuelPerCall: 1000.5 })).toThrow(
      new RangeError("limit fuelPerCall must be a whole number, not 1000.5"),
    );
    for (const name of ["memoryBytes", "callDepth", "hostCallsPerCall", "tableElements"]) {
      expect(() => make({ [name]: 70_000.5 })).toThrow(RangeError);
    }
    expect(make({ callTimeMs: 0.5, fuelPerCall: Infinity }).limits.callTimeMs).toBe(0.5);
    const script = await load(`(module (func (export "run")))`);
    expect(() => script.setLimits({ fuelPerCall: 0.5 })).toThrow(/whole number/);
  });

  it("are an object", async () => {
    for (const limits of [5, "strict", null, [], true]) {
      expect(() => make(limits)).toThrow(TypeError);
    }
    expect(() => make("strict")).toThrow(/limits are an object, .*limitProfiles; not "strict"/);
    const script = await load(`(module (func (export "run")))`);
    expect(() => script.setLimits(5 as never)).toThrow(/limits are an object/);
  });
});

describe("allocation", () => {
  const allocate = (allocation: unknown): ScriptRuntime =>
    new ScriptRuntime({ linker: new Linker(), allocation: allocation as AllocationOptions });

  it("has no options but its own", () => {
    expect(() => allocate({ strategy: "on-demand", totalInstance: 1 })).toThrow(
      new TypeError('allocation: unknown option "totalInstance"; did you mean "totalInstances"?'),
    );
    expect(() => allocate({ strategy: "on-demand", most: 1 })).toThrow(
      /unknown option "most"; known: strategy, totalInstances, totalMemoryBytes/,
    );
    expect(() => allocate("pooling")).toThrow(/allocation is an object with a strategy/);
    expect(() => allocate({ strategy: "on-demand", totalInstances: 1.5 })).toThrow(
      /totalInstances must be a whole number, not 1.5/,
    );
  });
});
