import { readFileSync } from "node:fs";
import { compile } from "../../../scripting/compile/compile.ts";
import { diskSources } from "../../../scripting/compile/node.ts";
import { generateBindings, type ScriptBinary } from "../../../scripting/index.ts";
import type { Game } from "./game.ts";

/** A game's scripts, compiled. @throws Error with the compiler's messages. */
export function gameBinaries(game: Game): Promise<ScriptBinary[]> {
  const { components, prefabs, messages, positions } = game;
  const bindings = generateBindings(components, prefabs, {
    messages,
    ...(positions && { positions }),
  });
  const { sdk } = diskSources(".");
  return Promise.all(
    game.scripts.map(async (name) => {
      const file = new URL(`${game.name}/${name}.as.ts`, import.meta.url);
      const files = new Map([
        [`scripts/${name}.ts`, readFileSync(file, "utf8")],
        ["scripts/components.ts", bindings],
      ]);
      const entry = `scripts/${name}.ts`;
      const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
      if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
      return result.binary;
    }),
  );
}
