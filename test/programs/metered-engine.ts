import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import {
  beginExport,
  meterModule,
  refillName,
  remainingExport,
  startExport,
} from "../../scripting/metering/protocol.ts";

/** What a program burnt. */
export interface Meter {
  fuel: number;
}

const slice = 1_000_000;
const depth = 2_000;

/**
 * Runs `start` with an engine that meters what it is given to instantiate, so that a program that
 * brings its own loader runs metered without knowing it.
 */
export async function metering<T>(start: () => Promise<T>, meterOf: Meter): Promise<T> {
  const { instantiate, compile } = WebAssembly;
  const hooked = WebAssembly as { instantiate: unknown; compile: unknown };
  const metered = (source: BufferSource): BufferSource => {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    const result = meter(admit(bytes, { limits: limitProfiles.unlimited })).bytes;
    verify(result);
    return result as BufferSource;
  };
  const withMeter = (imports: WebAssembly.Imports = {}): WebAssembly.Imports => ({
    ...imports,
    [meterModule]: {
      [refillName]: (remaining: number) => {
        meterOf.fuel += slice - remaining;
        return slice;
      },
    },
  });
  const entered = (instance: WebAssembly.Instance): WebAssembly.Instance => {
    const exports: Record<string, unknown> = { ...instance.exports };
    const begin = exports[beginExport] as (fuel: number, depth: number) => void;
    const remaining = exports[remainingExport] as () => number;
    for (const [name, value] of Object.entries(exports)) {
      if (typeof value !== "function") continue;
      exports[name] = (...args: unknown[]) => {
        begin(slice, depth);
        const result = (value as (...args: unknown[]) => unknown)(...args);
        meterOf.fuel += slice - remaining();
        return result;
      };
    }
    (exports[startExport] as (() => void) | undefined)?.();
    return { exports } as unknown as WebAssembly.Instance;
  };
  hooked.compile = (source: BufferSource) => compile(metered(source));
  hooked.instantiate = async (
    source: BufferSource | WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => {
    if (source instanceof WebAssembly.Module) {
      return entered(await instantiate(source, withMeter(imports)));
    }
    const module = await compile(metered(source));
    return { module, instance: entered(await instantiate(module, withMeter(imports))) };
  };
  try {
    return await start();
  } finally {
    Object.assign(hooked, { instantiate, compile });
  }
}
