// What compiling from disk takes: `fusewire/node`. Not for a page.
export { DiskFolder, diskSources, shippedSdkFolder } from "./compile-disk.ts";
export {
  CompilePool,
  type CompilePoolOptions,
  type PoolCompileOptions,
  type PoolResult,
} from "./compile-pool.ts";
