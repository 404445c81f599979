import { defineConfig } from "vite";
import { fusewire } from "../scripting/vite/index.ts";

/** `npm start` runs this with hot reload; `vite build demo` makes a static page of it. */
export default defineConfig({
  base: "./",
  // The page shows compile errors itself, beside a game that goes on.
  plugins: [fusewire({ overlay: false })],
  optimizeDeps: { include: ["pixi.js"] },
  build: { target: "es2022", chunkSizeWarningLimit: 1_000 },
});
