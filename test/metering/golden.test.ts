import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metered, wasm } from "./harness.ts";
import { listing } from "./listing.ts";

// Each `golden/<form>.wat`, and what the meter makes of it in `golden/<form>.metered.wat`.
// `UPDATE_GOLDEN=1` writes the latter anew; what it writes is to be read before it is kept.
const folder = new URL("./golden/", import.meta.url);
const suffix = ".metered.wat";
const forms = files()
  .filter((f) => !f.endsWith(suffix))
  .map((f) => f.replace(".wat", ""));
const updating = process.env["UPDATE_GOLDEN"] === "1";

function files(): string[] {
  return readdirSync(folder).sort();
}

function read(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

describe("what the meter writes", () => {
  it.each(forms)("for %s", (form) => {
    const text = listing(metered(wasm(read(`${form}.wat`))));
    const expected = `${form}${suffix}`;
    if (updating) writeFileSync(new URL(expected, folder), text);
    expect(text.split("\n")).toEqual(read(expected).split("\n"));
  });

  it("is expected of no form that isn't there", () => {
    const expected = files().filter((f) => f.endsWith(suffix));
    expect(expected).toEqual(forms.map((form) => `${form}${suffix}`));
  });
});
