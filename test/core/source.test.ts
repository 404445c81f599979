import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileCore, coreNames, coreSource } from "../../scripting/core/source.ts";

describe("a core", () => {
  it.each(coreNames)("%s: is what its sources compile to (else: npm run core)", async (name) => {
    const file = new URL(`../../scripting/core/${name}-core.ts`, import.meta.url);
    expect(readFileSync(file, "utf8")).toBe(coreSource(name, await compileCore(name)));
  });
});
