// Starts worker.ts where the package runs from its TypeScript sources, for which Node 20 needs a loader.
// Vite's leaves packages alone; tsx's rewrites the 14 MB of the compiler for ten seconds. Not part of the build.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

await runnerImport(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
  logLevel: "error",
});
