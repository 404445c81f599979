import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import { StopReason } from "../../scripting/metering/codes.ts";
import {
  beginExport,
  meterModule,
  refillName,
  startExport,
  stopExport,
} from "../../scripting/metering/protocol.ts";

/** How something that was run came to its end. */
export type Ending =
  | { readonly kind: "finished" }
  | { readonly kind: "trap"; readonly message: string }
  /** `by`: whose limit it was. */
  | { readonly kind: "exhaustion"; readonly by: "engine" | "call depth" }
  | { readonly kind: "exception" }
  /** Import or export of another kind or type. */
  | { readonly kind: "unlinkable"; readonly message: string }
  /** Nothing that a module may do. */
  | { readonly kind: "broken"; readonly message: string };

/** What a script's modules run on; one for each run of a script. */
export interface Engine {
  /** @throws CompileError or AdmissionError for a module that isn't taken. */
  compile(bytes: Uint8Array): WebAssembly.Module;
  /** Throws what ends it, the module's start included. */
  instantiate(compiled: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports;
  /** Runs what calls into the modules. */
  run(call: () => void): Ending;
}

/** The engine as it is. */
export class RawEngine implements Engine {
  compile(bytes: Uint8Array): WebAssembly.Module {
    return new WebAssembly.Module(bytes as BufferSource);
  }

  instantiate(compiled: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
    return new WebAssembly.Instance(compiled, imports).exports;
  }

  run(call: () => void): Ending {
    return endingOf(call);
  }
}

/** So small that the code runs out of fuel nearly wherever it looks, and goes on. */
const sliceFuel = 10;
/** No call of a test suite takes as much; one that does has lost its way. */
const runawayFuel = 2 ** 33;

/**
 * Admits, meters and verifies every module. Instances call each other directly, as they do raw, so
 * an entry into any of them gives fuel and call depth to all.
 */
export class MeteredEngine implements Engine {
  readonly #begins: ((fuel: number, depth: number) => void)[] = [];
  readonly #stops: WebAssembly.Global[] = [];
  #burnt = 0;

  compile(bytes: Uint8Array): WebAssembly.Module {
    const metered = meter(admit(bytes, { limits: limitProfiles.unlimited })).bytes;
    verify(metered);
    return new WebAssembly.Module(metered as BufferSource);
  }

  instantiate(compiled: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
    const refill = (remaining: number): number => {
      this.#burnt += sliceFuel - remaining;
      if (this.#burnt > runawayFuel) throw new Error("a metered call doesn't end");
      return sliceFuel;
    };
    const all = { ...imports, [meterModule]: { [refillName]: refill } };
    const { exports } = new WebAssembly.Instance(compiled, all);
    this.#begins.push(exports[beginExport] as (fuel: number, depth: number) => void);
    this.#stops.push(exports[stopExport] as WebAssembly.Global);
    const start = exports[startExport] as (() => void) | undefined;
    if (start !== undefined) {
      this.#begin();
      start();
    }
    return exports;
  }

  run(call: () => void): Ending {
    this.#begin();
    const ending = endingOf(call);
    const stopped = this.#stops.some((stop) => stop.value === StopReason.stackOverflow);
    if (!stopped) return ending;
    return ending.kind === "trap"
      ? { kind: "exhaustion", by: "call depth" }
      : { kind: "broken", message: `${ending.kind} behind a stop by call depth` };
  }

  #begin(): void {
    this.#burnt = 0;
    for (const begin of this.#begins) begin(sliceFuel, limitProfiles.unlimited.callDepth);
  }
}

function endingOf(call: () => void): Ending {
  try {
    call();
    return { kind: "finished" };
  } catch (thrown) {
    if (thrown instanceof WebAssembly.LinkError || thrown instanceof TypeError) {
      return { kind: "unlinkable", message: thrown.message };
    }
    if (thrown instanceof WebAssembly.RuntimeError) {
      return { kind: "trap", message: thrown.message };
    }
    if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
      return { kind: "exhaustion", by: "engine" };
    }
    if (thrown instanceof WebAssembly.Exception) return { kind: "exception" };
    return { kind: "broken", message: String(thrown) };
  }
}
