import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addReport, emptyReport } from "./seed.ts";
import { SeedPool } from "./seed-pool.ts";

function start(...options: string[]): ChildProcess {
  const program = fileURLToPath(new URL("run.ts", import.meta.url));
  return spawn(process.execPath, ["--import", "tsx", program, ...options]);
}

/** What a run prints, and how it exits. */
function ended(run: ChildProcess): Promise<{ text: string; code: number | null }> {
  let text = "";
  run.stdout?.on("data", (part) => {
    text += part;
  });
  return new Promise((resolve) => run.once("close", (code) => resolve({ text, code })));
}

describe("npm run fuzz", () => {
  it("prints what it checked", async () => {
    const { text, code } = await ended(start("--count", "4", "--seed", "9", "--processes", "2"));
    expect(text).toMatch(/^4 modules: \d+ calls/m);
    expect(text).toMatch(/^40 mutants/m);
    expect(text).toMatch(/^4 programs$/m);
    const stops = /^(\d+) budgets, (\d+) of them below the cost: every one of those stopped$/m;
    const [, budgets, below] = stops.exec(text) ?? [];
    expect(Number(below)).toBeGreaterThan(10);
    expect(Number(budgets)).toBeGreaterThan(Number(below));
    expect(text).toMatch(/^no difference$/m);
    expect(code).toBe(0);
  });

  it("prints its totals when it is cut off", async () => {
    const run = start("--count", "1000000");
    const end = ended(run);
    await new Promise((resolve) => run.stdout?.once("data", resolve));
    run.kill("SIGINT");
    const { text, code } = await end;
    expect(text).toMatch(/^cut off by SIGINT after \d+ of 1000000$/m);
    expect(text).toMatch(/^\d+ modules: \d+ calls/m);
    expect(code).toBe(130);
  });
});

describe("a pool of processes", () => {
  const directory = mkdtempSync(join(tmpdir(), "fusewire-pool-"));
  const program = join(directory, "program.mjs");

  beforeAll(() => {
    writeFileSync(
      program,
      `process.on("disconnect", () => process.exit());
      process.on("message", (seed) => {
        if (seed === 3) process.kill(process.pid, "SIGKILL");
        if (seed === 4) for (;;);
        const counts = { modules: {}, mutants: {}, programs: { checked: 1 }, failures: [] };
        process.send(counts);
      });`,
    );
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it("goes on behind a seed that kills its process, and one that never ends", async () => {
    const sum = emptyReport();
    const pool = new SeedPool({
      program: pathToFileURL(program),
      processes: 1,
      seedTimeMs: 1_000,
      onReport: (report) => addReport(sum, report),
    });
    await pool.run([1, 2, 3, 4, 5, 6].values());
    expect(sum.programs.checked).toBe(4);
    expect(sum.failures).toEqual([
      { seed: 3, text: "its process ended by SIGKILL" },
      { seed: 4, text: "no end in 1000 ms" },
    ]);
  });
});
