import { spawn, spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot, temporaryFolder } from "../scripts/game-folder.ts";

interface Manifest {
  readonly files: readonly string[];
  readonly bin: { readonly fusewire: string };
}

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as Manifest;

/** The command `fusewire`, in a folder where it is installed. */
const bin = join("node_modules/fusewire", manifest.bin.fusewire);

/** What a command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** This package as it is published: built, with its manifest and nothing that `files` doesn't name. */
export class BuiltPackage {
  readonly folder = temporaryFolder();

  constructor() {
    const project = join(packageRoot, "scripting/tsconfig.build.json");
    const tsc = join(packageRoot, "node_modules/.bin/tsc");
    const built = spawnSync(tsc, ["-p", project, "--outDir", join(this.folder, "dist")]);
    if (built.status !== 0) throw new Error(`the build failed: ${built.stdout}`);
    for (const path of ["package.json", ...manifest.files]) {
      if (path === "dist") continue;
      cpSync(join(packageRoot, path), join(this.folder, path), { recursive: true });
    }
  }

  /** Puts it into a game's folder. */
  installIn(game: string): void {
    cpSync(this.folder, join(game, "node_modules/fusewire"), { recursive: true });
  }

  /** Runs `fusewire` in a folder where it is installed until it ends. */
  run(cwd: string, ...args: string[]): Finished {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd,
      encoding: "utf8",
    });
    return { code: status, stdout, stderr };
  }

  /** Starts `fusewire` in a folder; `printed` waits for a text among all that it prints from now on. */
  start(cwd: string, ...args: string[]) {
    const child = spawn(process.execPath, [bin, ...args], { cwd });
    let unread = "";
    let look = () => {};
    let ended = false;
    child.on("close", () => {
      ended = true;
      look();
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        unread += chunk;
        look();
      });
    }
    return {
      printed: (text: string) =>
        new Promise<void>((resolve, reject) => {
          look = () => {
            const at = unread.indexOf(text);
            if (at < 0 && ended) reject(new Error(`it ended without "${text}": ${unread}`));
            if (at < 0) return;
            unread = unread.slice(at + text.length);
            look = () => {};
            resolve();
          };
          look();
        }),
      stop: () => child.kill(),
    };
  }
}
