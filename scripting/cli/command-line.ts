import { bindings } from "./bindings.ts";
import type { Command, Terminal } from "./command.ts";
import { CommandFailure, UsageError } from "./failure.ts";
import { replay } from "./replay.ts";

const commands: ReadonlyMap<string, Command> = new Map([
  ["bindings", bindings],
  ["replay", replay],
]);

const help = `fusewire: scripts for web games

Commands:
${[...commands].map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`).join("\n")}

fusewire <command> --help tells more of one.`;

/**
 * Runs `fusewire` with what follows it on the command line.
 * @returns the exit code: 0, 1 when a check or the command failed, 2 for a command line, or a file, that makes no sense.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    terminal.print(help);
    return name === undefined ? 2 : 0;
  }
  const command = commands.get(name);
  if (command === undefined) {
    terminal.complain(
      `fusewire: there is no command '${name}'; there is: ${[...commands.keys()].join(", ")}`,
    );
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(command.help);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    terminal.complain(`fusewire ${name}: ${error.message}`);
    if (!(error instanceof UsageError)) return 1;
    terminal.complain(`fusewire ${name} --help tells what it takes`);
    return 2;
  }
}
