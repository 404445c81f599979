import { programs as all } from "../../programs/index.ts";
import { geometricMean } from "../measure.ts";
import { row } from "../print.ts";
import { benchProgram } from "../programs.ts";
import { withOptimising } from "../tier-flags.ts";

export async function programs(rounds: number): Promise<unknown> {
  console.log(
    "\nPrograms out of packages, metered over raw, optimising tier; load: admit to verify",
  );
  row("program", "bytes", "load ms", "size", "raw ms", "metered ms", "ratio", "Mfuel");
  const results = await withOptimising(async () => {
    const results = [];
    for (const program of all) {
      const r = await benchProgram(program, rounds);
      results.push(r);
      row(
        r.name,
        r.bytes.toLocaleString("en"),
        r.loadMs.toFixed(2),
        r.sizeRatio.toFixed(2),
        r.rawMs.toFixed(2),
        r.meteredMs.toFixed(2),
        r.ratio.toFixed(3),
        (r.fuel / 1e6).toFixed(1),
        `  ${r.language}: ${r.compiler}`,
      );
    }
    return results;
  });
  const geomean = geometricMean(results.map((r) => r.ratio));
  row("geometric mean", "", "", "", "", "", geomean.toFixed(3));
  return { geomean, worst: Math.max(...results.map((r) => r.ratio)), programs: results };
}
