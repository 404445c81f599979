import { describe, expect, it } from "vitest";
import { formatFault, Linker, type Script, ScriptRuntime } from "../../scripting/index.ts";
import { compiled } from "../compiled.ts";

const source = `
const list: i32[] = [1];
export function asserts(): void { assert(false, "password: swordfish"); }
export function throws(): void { throw new Error("the secret of " + list.length.toString()); }
export function indexes(): i32 { return list[7]; }
export function silent(): void { assert(false); }
export function parses(text: string): string { return "swordfish" + text; }
`;

const module = compiled("talks.ts", source, { exportRuntime: true });

async function script(guestText?: boolean): Promise<Script> {
  const options = guestText === undefined ? {} : { guestText };
  return new ScriptRuntime({ linker: new Linker(), ...options }).load(await module, {
    name: "talks",
  });
}

function messageOf(script: Script, name: string): string {
  const result = script.call(name);
  if (result.ok) throw new Error("it finished");
  expect(result.fault.kind).toBe("abort");
  return result.fault.message;
}

describe("what a script says when it aborts", () => {
  it("isn't repeated unless that is asked for, nor is the name of the file it gives", async () => {
    for (const quiet of [await script(), await script(false)]) {
      const [asserted, thrown] = [messageOf(quiet, "asserts"), messageOf(quiet, "throws")];
      expect(asserted).toMatch(
        /^aborted: it says why, which isn't repeated \(guestText\) at 3:\d+$/,
      );
      expect(thrown).toMatch(/^aborted: it says why, which isn't repeated \(guestText\) at 4:\d+$/);
    }
  });

  it("is shown where it was asked for", async () => {
    const loud = await script(true);
    expect(messageOf(loud, "asserts")).toMatch(/^aborted: password: swordfish at talks.ts:3:\d+$/);
    expect(messageOf(loud, "throws")).toMatch(/^aborted: the secret of 1 at talks.ts:4:\d+$/);
  });

  it("is shown anyway when the standard library says it, or it says nothing", async () => {
    const quiet = await script();
    expect(messageOf(quiet, "indexes")).toMatch(/^aborted: Index out of range at \d+:\d+$/);
    expect(messageOf(quiet, "silent")).toMatch(/^aborted: no message at 6:\d+$/);
  });
});

describe("a fault", () => {
  it("doesn't repeat a text that was to be JSON", async () => {
    for (const guestText of [false, true]) {
      const outcome = (await script(guestText)).callJson("parses", 1);
      if (outcome.ok) throw new Error("it finished");
      expect(formatFault(outcome.fault)).not.toContain("swordfish");
      expect(outcome.fault.message).toContain("returned 10 characters that are no JSON");
    }
  });
});
