import { build, type Rolldown } from "vite";

/** A script of this folder and all that it imports as one, the way a game would ship it. */
export async function bundle(file: string, format: "iife" | "es"): Promise<string> {
  const entry = new URL(file, import.meta.url).pathname;
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: [format], name: "bench" },
      rollupOptions: { external: [/^node:/] },
    },
  })) as Rolldown.RolldownOutput[];
  const chunk = result[0]?.output[0];
  if (chunk?.type !== "chunk") throw new Error(`${file} wasn't built`);
  return chunk.code;
}
