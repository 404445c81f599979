/** Memory beyond which a core is given back when memory is wanted elsewhere: WebAssembly's never shrinks. */
const maxKeptBytes = 16 << 20;

// The engine's own: who puts something of theirs in front of it, to meter what is compiled say, needs the
// cores for that.
const { Module, Instance, compile } = WebAssembly;

/** What every core exports; the addresses it takes and gives are offsets in its memory. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
}

/**
 * A part of Fusewire that is WebAssembly itself, because it looks at every byte of a module: compiled when it is
 * first asked for, then used for one load after the other. `build.ts` beside it makes the code.
 */
export class Core<Exports extends CoreExports> {
  private readonly code: string;
  private readonly imports: WebAssembly.Imports;
  /** How many instances there have been: while it stays the same, so does what is in memory. */
  instances = 0;
  private module: WebAssembly.Module | undefined;
  private compiling: Promise<WebAssembly.Module> | undefined;
  private kept: Exports | undefined;
  private large: WeakRef<object> | undefined;

  /** @param code the WebAssembly module, in base64. */
  constructor(code: string, imports: WebAssembly.Imports) {
    this.code = code;
    this.imports = imports;
  }

  /** The core, as whatever used it last has left it; or a new one. */
  private get exports(): Exports {
    this.kept ??= (this.large?.deref() as Exports | undefined) ?? this.instantiate();
    return this.kept;
  }

  private instantiate(): Exports {
    this.instances++;
    this.module ??= new Module(bytesOf(this.code));
    return new Instance(this.module, this.imports).exports as unknown as Exports;
  }

  /** Has it compiled off this thread, so that what comes first needn't wait for that. */
  async prepare(): Promise<void> {
    if (this.module !== undefined) return;
    // Several loads may begin at once.
    this.compiling ??= compile(bytesOf(this.code)).finally(() => {
      this.compiling = undefined;
    });
    this.module = await this.compiling;
  }

  /** Copies bytes into its memory. */
  write(address: number, bytes: Uint8Array): void {
    new Uint8Array(this.exports.memory.buffer, address, bytes.length).set(bytes);
  }

  /** `count` i32s of its memory, in place: valid until the core allocates. */
  ints(address: number, count: number): Int32Array {
    return new Int32Array(this.exports.memory.buffer, address, count);
  }

  /** `count` bytes of its memory, in place: valid until the core allocates. */
  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, address, count);
  }

  /** Runs something on it. An instance that traps isn't used again. */
  use<T>(run: (exports: Exports) => T): T {
    try {
      return run(this.exports);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.drop();
      throw error;
    }
  }

  /** A load is over: what a large module has made it take is given back once memory is wanted. */
  rest(): void {
    if (this.kept === undefined || this.kept.memory.buffer.byteLength <= maxKeptBytes) return;
    this.large = new WeakRef(this.kept);
    this.kept = undefined;
  }

  private drop(): void {
    this.kept = undefined;
    this.large = undefined;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
