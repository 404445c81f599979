import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

function source(part: string): string {
  return fileURLToPath(new URL(`../${part}/index.ts`, import.meta.url));
}

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  // The README's code, as it is, on the sources.
  resolve: {
    alias: { "fusewire/engine": source("engine"), "fusewire/scripting": source("scripting") },
  },
  test: {
    include: ["test/**/*.test.ts"],
    reporters: [fileURLToPath(new URL("./reporter.ts", import.meta.url))],
    // A test that waits for a compiler or a browser on a busy machine; no test asserts a time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
