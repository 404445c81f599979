import { admit, limitProfiles, meter, verify } from "../../scripting/index.ts";
import {
  beginExport,
  meterModule,
  refillName,
  remainingExport,
  startExport,
} from "../../scripting/metering/protocol.ts";
import { CallBudget } from "../../scripting/runtime/call-budget.ts";

/** Thrown out of a program that has burnt all it was given. */
export class OutOfFuel extends Error {
  override readonly name = "OutOfFuel";
  constructor() {
    super("out-of-fuel");
  }
}

/** A module that a program gave the engine, and what the engine made of it. */
export interface ProgramModule {
  readonly bytes: Uint8Array;
  readonly metered: Uint8Array;
}

type GuestFunction = (...args: unknown[]) => unknown;
type Source = BufferSource | WebAssembly.Module;

const depth = 2_000;

/**
 * An engine that meters what it is given to compile, so that a program that brings its own loader
 * runs metered without knowing it. Fuel is handed out in the runtime's own slices.
 */
export class MeteredEngine {
  /** Fuel burnt by the program in all calls that have ended. */
  fuel = 0;
  /** Fuel that the program may burn yet. At zero nothing of it runs any more. */
  left = Infinity;
  /** What the program brought, in the order of compilation. */
  readonly modules: ProgramModule[] = [];

  /** Runs `start`, and leaves what it compiles and instantiates in this engine for good. */
  async start<T>(start: () => Promise<T>): Promise<T> {
    const { instantiate, compile, Module, Instance } = WebAssembly;
    const instance = (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
      const guest = new Guest(this);
      return guest.enter(new Instance(module, guest.imports(imports)));
    };
    const hooks = {
      compile: async (source: BufferSource) => compile(this.metered(source)),
      instantiate: async (source: Source, imports?: WebAssembly.Imports) => {
        if (source instanceof Module) return instance(source, imports);
        const module = await compile(this.metered(source));
        return { module, instance: instance(module, imports) };
      },
      Module: new Proxy(Module, {
        construct: (target, [source]: [BufferSource]) => new target(this.metered(source)),
      }),
      Instance: new Proxy(Instance, {
        construct: (_, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?]) =>
          instance(module, imports),
      }),
    };
    Object.assign(WebAssembly, hooks);
    try {
      return await start();
    } finally {
      Object.assign(WebAssembly, { instantiate, compile, Module, Instance });
    }
  }

  /** @internal Takes what a call has burnt off what is left. */
  burn(fuel: number): void {
    this.fuel += fuel;
    this.left = Math.max(0, this.left - fuel);
  }

  private metered(source: BufferSource): BufferSource {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
      : new Uint8Array(source).slice();
    const metered = meter(admit(bytes, { limits: limitProfiles.unlimited })).bytes;
    verify(metered);
    this.modules.push({ bytes, metered });
    return metered as BufferSource;
  }
}

/** One instance of one metered module. */
class Guest {
  private readonly budget = new CallBudget(() => performance.now());
  private begin: (fuel: number, depth: number) => void = () => {};
  private remaining: () => number = () => 0;
  private entries = 0;

  constructor(private readonly engine: MeteredEngine) {}

  imports(imports: WebAssembly.Imports = {}): WebAssembly.Imports {
    const refill = (remaining: number): number => {
      const slice = this.budget.refill(remaining);
      if (slice >= 0) return slice;
      throw this.exhausted();
    };
    return { ...imports, [meterModule]: { [refillName]: refill } };
  }

  /** The instance as the program sees it: every function of it under the engine's budget. */
  enter(instance: WebAssembly.Instance): WebAssembly.Instance {
    const exports: Record<string, unknown> = { ...instance.exports };
    this.begin = exports[beginExport] as Guest["begin"];
    this.remaining = exports[remainingExport] as Guest["remaining"];
    for (const [name, value] of Object.entries(exports)) {
      if (typeof value === "function") exports[name] = this.entry(value as GuestFunction);
    }
    (exports[startExport] as GuestFunction | undefined)?.();
    return Object.create(WebAssembly.Instance.prototype, { exports: { value: exports } });
  }

  private entry(run: GuestFunction): GuestFunction {
    return (...args) => {
      // An entry from inside of a host call shares what the outer one has.
      const outermost = this.entries === 0;
      if (this.engine.left === 0) throw this.exhausted();
      const slice = outermost ? this.budget.begin(this.engine.left, Infinity) : this.remaining();
      this.begin(slice, depth >> this.entries);
      this.entries++;
      try {
        return run(...args);
      } finally {
        this.entries--;
        if (outermost) this.settle();
      }
    };
  }

  private settle(): void {
    const remaining = this.remaining();
    const overdrawn = this.budget.isOverdrawn(remaining);
    this.engine.burn(this.budget.used(remaining));
    if (overdrawn) throw this.exhausted();
  }

  private exhausted(): OutOfFuel {
    this.engine.left = 0;
    return new OutOfFuel();
  }
}
