import { newQuickJSWASMModuleFromVariant } from "quickjs-emscripten-core";
import type { Program } from "./program.ts";

const script = `
  class Vector {
    constructor(x, y) { this.x = x; this.y = y; }
    plus(other) { return new Vector(this.x + other.x, this.y + other.y); }
  }
  function* primes(below) {
    const composite = new Set();
    for (let n = 2; n < below; n++) {
      if (composite.has(n)) continue;
      yield n;
      for (let m = n * n; m < below; m += n) composite.add(m);
    }
  }
  const found = [...primes(3000)];
  let at = new Vector(0, 0);
  for (let i = 0; i < 3000; i++) at = at.plus(new Vector(Math.cos(i), Math.sin(i) / 3));
  const words = "the quick brown fox jumps over the lazy dog".repeat(30).split(/\\s+/);
  const counts = new Map();
  for (const word of words.sort()) counts.set(word, (counts.get(word) ?? 0) + 1);
  let caught = "";
  try { null.missing; } catch (error) { caught = error.message; }
  const deep = (n) => (n === 0 ? 0 : 1 + deep(n - 1));
  JSON.stringify({
    primes: found.length, last: found.at(-1), big: (2n ** 521n - 1n).toString(36),
    at, counts: [...counts], caught, deep: deep(200),
    replaced: "2024-02-29".replace(/(?<y>\\d+)-(?<m>\\d+)-(?<d>\\d+)/, "$<d>.$<m>.$<y>"),
  });
`;

/** A JavaScript engine runs a script. */
export const quickJs: Program = {
  name: "QuickJS",
  language: "C",
  compiler: "Emscripten",
  async start() {
    const engine = await newQuickJSWASMModuleFromVariant(
      import("@jitl/quickjs-wasmfile-release-sync"),
    );
    return () => [String(engine.evalCode(script))];
  },
};
