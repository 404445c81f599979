import { type Assembled, Assembler } from "./assembler.ts";
import { type Engine, MeteredEngine, RawEngine } from "./engine.ts";
import { type Outcome, ScriptRun } from "./script.ts";
import { Spectest } from "./spectest.ts";
import { type Command, parseWast } from "./wast.ts";

/** A command that is worth a word, by its place. */
export interface Finding {
  readonly line: number;
  readonly command: Command["kind"];
  readonly text: string;
}

/** Counts of one kind of command. */
export interface Tally {
  total: number;
  /** Passing raw. */
  raw: number;
  /** Passing raw and metered. */
  metered: number;
}

/** What a script's two runs came to. */
export interface FileReport {
  readonly file: string;
  readonly modules: Tally;
  readonly assertions: Tally;
  /** Plain actions and registrations. */
  readonly others: Tally;
  /** What raw and metered runs don't agree on. */
  readonly differences: Finding[];
  /** Modules that admission refuses on purpose, by the proposal that it names. */
  readonly refused: Map<string, number>;
  /** Passing raw, but without a metered run, or without any; by reason. */
  readonly excluded: Map<string, Finding[]>;
  /** Not passing raw, so that nothing can be compared. */
  readonly rawFailures: Finding[];
  /** Invalid and malformed binaries refused by admission, by its code. */
  readonly refusedBinaries: Map<string, number>;
  /** Linked differently because metered memories and tables have a maximum: refused all the same. */
  readonly clampedMaxima: Finding[];
  /** Instances whose exported state was the same, or is among the differences. */
  comparedStates: number;
  /** Those that the engine takes, and admission refuses. */
  readonly stricter: Finding[];
  /** Metered exhaustions, by whose limit ended them. */
  readonly exhaustions: Map<string, number>;
}

/** Proposals by the names that admission has for them. */
const proposals = [
  "threads",
  "memory64",
  "multi-memory",
  "function-references",
  "GC",
  "exceptions",
  "relaxed SIMD",
  "stack switching",
];

/** Runs scripts raw and metered, and holds the runs against each other. */
export class Comparison {
  private constructor(
    private readonly assembler: Assembler,
    private readonly spectest: Spectest,
    private readonly startMetered: () => Engine,
  ) {}

  /** `startMetered` makes what is held against the engine as it is. */
  static async start(startMetered: () => Engine = () => new MeteredEngine()): Promise<Comparison> {
    const assembler = await Assembler.start();
    return new Comparison(assembler, await Spectest.assemble(assembler), startMetered);
  }

  async script(source: Uint8Array, file: string): Promise<FileReport> {
    const commands = parseWast(source);
    const binaries = new Map<Command, Assembled>();
    for (const command of commands) {
      if (!("module" in command)) continue;
      // Only a binary's own bytes can be malformed.
      if (command.kind === "assert_malformed" && command.module.form !== "binary") continue;
      const valid = command.kind !== "assert_malformed" && command.kind !== "assert_invalid";
      binaries.set(command, await this.assembler.assemble(command.module, valid));
    }
    const rawRun = new ScriptRun(new RawEngine(), this.spectest, binaries);
    const meteredRun = new ScriptRun(this.startMetered(), this.spectest, binaries);
    const raw = rawRun.run(commands);
    const metered = meteredRun.run(commands);
    const report = emptyReport(file);
    for (const [i, command] of commands.entries()) {
      const binary = binaries.get(command);
      judge(report, command, binary, raw[i] as Outcome, metered[i] as Outcome);
    }
    // What ran raw only has left its traces in what it shares with others.
    const onlyRaw = metered.some(
      ({ status }, i) =>
        raw[i]?.status === "passed" && (status === "refused" || status === "orphaned"),
    );
    if (!onlyRaw) {
      for (const [i, command] of commands.entries()) {
        compareStates(report, command, rawRun.stateOf(i), meteredRun.stateOf(i));
      }
    }
    return report;
  }
}

function emptyReport(file: string): FileReport {
  const tally = (): Tally => ({ total: 0, raw: 0, metered: 0 });
  return {
    file,
    modules: tally(),
    assertions: tally(),
    others: tally(),
    differences: [],
    refused: new Map(),
    excluded: new Map(),
    rawFailures: [],
    refusedBinaries: new Map(),
    clampedMaxima: [],
    comparedStates: 0,
    stricter: [],
    exhaustions: new Map(),
  };
}

function tallyOf(report: FileReport, command: Command): Tally {
  const { kind } = command;
  if (kind === "module" || kind === "definition" || kind === "instance") return report.modules;
  const asserts = kind === "inexpressible" ? command.head : kind;
  return asserts.startsWith("assert_") ? report.assertions : report.others;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Holds what two instances of a module hold at the script's end against each other. */
function compareStates(
  report: FileReport,
  { line, kind }: Command,
  raw: string | undefined,
  metered: string | undefined,
): void {
  if (raw === undefined || metered === undefined) return;
  report.comparedStates++;
  if (raw === metered) return;
  const text = `at the end raw holds ${raw}, metered ${metered}`;
  report.differences.push({ line, command: kind, text });
}

const noMaximum = / has (?:no maximum|a larger maximum size).*/;

/**
 * Every metered memory and table has a maximum, so the engine finds it too large where it finds none
 * raw. Either way the import is refused for its maximum.
 */
function withoutMaximum(detail: string): string {
  return detail.replace(noMaximum, " has no maximum, or too large a one");
}

/** The engine's message without its API's name and without offsets. */
function withoutPlace(message: string): string {
  return message.replace(/^.*WebAssembly\.Module\(\): /, "").replace(/ @\+\d+$/, "");
}

function judge(
  report: FileReport,
  command: Command,
  binary: Assembled | undefined,
  raw: Outcome,
  metered: Outcome,
): void {
  const tally = tallyOf(report, command);
  const finding = (text: string): Finding => ({ line: command.line, command: command.kind, text });
  const exclude = (reason: string, text = ""): void => {
    const list = report.excluded.get(reason) ?? [];
    list.push(finding(text));
    report.excluded.set(reason, list);
  };
  tally.total++;
  if (raw.status === "passed") tally.raw++;

  if (raw.status === "excluded" || metered.status === "excluded") {
    const reason = raw.status === "excluded" ? raw.reason : "";
    if (raw.status !== metered.status) {
      report.differences.push(finding("is run only once"));
    } else exclude(reason, binary?.bytes === undefined ? (binary?.reason ?? "") : "");
    return;
  }
  if (metered.status === "refused") {
    const proposal = proposals.find((p) => metered.detail.includes(p));
    if (metered.code === "denied-feature" && proposal !== undefined) {
      count(report.refused, proposal);
    } else if (raw.status === "passed" || metered.code === "denied-feature") {
      report.differences.push(finding(`refused: ${metered.detail}`));
    } else if (binary?.bytes !== undefined && binary.needs.length > 0) {
      const needs = binary.needs.join(" or ");
      report.differences.push(finding(`needs ${needs}, which isn't named: ${metered.detail}`));
    } else
      report.rawFailures.push(
        finding(`the engine refuses: ${withoutPlace(detailOf(raw))}; admission: ${metered.code}`),
      );
    return;
  }
  if (metered.status === "orphaned") {
    if (raw.status === "passed") exclude("its module uses a denied feature");
    else report.rawFailures.push(finding("its module uses a denied feature that the engine lacks"));
    return;
  }
  if (raw.status === "passed" && metered.status === "passed") {
    if (raw.detail !== metered.detail) {
      if (withoutMaximum(raw.detail) !== withoutMaximum(metered.detail)) {
        report.differences.push(finding(`raw ${raw.detail}, metered ${metered.detail}`));
        return;
      }
      report.clampedMaxima.push(finding("refused for its maximum in other words"));
    }
    tally.metered++;
    if (metered.refusedAs !== undefined) count(report.refusedBinaries, metered.refusedAs);
    if (metered.exhaustedBy !== undefined) count(report.exhaustions, metered.exhaustedBy);
  } else if (raw.status === "passed") {
    report.differences.push(finding(`passes raw; metered ${detailOf(metered)}`));
  } else if (metered.status === "passed") {
    if (metered.refusedAs !== undefined) report.stricter.push(finding(metered.refusedAs));
    else report.differences.push(finding(`passes metered; raw ${detailOf(raw)}`));
  } else report.rawFailures.push(finding(detailOf(raw)));
}

function detailOf(outcome: Outcome): string {
  return "detail" in outcome ? outcome.detail : outcome.status;
}
