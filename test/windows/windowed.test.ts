import { describe, expect, it } from "vitest";
import { forgetfulActors, mindfulActors, outcomeOf, runActors } from "./actors.ts";

const cases = Number(process.env["WINDOW_CASES"] ?? 250);
const timeout = 3_600_000;

describe.each([true, "rows"] as const)("a script that runs on windows: %s", (windows) => {
  it(`does to the world what it does call by call, in ${cases} random worlds`, {
    timeout,
  }, async () => {
    // What is in its memory is kept over faults on windows only.
    const script = await forgetfulActors();
    let faults = 0;
    let messages = 0;
    let calls = 0;
    let callsByCall = 0;
    for (let seed = 1; seed <= cases; seed++) {
      const windowed = await runActors(script, seed, { windows });
      const byCall = await runActors(script, seed, { windows: false });
      expect(outcomeOf(windowed), `seed ${seed}`).toEqual(outcomeOf(byCall));
      calls += windowed.hostCalls;
      callsByCall += byCall.hostCalls;
      faults += windowed.faults.length;
      messages += windowed.messages;
    }
    // Else it says nothing about those that are stopped.
    expect(faults).toBeGreaterThan(cases);
    expect(messages).toBeGreaterThan(10 * cases);
    // Nor if there is no room for windows.
    expect(calls).toBeLessThan(callsByCall / 2);
  });

  it(`is as if stopped calls had never been, its memory included, in ${cases} random worlds`, {
    timeout,
  }, async () => {
    const script = await mindfulActors();
    const policy = { maxStrikes: 255, backOffFrames: 0 };
    let faults = 0;
    for (let seed = 1; seed <= cases; seed++) {
      const run = await runActors(script, seed, { windows, policy });
      const without = await runActors(script, seed, { windows, policy }, run.stopped);
      expect(without.faults, `seed ${seed}`).toEqual([]);
      expect(without.hashes, `seed ${seed}`).toEqual(run.hashes);
      faults += run.faults.length;
    }
    expect(faults).toBeGreaterThan(cases);
  });
});
