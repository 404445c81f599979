import { describe, expect, it, vi } from "vitest";
import type { ScriptBinary } from "../../scripting/compile/source.ts";
import type { ScriptSystemOptions } from "../../scripting/index.ts";
import { TableWindow } from "../../scripting/windows/table-window.ts";
import { ColumnWindow } from "../../scripting/windows/window.ts";
import { Thawed } from "../system/harness.ts";
import { type PlainKeeps, plainActors } from "./plain-actors.ts";
import { type Keeps, runTableActors, tableActors } from "./table-actors.ts";
import { lenient, type Windows } from "./tables.ts";

const cases = Number(process.env["TABLE_CASES"] ?? 50);
const timeout = 3_600_000;
/** Of the world: where all of it is shown, where some is, and the borders between. */
const crowds = [0, 60, 0, 250, 900, 30, 120];
const smallCrowds = [0, 20, 0, 60, 250];

function optionsOf(seed: number): Partial<ScriptSystemOptions> {
  return {
    ...(seed % 2 === 0 ? { policy: lenient } : { policy: { maxStrikes: 3, backOffFrames: 1 } }),
    ...(seed % 5 === 0 ? { maxMessages: 40 } : {}),
    ...(seed % 7 === 0 ? { messagesPerCall: 3 } : {}),
  };
}

/** A seed's world, with as many others as a list says. */
function runSeed(
  script: ScriptBinary,
  seed: number,
  windows: Windows,
  others: readonly number[],
): ReturnType<typeof runTableActors> {
  const bystanders = others[seed % others.length] as number;
  const query = seed % 3 === 0 ? { query: Thawed } : {};
  return runTableActors(script, seed, {
    options: { ...optionsOf(seed), windows },
    bystanders,
    ...query,
  });
}

describe("scripts with a table, in random worlds", () => {
  it.each(["nothing", "globals", "asks"] as const)(
    `do to the world what they do call by call, where they keep %s: ${cases} cases`,
    { timeout },
    async (keeps: Keeps) => {
      const script = await tableActors(keeps);
      const calls = { byTable: 0, byRows: 0 };
      let faults = 0;
      let messages = 0;
      for (let seed = 1; seed <= cases; seed++) {
        const run = (windows: Windows) => runSeed(script, seed, windows, crowds);
        const byCall = await run(false);
        const byRows = await run("rows");
        const byTable = await run(true);
        expect(byRows.frames, `seed ${seed} by rows`).toEqual(byCall.frames);
        expect(byTable.frames, `seed ${seed} by a table`).toEqual(byCall.frames);
        calls.byTable += byTable.hostCalls;
        calls.byRows += byRows.hostCalls;
        for (const frame of byTable.frames) faults += frame.faults.length;
        messages += byTable.frames.at(-1)?.messages ?? 0;
      }
      // Else it says nothing about those that are stopped, get messages, or have a table.
      expect(faults).toBeGreaterThan(cases);
      expect(messages).toBeGreaterThan(20 * cases);
      expect(calls.byTable).toBeLessThan(calls.byRows);
    },
  );

  it(`are as if stopped calls had never been, in ${cases} cases`, { timeout }, async () => {
    const script = await tableActors("memory");
    let faults = 0;
    for (let seed = 1; seed <= cases; seed++) {
      const bystanders = crowds[seed % crowds.length] as number;
      const options = { policy: lenient };
      const run = await runTableActors(script, seed, { options, bystanders });
      const without = await runTableActors(script, seed, {
        options,
        bystanders,
        sitOut: run.stopped,
      });
      expect(without.stopped.flat(), `seed ${seed}`).toEqual([]);
      const states = (of: typeof run) => of.frames.map(({ state }) => state);
      expect(states(without), `seed ${seed}`).toEqual(states(run));
      faults += run.stopped.flat().length;
    }
    expect(faults).toBeGreaterThan(cases);
  });
});

describe("scripts that have to do with themselves, in random worlds", () => {
  it.each(["nothing", "globals", "asks"] as const)(
    `do to the world what they do call by call, where they keep %s: ${cases} cases`,
    { timeout },
    async (keeps: PlainKeeps) => {
      const script = await plainActors(keeps);
      const byIndex = vi.spyOn(TableWindow.prototype, "open");
      const inOrder = vi.spyOn(ColumnWindow.prototype, "gather");
      try {
        let faults = 0;
        for (let seed = 1; seed <= cases; seed++) {
          const run = async (windows: Windows) =>
            (await runSeed(script, seed, windows, smallCrowds)).frames;
          const byCall = await run(false);
          expect(await run("rows"), `seed ${seed} by rows`).toEqual(byCall);
          expect(await run(true), `seed ${seed} by index or in order`).toEqual(byCall);
          for (const frame of byCall) faults += frame.faults.length;
        }
        // Else it says nothing about one of the two, nor about those that are stopped.
        expect(faults).toBeGreaterThan(cases);
        expect(byIndex.mock.calls.length).toBeGreaterThan(cases / 2);
        expect(inOrder.mock.calls.length).toBeGreaterThan(cases);
      } finally {
        byIndex.mockRestore();
        inOrder.mockRestore();
      }
    },
  );
});
