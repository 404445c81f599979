import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBytes } from "../../engine/index.ts";
import { runCommandLine } from "../../scripting/cli/command-line.ts";
import { type FaultEvent, type FaultFile, reproduceFault } from "../../scripting/index.ts";
import { gameFolder } from "../scripts/game-folder.ts";
import { Position, rig, Trace } from "../system/harness.ts";
import { BuiltPackage } from "./built-package.ts";

const body = `
let calls: i32 = 0;
function check(self: Entity): void {
  if (Position.x[self] > 2 && calls > 2) unreachable();
}
export function onUpdate(self: Entity): void {
  calls++;
  Position.x[self] += 1;
  check(self);
  if (Trace.loads[self] == 1) while (true) {}
}`;

let fusewire: BuiltPackage;
let trap: FaultFile;
let spin: FaultFile;

beforeAll(async () => {
  fusewire = new BuiltPackage();
  const game = rig({ faultCaptures: 8 });
  await game.load("patrol", body);
  const walker = game.world.spawn(undefined, Position, Trace);
  const spinner = game.world.spawn(undefined, Position, Trace);
  for (const entity of [walker, spinner]) game.scripts.attach(entity, "patrol");
  game.world.columns(Trace).loads[game.world.indexOf(spinner)] = 1;
  game.frames(4);
  const files = game.of("fault").map((event: FaultEvent) => game.scripts.exportFault(event));
  trap = files.find(({ fault }) => fault.kind === "trap") as FaultFile;
  spin = files.find(({ fault }) => fault.kind === "out-of-fuel") as FaultFile;
});
afterAll(() => rmSync(fusewire.folder, { recursive: true }));

function game(): string {
  const packages = ["bitecs", "@assemblyscript", "@jridgewell", "assemblyscript"];
  const folder = gameFolder({}, packages);
  fusewire.installIn(folder);
  return folder;
}

function replay(file: unknown, folder = game()) {
  const text = typeof file === "string" ? file : JSON.stringify(file);
  writeFileSync(join(folder, "fault.json"), text);
  return fusewire.run(folder, "replay", "fault.json");
}

/** The same in this process. */
async function run(file: unknown) {
  const path = join(gameFolder({}, []), "fault.json");
  writeFileSync(path, typeof file === "string" ? file : JSON.stringify(file));
  const printed = { stdout: "", stderr: "" };
  const code = await runCommandLine(["replay", path], {
    print: (line) => {
      printed.stdout += `${line}\n`;
    },
    complain: (line) => {
      printed.stderr += `${line}\n`;
    },
  });
  return { code, ...printed };
}

describe("fusewire replay", () => {
  test("prints where the same call stops again, with the source line and the stack", () => {
    const { code, stdout, stderr } = replay(trap);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^patrol\.onUpdate, for entity 0x00100001, frame \d$/),
      "trap: trapped: unreachable",
      "at scripts/patrol.ts:5:42",
      "    if (Position.x[self] > 2 && calls > 2) unreachable();",
      expect.stringMatching(/^fuel used: \d/),
      "stack, innermost first:",
      ...trap.fault.stack.map(
        ({ functionName, location: at }) =>
          `  ${functionName} (${at?.file}:${at?.line}:${at?.column})`,
      ),
      "",
    ]);
  });

  test("counts the same fuel", () => {
    const { code, stdout } = replay(spin);
    expect(code).toBe(0);
    expect(stdout).toContain("out-of-fuel: used up its fuel: 100,000 fuel are all a call has");
    expect(stdout).toContain(`fuel used: ${spin.fault.fuelUsed.toLocaleString("en")}`);
  });

  test("exits with 1 and says what differs when another fault comes up, or none", async () => {
    const slower = { ...spin, limits: { ...spin.limits, fuelPerCall: 50_000 } };
    expect(await run(slower)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not the same fault: its fuel is 5"),
    });
    const other = { ...trap, fault: { ...trap.fault, kind: "abort" } };
    expect((await run(other)).stderr).toContain("the fault is trap; it was abort");
    const [first, ...rest] = trap.calls;
    const asked = { ...trap, calls: [{ ...first, args: [77] }, ...rest] };
    expect(await run(asked)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /host call 1 is component\.Position\.x\.get\(1048577\); it was .*\(77\)/,
      ),
    });
    const low = {
      ...trap,
      calls: trap.calls.map((call) => (call.result === undefined ? call : { ...call, result: 0 })),
    };
    expect(await run(low)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Position.x.set"),
    });
    const none = { ...trap, calls: [] };
    expect((await run(none)).stderr).toContain("there was none");
    const fresh = {
      ...trap,
      memory: { ...trap.memory, bytes: "", globals: trap.memory.globals.map(() => 0) },
    };
    expect((await run(fresh)).code).toBe(1);
  });

  test("exits with 2 for a file that makes no sense", async () => {
    const bad: readonly (readonly [unknown, string])[] = [
      ["{", "JSON"],
      [[], "it is no object"],
      [{ ...trap, format: "fault" }, "isn't of the format"],
      [{ ...trap, version: 3 }, "its version is 3"],
      [{ ...trap, module: "AGFzbQ==" }, "malformed"],
      [{ ...trap, module: packBytes(new TextEncoder().encode("import fs")) }, "malformed"],
      [{ ...trap, hook: "constructor" }, 'the module exports no "constructor"'],
      [{ ...trap, imports: [] }, "import is no whole number"],
      [{ ...trap, limits: { ...trap.limits, fuelPerCall: -1 } }, "limit fuelPerCall must be"],
      [
        {
          ...trap,
          imports: trap.imports.map(() => ({ ...trap.imports[0], module: "env", name: "abort" })),
        },
        "already defined",
      ],
      [{ ...trap, limits: { wishes: 3 } }, 'unknown limit "wishes"'],
      [{ ...trap, memory: { ...trap.memory, pages: 1e6 } }, "pages of memory"],
      [{ ...trap, memory: { ...trap.memory, globals: ["x"] } }, "a global is no number"],
      [
        { ...trap, calls: [{ import: 0, args: [], steps: [{ do: "eval" }] }] },
        "there is no such step",
      ],
      [
        { ...trap, calls: [{ import: 0, args: [], steps: [{ do: "charge", fuel: -5 }] }] },
        "less than none",
      ],
      [{ ...trap, fault: { ...trap.fault, kind: "__proto__" } }, "of no known kind"],
      [{ ...trap, sourceMap: { version: 3 } }, "source map"],
    ];
    for (const [file, text] of bad) {
      const { code, stderr, stdout } = await run(file);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(/^fusewire replay: .*fault\.json: /),
      });
      expect(stderr).toContain(text);
    }
    expect(replay("{").code).toBe(2);
    expect(fusewire.run(game(), "replay", "nowhere.json").code).toBe(2);
  });

  test("doesn't let a file draw on the terminal", () => {
    const forged = {
      ...trap,
      script: "\u001b[2Jpatrol\nall is well",
      limits: { ...trap.limits, fuelPerCall: "Infinity" },
    };
    const { stdout } = replay(forged);
    expect(stdout).not.toContain("\u001b");
    expect(stdout.split("\n")[0]).toContain("all is well");
  });

  test("has help, and wants one file", () => {
    const folder = game();
    const help = fusewire.run(folder, "replay", "--help");
    expect([help.code, help.stdout.split("\n")[0]]).toEqual([
      0,
      "fusewire replay <file>: makes the stopped call of a fault's file again, and says where it stops",
    ]);
    expect(fusewire.run(folder, "replay").code).toBe(2);
    expect(fusewire.run(folder, "replay", "a.json", "b.json").code).toBe(2);
    expect(fusewire.run(folder, "--help").stdout).toContain("reproduces a fault from its file");
  });
});

describe("a fault's file that was tampered with", () => {
  test("is refused, or run in the sandbox all the same", async () => {
    const text = JSON.stringify({ ...trap, module: undefined, sourceMap: undefined });
    const { module } = trap;
    for (let at = 0; at < text.length; at += Math.ceil(text.length / 400)) {
      for (const char of ['"', "9", "-", "}"]) {
        let file: FaultFile;
        try {
          file = { ...JSON.parse(text.slice(0, at) + char + text.slice(at + 1)), module };
        } catch {
          continue;
        }
        await reproduceFault(file).catch((error: Error) =>
          expect(error.name).toBe("SnapshotError"),
        );
      }
    }
  });
});
