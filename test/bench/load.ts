import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import { median } from "./measure.ts";
import type { ShippedModule } from "./shipped.ts";

/** How fast a module gets through admission, metering and verification, warm. */
export interface LoadResult {
  readonly name: string;
  readonly bytes: number;
  readonly ms: number;
  readonly mbPerSecond: number;
  /** The same over the time of `WebAssembly.validate`, which is a part of it. */
  readonly overValidate: number;
  /** Metered bytes over the module's. */
  readonly sizeRatio: number;
  /** Most memory in use at the end of a step, over the module's bytes; undefined without `--expose-gc`. */
  readonly memoryRatio: number | undefined;
}

const limits = limitProfiles.unlimited;

function loaded(bytes: Uint8Array): Uint8Array {
  const metered = meter(admit(bytes, { limits })).bytes;
  verify(metered);
  return metered;
}

function timed(body: () => unknown): number {
  const start = performance.now();
  body();
  return performance.now() - start;
}

export function benchLoad({ name, bytes }: ShippedModule): LoadResult {
  const rounds = Math.max(3, Math.min(60, Math.round(6e6 / bytes.length)));
  for (let i = 0; i < rounds; i++) loaded(bytes);
  const times: number[] = [];
  const validations: number[] = [];
  for (let i = 0; i < rounds; i++) {
    times.push(timed(() => loaded(bytes)));
    validations.push(timed(() => WebAssembly.validate(bytes as BufferSource)));
  }
  const ms = median(times);
  return {
    name,
    bytes: bytes.length,
    ms,
    mbPerSecond: bytes.length / 1e3 / ms,
    overValidate: ms / median(validations),
    sizeRatio: loaded(bytes).length / bytes.length,
    memoryRatio: memoryRatio(bytes),
  };
}

function memoryRatio(bytes: Uint8Array): number | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  gc();
  const before = used();
  const admitted = admit(bytes, { limits });
  gc();
  const afterAdmit = used();
  const metered = meter(admitted);
  gc();
  const afterMeter = used();
  verify(metered.bytes);
  const afterVerify = used();
  return (Math.max(afterAdmit, afterMeter, afterVerify) - before) / bytes.length;
}
