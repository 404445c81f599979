#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";

const code = await runCommandLine(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
// A game's module may have started something that would keep the process going; what was printed goes out first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
