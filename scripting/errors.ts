import { firstOf, shownText } from "./shown-text.ts";

/** Why a module was refused at admission; stable, for programs to switch on. */
export type AdmissionCode =
  | "malformed" // the bytes are not a well-formed module
  | "invalid" // well-formed, but the engine's validator refuses it
  | "unknown-opcode" // an instruction, section or flag that this version does not know
  | "denied-feature" // a proposal on the deny-list, named in the message
  | "reserved-name" // an import or export uses a name kept for the meter
  | "too-large"; // a size above ResourceLimits

/** A module was refused before anything of it ran. */
export class AdmissionError extends Error {
  override readonly name = "AdmissionError";
  readonly code: AdmissionCode;
  /** Byte offset in the module that the refusal is about; 0 when it is about the whole module. */
  readonly offset: number;

  constructor(code: AdmissionCode, offset: number, message: string) {
    super(`${message} (${code}, at byte 0x${offset.toString(16)})`);
    this.code = code;
    this.offset = offset;
  }
}

/** One import that the linker has nothing fitting for. */
export interface LinkProblem {
  readonly module: string;
  readonly name: string;
  /** What the module asks for, e.g. `func (i32) -> f32`. */
  readonly wanted: string;
  /** What the linker has under that name; absent when it has nothing. */
  readonly found?: string;
  /** The nearest name the linker does have, when one is near; looked for in the first 20 problems only. */
  readonly suggestion?: string;
  /** Whether that is instead of the import's name or of its module's; there when `suggestion` is. */
  readonly suggested?: "module" | "name";
  /** What the script would have to be granted to import it; absent when that isn't the problem. */
  readonly capability?: string;
}

/** Problems that a message lists. */
const maxListed = 20;

/** One or more imports could not be resolved: `problems` has them all, the message the first 20. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly problems: readonly LinkProblem[];

  constructor(script: string, problems: readonly LinkProblem[]) {
    const lines = problems.map((p) => {
      const import_ = `  "${shownText(p.module)}" "${shownText(p.name)}"`;
      if (p.capability !== undefined) {
        return `${import_} needs the capability "${p.capability}", which wasn't granted`;
      }
      const what = p.found === undefined ? "is not defined" : `is ${p.found}`;
      const kind = p.suggested === "module" ? "the module " : "";
      const hint = p.suggestion === undefined ? "" : `; did you mean ${kind}"${p.suggestion}"?`;
      return `${import_} ${what}, the module wants ${p.wanted}${hint}`;
    });
    const noun = problems.length === 1 ? "import" : "imports";
    const listed = firstOf(lines, maxListed, "  ").join("\n");
    super(`${script}: ${problems.length} ${noun} can't be linked\n${listed}`);
    this.problems = problems;
  }
}

/** A metered module failed the separate check; names the function and the offset. */
export class VerifyError extends Error {
  override readonly name = "VerifyError";
  /** Function index in the metered module; -1 when the finding is not in a function. */
  readonly functionIndex: number;
  /** Byte offset in the metered module. */
  readonly offset: number;

  constructor(functionIndex: number, offset: number, message: string) {
    const where = functionIndex < 0 ? "module" : `function ${functionIndex}`;
    super(`${where}, byte 0x${offset.toString(16)}: ${message}`);
    this.functionIndex = functionIndex;
    this.offset = offset;
  }
}

/** There is no room for another instance. */
export class AllocationError extends Error {
  override readonly name = "AllocationError";
}

/**
 * What a host function throws for an argument it refuses. The message reaches the script's author
 * in a fault of kind `host-error`, so it should say what was wrong and with which value.
 */
export class HostError extends Error {
  override readonly name = "HostError";
}
