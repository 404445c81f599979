import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isInside, shippedSdkFolder } from "../compile/disk.ts";
import type { CodegenOptions } from "../compile/options.ts";
import type { PoolCompileOptions } from "../compile/pool.ts";
import { scriptNameOf } from "../compile/source.ts";

/** Options of the Vite plugin. All have defaults that suit a game whose scripts lie in the same package. */
export interface FusewireOptions extends CodegenOptions {
  /**
   * The folder that scripts may import from and that their paths are told from, relative to Vite's root.
   * Default: the nearest folder with a `package.json`, from Vite's root upwards.
   */
  readonly root?: string;
  /** The folder of `fusewire/sdk`'s sources. Default: the one in this package. */
  readonly sdk?: string;
  /** A script's name by its project path. Default: the base name, `scripts/patrol.ts` → `patrol`. */
  readonly name?: (file: string) => string;
  /** Whether a script that doesn't compile shows Vite's error overlay while developing. Default true. */
  readonly overlay?: boolean;
  /**
   * Whether a build emits source maps, which faults need to name source lines. They hold the text of the
   * project's scripts. Default true.
   */
  readonly sourceMap?: boolean;
  /** See `CompilePoolOptions.maxWorkers`. */
  readonly maxWorkers?: number;
  /** See `CompilePoolOptions.timeoutMs`. */
  readonly timeoutMs?: number;
}

/** Where a project is, and what is asked of the compiler for one of its scripts. */
export class Project {
  readonly root: string;
  readonly sdkRoot: string;
  readonly #options: FusewireOptions;

  /** @param viteRoot Vite's root folder, absolute. */
  constructor(options: FusewireOptions, viteRoot: string) {
    const root = options.root ? resolve(viteRoot, options.root) : packageFolder(viteRoot);
    this.root = realpathSync(root);
    this.sdkRoot = options.sdk ? resolve(viteRoot, options.sdk) : shippedSdkFolder();
    this.#options = options;
  }

  /** `scripts/patrol.ts` of an absolute path; undefined when it lies outside. */
  fileOf(absolute: string): string | undefined {
    const real = existsSync(absolute) ? realpathSync(absolute) : absolute;
    if (!isInside(this.root, real)) return undefined;
    return relative(this.root, real).replaceAll("\\", "/");
  }

  compileOptions(file: string): PoolCompileOptions & { readonly name: string } {
    const { optimizeLevel, shrinkLevel, exportRuntime, name } = this.#options;
    return {
      entry: file,
      name: name?.(file) ?? scriptNameOf(file),
      ...(optimizeLevel !== undefined && { optimizeLevel }),
      ...(shrinkLevel !== undefined && { shrinkLevel }),
      ...(exportRuntime !== undefined && { exportRuntime }),
    };
  }
}

function packageFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return from;
  }
}
