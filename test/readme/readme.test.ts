import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings } from "../../scripting/index.ts";
import { components, start } from "./game.ts";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

describe("the README", () => {
  it.each(["test/readme/patrol.as.ts", "test/readme/game.ts"])("shows %s as it is", (path) => {
    expect(text("README.md")).toContain(text(path).trim());
  });

  it("shows code that works", async () => {
    const files = new Map([
      ["scripts/patrol.ts", text("test/readme/patrol.as.ts")],
      ["scripts/components.ts", generateBindings(components, [])],
    ]);
    const { sdk } = diskSources(root.pathname);
    const entry = "scripts/patrol.ts";
    const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
    if (!result.ok) throw new Error(result.diagnostics[0]?.message);
    const { game, guard, store } = await start(result.binary);
    // A busy machine may defer a frame's call, so it is the way that counts, not its length.
    const xs: number[] = [];
    for (let i = 0; i < 2_000 && (xs.at(-1) ?? 0) >= (xs.at(-2) ?? 0); i++) {
      game.step(1000 / 60);
      xs.push(store.x[guard] as number);
    }
    expect(Math.max(...xs)).toBeGreaterThan(50);
    expect(Math.max(...xs)).toBeLessThan(51);
    expect(xs.at(-1)).toBeLessThan(Math.max(...xs));
  });
});
