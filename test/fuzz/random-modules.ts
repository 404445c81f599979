import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const tool = join(require.resolve("binaryen"), "../bin/wasm-opt");

/** Features that admission allows, by the names that wasm-opt knows them by. */
const allFeatures = [
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--enable-multivalue",
  "--enable-tail-call",
  "--enable-simd",
  "--enable-reference-types",
];

/** What the tool's script finds instead of globals. */
interface ToolModule {
  readonly onAbort: (reason: unknown) => void;
  readonly print: () => void;
  readonly printErr: (text: string) => void;
  instantiateWasm?: (imports: WebAssembly.Imports, done: (i: WebAssembly.Instance) => void) => void;
}

/**
 * Random valid modules, made by Binaryen's `wasm-opt -ttf` of random bytes. It is a program that
 * runs once and exits; this runs it again and again in one process, and compiles it once.
 */
export class RandomModules {
  readonly #directory = mkdtempSync(join(tmpdir(), "fusewire-fuzz-"));
  readonly #script: vm.Script;
  #compiled: WebAssembly.Module | undefined;

  constructor() {
    const text = readFileSync(tool, "utf8").replace(/^#!.*/, "");
    const names = "Module, require, process, WebAssembly, __filename, __dirname";
    this.#script = new vm.Script(`(function (${names}) {${text}\n})`, { filename: tool });
  }

  /** The module that a seed makes; seeds divisible by 4 have the features of the MVP only. */
  async make(
    seed: number,
    sizeBytes = 200 + (seed % 7) * (seed % 5) ** 2 * 200,
  ): Promise<Uint8Array> {
    const input = join(this.#directory, "input");
    const output = join(this.#directory, "output.wasm");
    writeFileSync(input, randomBytes(seed, sizeBytes));
    const features = seed % 4 === 0 ? [] : allFeatures.filter((_, i) => (seed >> i) % 3 !== 0);
    await this.#run([input, "-ttf", "--mvp-features", ...features, "--strip-debug", "-o", output]);
    return new Uint8Array(readFileSync(output));
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #run(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const said: string[] = [];
      const module: ToolModule = {
        onAbort: (reason) => reject(new Error(`wasm-opt: ${String(reason)}`)),
        print: () => {},
        printErr: (text) => said.push(text),
      };
      const compiled = this.#compiled;
      if (compiled !== undefined) {
        module.instantiateWasm = (imports, done) =>
          done(new WebAssembly.Instance(compiled, imports));
      }
      const own = Object.create(process, {
        argv: { value: ["node", tool, ...args] },
        // The last thing that the tool does, before it throws itself out.
        exitCode: {
          set: (status: number) => {
            if (status === 0) resolve();
            else reject(new Error(`wasm-opt ${args.join(" ")}: ${said.join("\n")}`));
          },
        },
      }) as NodeJS.Process;
      const wasm = Object.create(WebAssembly, {
        instantiate: {
          value: async (bytes: BufferSource, imports: WebAssembly.Imports) => {
            this.#compiled = await WebAssembly.compile(bytes);
            return { instance: await WebAssembly.instantiate(this.#compiled, imports) };
          },
        },
      }) as typeof WebAssembly;
      const start = this.#script.runInThisContext() as (...values: unknown[]) => void;
      start(module, require, own, wasm, tool, join(tool, ".."));
    });
  }
}

/** Bytes of a seed: xorshift32, so that they are the same everywhere. */
export function randomBytes(seed: number, count: number): Uint8Array {
  const next = randomNumbers(seed);
  return Uint8Array.from({ length: count }, () => next() & 0xff);
}

/** Numbers of 32 bits from a seed. */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
