import { existsSync, readFileSync } from "node:fs";
import { admit, limitProfiles, meter, verify } from "../../../scripting/index.ts";
import { kernelImports, meteredKernel, rawKernel } from "../kernel.ts";
import { alternate } from "../measure.ts";
import type { MvpKernel } from "./mvp.ts";
import { startQuickJs } from "./quickjs.ts";
import { GasMeter, meterByImport } from "./wasm-metering.ts";

/** What it costs to hold a kernel by Fusewire and by others, over the same kernel unheld. */
export interface PeerResult {
  readonly name: string;
  readonly rawMs: number;
  /** Metered by Fusewire over raw, medians. */
  readonly fusewireRatio: number;
  /** Metered by wasm-metering over raw, medians. */
  readonly wasmMeteringRatio: number;
  /** The same in JavaScript, by QuickJS, over raw, medians; undefined for a kernel nobody wrote in JavaScript. */
  readonly quickJsRatio: number | undefined;
  readonly bytes: number;
  /** Admission, metering and verification, warm. */
  readonly fusewireLoadMs: number;
  /** `meterWASM`, warm. It verifies nothing. */
  readonly wasmMeteringLoadMs: number;
  readonly fusewireSizeRatio: number;
  readonly wasmMeteringSizeRatio: number;
}

const limits = limitProfiles.unlimited;
const gas = 1e15;

function meterByFusewire(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const metered = meter(admit(bytes, { limits })).bytes;
  verify(metered);
  return metered as Uint8Array<ArrayBuffer>;
}

async function gasKernel(bytes: Uint8Array<ArrayBuffer>): Promise<() => number> {
  const meter = new GasMeter();
  meter.fill(gas);
  const imports = { ...kernelImports, ...meter.imports };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  const run = instance.exports["run"] as () => number;
  return () => {
    meter.fill(gas);
    return run();
  };
}

async function scriptKernel(name: string): Promise<(() => number) | undefined> {
  const file = new URL(`./scripts/${name}.js`, import.meta.url);
  return existsSync(file) ? startQuickJs(readFileSync(file, "utf8")) : undefined;
}

/**
 * Times a kernel raw and held in each way, in turn.
 * @throws Error when they don't return the same.
 */
export async function benchPeers(kernel: MvpKernel, rounds: number): Promise<PeerResult> {
  const { name } = kernel;
  const bytes = new Uint8Array(kernel.bytes);
  const byFusewire = meterByFusewire(bytes);
  const byImport = meterByImport(bytes);
  const raw = await rawKernel(bytes);
  const held = [await meteredKernel(byFusewire), await gasKernel(byImport)] as const;
  const script = await scriptKernel(name);
  const expected = raw();
  for (const run of [...held, script ?? raw]) {
    const value = run();
    if (value !== expected) throw new Error(`${name}: one returns ${value}, raw ${expected}`);
  }
  const [rawMs, fusewireMs, wasmMeteringMs, quickJsMs] = alternate(
    [raw, ...held, ...(script === undefined ? [] : [script])],
    rounds,
  ) as [number, number, number, number | undefined];
  const [fusewireLoadMs, wasmMeteringLoadMs] = alternate(
    [() => meterByFusewire(bytes), () => meterByImport(bytes)],
    rounds,
  );
  return {
    name,
    rawMs,
    fusewireRatio: fusewireMs / rawMs,
    wasmMeteringRatio: wasmMeteringMs / rawMs,
    quickJsRatio: quickJsMs === undefined ? undefined : quickJsMs / rawMs,
    bytes: bytes.length,
    fusewireLoadMs,
    wasmMeteringLoadMs,
    fusewireSizeRatio: byFusewire.length / bytes.length,
    wasmMeteringSizeRatio: byImport.length / bytes.length,
  };
}
