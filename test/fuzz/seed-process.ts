import { RandomModules } from "./random-modules.ts";
import { checkSeed } from "./seed.ts";

// A process that checks the seeds it is sent, one at a time, and answers with reports. It ends when
// its parent lets go of it.

const modules = new RandomModules();
process.on("disconnect", () => {
  modules.close();
  process.exit();
});
process.on("message", async (seed: number) => {
  const report = await checkSeed(modules, seed);
  process.send?.(report);
});
