import { generateBindings } from "../system/bindings.ts";
import {
  type BindingsCommandOptions,
  defaultModules,
  defaultOut,
  readBindingsOptions,
  shownPath,
} from "./bindings-options.ts";
import type { Command, Terminal } from "./command.ts";
import { type Definitions, definitionsOf } from "./definitions.ts";
import { CommandFailure } from "./failure.ts";
import { loadGameModules } from "./game-modules.ts";
import { differenceOf, readGenerated, writeGenerated } from "./generated-file.ts";
import { reportFiles, watchRuns } from "./watch.ts";

const help = `fusewire bindings: writes the module through which scripts see a game's components, prefabs, messages and
queries

  --from <module>   exports them, one by one or as lists called components, prefabs, messages and queries, and the
                    script system's positions, if it has any; may be given more than once. It is loaded outside of a
                    page, by the game's Vite, by tsx or by Node.
                    Default: the first there is of
                    ${defaultModules.slice(0, 6).join(", ")},
                    ${defaultModules.slice(6).join(", ")}
  --out <file>      the file to write. Default: ${defaultOut}
  --check           writes nothing; exits with 1 and says what differs unless the file is as it should be
  --watch           goes on, and writes the file again when the modules change
  --command <text>  what the file's header says to run. Default: this command

A file that is up to date isn't touched, and one that wasn't generated is never overwritten.
Exit codes: 0 done, 1 failed, 2 a command line that makes no sense.`;

/** `fusewire bindings`. */
export const bindings: Command = {
  summary: "writes scripts' view of the game's components, scripts/components.ts",
  help,
  async run(args, terminal) {
    const options = readBindingsOptions(args);
    if (options.watch) {
      return watchRuns(
        args.filter((arg) => arg !== "--watch"),
        options,
        terminal,
      );
    }
    const modules = await loadGameModules(options.from, reportFiles);
    const wanted = generated(definitionsOf(modules), options);
    return options.check ? check(wanted, options, terminal) : write(wanted, options, terminal);
  },
};

function generated(
  { components, prefabs, messages, queries, positions }: Definitions,
  { command }: BindingsCommandOptions,
): string {
  try {
    const known = { command, messages, queries, ...(positions === undefined ? {} : { positions }) };
    return generateBindings(components, prefabs, known);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(error.message);
    throw error;
  }
}

function write(wanted: string, { out }: BindingsCommandOptions, terminal: Terminal): number {
  const changed = readGenerated(out) !== wanted;
  if (changed) writeGenerated(out, wanted);
  terminal.print(`${shownPath(out)} ${changed ? "written" : "is up to date"}`);
  return 0;
}

function check(wanted: string, options: BindingsCommandOptions, terminal: Terminal): number {
  const found = readGenerated(options.out);
  const difference = found === undefined ? "there is no such file" : differenceOf(found, wanted);
  const file = shownPath(options.out);
  if (difference === undefined) {
    terminal.print(`${file} is up to date`);
    return 0;
  }
  terminal.complain(`${file} is out of date: ${difference}; run ${options.command}`);
  return 1;
}
