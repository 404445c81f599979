import type * as sha256Api from "@chainsafe/as-sha256";
import { freshImport } from "./fresh.ts";
import type { Program } from "./program.ts";

/** SHA-256 of messages of many lengths and, four at a time with SIMD, of a tree's inner nodes. */
export const asSha256: Program = {
  name: "as-sha256",
  language: "AssemblyScript",
  compiler: "asc",
  async start() {
    const hasher = await freshImport<typeof sha256Api>("@chainsafe/as-sha256");
    const message = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 3);
    const lengths = [0, 1, 55, 56, 64, 65, 511, 512, 513, message.length];
    return () => {
      const root = new Uint8Array(4_096 * 32);
      root.set(message);
      let nodes = root;
      while (nodes.length > 32) {
        const parents = new Uint8Array(nodes.length / 2);
        hasher.hashInto(nodes, parents);
        nodes = parents;
      }
      return [...lengths.map((length) => hasher.digest(message.subarray(0, length))), nodes];
    };
  },
};
