import { geometricMean } from "../measure.ts";
import { mvpKernels } from "../peers/mvp.ts";
import { benchPeers, type PeerResult } from "../peers/peers.ts";
import { row } from "../print.ts";
import { withOptimising } from "../tier-flags.ts";

/** A run by others takes a hundred times as long. */
const shareOfRounds = 1 / 6;

export async function peers(rounds: number): Promise<unknown> {
  const kernels = await mvpKernels();
  console.log(
    "\nKernels in WebAssembly 1.0 (JavaScript for QuickJS), held by Fusewire and others, over raw;" +
      "\nload: admit to verify, and meterWASM",
  );
  row("", "raw", "fusewire", "metering", "quickjs", "bytes", "fusewire", "metering");
  row("kernel", "ms", "time", "time", "time", "", "load ms", "load ms");
  const results = await withOptimising(async () => {
    const results: PeerResult[] = [];
    for (const kernel of kernels) {
      const r = await benchPeers(kernel, Math.ceil(rounds * shareOfRounds));
      results.push(r);
      row(
        r.name,
        r.rawMs.toFixed(2),
        r.fusewireRatio.toFixed(3),
        r.wasmMeteringRatio.toFixed(2),
        r.quickJsRatio?.toFixed(1) ?? "",
        r.bytes.toLocaleString("en"),
        r.fusewireLoadMs.toFixed(2),
        r.wasmMeteringLoadMs.toFixed(2),
      );
    }
    return results;
  });
  const geomean = (of: (r: PeerResult) => number | undefined): number =>
    geometricMean(results.map(of).filter((ratio) => ratio !== undefined));
  const geomeans = {
    fusewire: geomean((r) => r.fusewireRatio),
    wasmMetering: geomean((r) => r.wasmMeteringRatio),
    quickJs: geomean((r) => r.quickJsRatio),
    fusewireSize: geomean((r) => r.fusewireSizeRatio),
    wasmMeteringSize: geomean((r) => r.wasmMeteringSizeRatio),
  };
  row(
    "geometric mean",
    "",
    geomeans.fusewire.toFixed(3),
    geomeans.wasmMetering.toFixed(2),
    geomeans.quickJs.toFixed(1),
  );
  row("size", "", geomeans.fusewireSize.toFixed(2), geomeans.wasmMeteringSize.toFixed(2));
  return { geomeans, kernels: results };
}
