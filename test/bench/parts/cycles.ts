import { compiled } from "../../compiled.ts";
import type { CyclesResult } from "../cycles-process.ts";
import { encodeBytes } from "../encoded.ts";
import { row } from "../print.ts";
import { runInNode } from "../process.ts";

const count = 100_000;
const mib = 1024 * 1024;

const source = `
const list: i32[] = [];
for (let i = 0; i < 100; i++) list.push(i);
export function update(i: i32): i32 { return list[i]; }
`;

/** What stays in memory over many loads and unloads, and over many faults and restarts. Takes minutes. */
export async function cycles(): Promise<unknown> {
  const module = encodeBytes(await compiled("cycle.ts", source));
  const results: Record<string, CyclesResult> = {};
  for (const kind of ["load", "fault"]) {
    const input = { module, kind, cycles: count };
    const r = (await runInNode("./cycles-process.ts", ["--expose-gc"], input)) as CyclesResult;
    results[kind] = r;
    const title = kind === "load" ? "loads and unloads" : "faults and restarts";
    console.log(`\n${count.toLocaleString("en")} ${title} in ${(r.ms / 1000).toFixed(0)} s, MiB`);
    row("after a tenth each", "heap", "external", "resident");
    for (let i = 0; i < r.heapBytes.length; i++) {
      const figures = [r.heapBytes[i], r.externalBytes[i], r.residentBytes[i]] as number[];
      row(String(i + 1), ...figures.map((bytes) => (bytes / mib).toFixed(1)));
    }
  }
  return results;
}
