import { readFileSync } from "node:fs";
import type { Fault } from "../fault.ts";
import type { FaultFile } from "../faults/fault-file.ts";
import { shownText } from "../shown-text.ts";
import type { Command, Terminal } from "./command.ts";
import { UsageError } from "./failure.ts";

const help = `fusewire replay <file>: makes the stopped call of a fault's file again, and says where it stops

The file comes from the script system: with the option faultCaptures, scripts.exportFault(event) has one of each fault.
The call runs by itself, in the sandbox that scripts run in, with its module, its memory and what the host gave it then.

Prints what stopped it, the place with the source line if the file has a source map, the fuel it used and the stack.
Exit codes: 0 the same fault came up, 1 another one or none, 2 a file or a command line that makes no sense.`;

/** `fusewire replay`. */
export const replay: Command = {
  summary: "reproduces a fault from its file",
  help,
  async run(args, terminal) {
    const [path, ...rest] = args;
    if (path === undefined || path.startsWith("-") || rest.length > 0) {
      throw new UsageError(
        path === undefined ? "which file?" : "it takes one file, and nothing else",
      );
    }
    const bad = (why: string): number => {
      terminal.complain(`fusewire replay: ${shown(path)}: ${shown(why)}`);
      return 2;
    };
    let file: FaultFile;
    try {
      file = JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
      return bad((error as Error).message);
    }
    // Not before: other commands do without all that runs scripts.
    const [{ SnapshotError }, { reproduceFault }] = await Promise.all([
      import("../../engine/index.ts"),
      import("../faults/reproduce.ts"),
    ]);
    try {
      const { fault, differences } = await reproduceFault(file);
      print(file, fault, terminal);
      for (const difference of differences) {
        terminal.complain(`fusewire replay: not the same fault: ${shown(difference)}`);
      }
      return differences.length === 0 ? 0 : 1;
    } catch (error) {
      if (error instanceof SnapshotError) return bad(error.message);
      throw error;
    }
  },
};

/** Most characters of a line; a file may have any. */
const lineLength = 2_000;

function shown(text: string): string {
  return shownText(text, lineLength);
}

/** Everything in it may be anybody's text. */
function print(file: FaultFile, fault: Fault | null, { print: line }: Terminal): void {
  const { script, hook, entity, frame } = file;
  line(
    shown(
      `${script}.${hook}, for entity 0x${entity.toString(16).padStart(8, "0")}, frame ${frame}`,
    ),
  );
  if (fault === null) {
    line("finished");
    return;
  }
  line(shown(`${fault.kind}: ${fault.message}`));
  const { location } = fault;
  if (location !== undefined) {
    line(shown(`at ${location.file}:${location.line}:${location.column}`));
    if (location.lineText !== undefined) line(`    ${shown(location.lineText.trim())}`);
  }
  line(`fuel used: ${fault.fuelUsed.toLocaleString("en")}`);
  if (fault.stack.length === 0) return;
  line("stack, innermost first:");
  for (const { functionName, location: at } of fault.stack) {
    const where = at === undefined ? "" : ` (${at.file}:${at.line}:${at.column})`;
    line(`  ${shown(`${functionName}${where}`)}`);
  }
}
