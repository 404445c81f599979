import { compile } from "../../scripting/compile/compile.ts";
import { diskSources } from "../../scripting/compile/node.ts";
import { generateBindings, type ScriptBinary } from "../../scripting/index.ts";
import { movementSource, Position, Velocity } from "./movement.ts";

export async function movementBinary(): Promise<ScriptBinary> {
  const files = new Map([
    ["scripts/movement.ts", movementSource],
    ["scripts/components.ts", generateBindings([Position, Velocity], [])],
  ]);
  const { sdk } = diskSources(".");
  const entry = "scripts/movement.ts";
  const result = await compile({ entry, readFile: (path) => files.get(path) ?? null, sdk });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return result.binary;
}
