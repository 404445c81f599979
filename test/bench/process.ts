import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

/**
 * Runs a script of this folder, bundled, in a Node process of its own with `flags` for its engine: what
 * compiled or loaded before doesn't reach it. Gives it `input` as JSON on standard input.
 * @returns what it prints, as JSON.
 * @throws Error when it fails.
 */
export async function runInNode(
  file: string,
  flags: readonly string[],
  input: unknown,
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "fusewire-bench-"));
  try {
    const script = join(folder, "script.mjs");
    writeFileSync(script, await bundle(file, "es"));
    return JSON.parse(await output(process.execPath, [...flags, script], JSON.stringify(input)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function output(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${args.join(" ")} ended with ${code}`));
    });
    child.stdin.end(input);
  });
}
