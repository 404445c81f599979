// What compiling from disk takes: `fusewire/node`. Not for a page.
export { DiskFolder, diskSources, shippedSdkFolder } from "./disk.ts";
export {
  CompilePool,
  type CompilePoolOptions,
  type PoolCompileOptions,
  type PoolResult,
} from "./pool.ts";
