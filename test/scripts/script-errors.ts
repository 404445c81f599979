import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "./game-folder.ts";

/** What plain tsc says of the scripts of a game, each error as `file:line: code`. */
export function scriptErrors(folder: string): string[] {
  const tsc = join(packageRoot, "node_modules/.bin/tsc");
  const { stdout } = spawnSync(tsc, ["-p", "scripts", "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith(" "));
  return lines.map((line) => line.replace(/^(.+)\((\d+),\d+\): error (TS\d+): .*$/, "$1:$2: $3"));
}
