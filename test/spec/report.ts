import type { FileReport, Finding, Tally } from "./compare.ts";
import { malformedText } from "./script.ts";

/** Whether a file's two runs are worth a line: most have texts that are malformed. */
function isNotable(report: FileReport): boolean {
  const { differences, refused, excluded, rawFailures, stricter, clampedMaxima } = report;
  const lists = [differences, rawFailures, stricter, clampedMaxima];
  const left = [...excluded.keys()].filter((reason) => reason !== malformedText);
  return refused.size + left.length > 0 || lists.some((list) => list.length > 0);
}

/** All reports as text: a table of the notable files, what is left out and why, and the totals. */
export function reportText(reports: readonly FileReport[]): string {
  return [
    table(reports.filter(isNotable)),
    byText("Not run, or not metered", reports, (r) =>
      [...r.excluded].flatMap(([reason, list]) => list.map((f) => ({ ...f, text: reason }))),
    ),
    byText("Not passing raw", reports, (r) => r.rawFailures),
    byText("Refused by admission, taken by the engine", reports, (r) => r.stricter),
    byText("Metered memories and tables always have a maximum", reports, (r) => r.clampedMaxima),
    differences(reports),
    totals(reports),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function table(reports: readonly FileReport[]): string {
  if (reports.length === 0) return "";
  const head = [
    "file",
    "modules",
    "raw",
    "metered",
    "refused",
    "assertions",
    "raw",
    "metered",
    "excluded",
    "not raw",
    "differences",
  ];
  const rows = reports.map((r) => [
    r.file,
    r.modules.total,
    r.modules.raw,
    r.modules.metered,
    sum(r.refused),
    r.assertions.total,
    r.assertions.raw,
    r.assertions.metered,
    [...r.excluded.values()].reduce((n, list) => n + list.length, 0),
    r.rawFailures.length + r.stricter.length,
    r.differences.length,
  ]);
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

/** What is said of commands, with the files that they stand in: all of them are named. */
function byText(
  title: string,
  reports: readonly FileReport[],
  findingsOf: (report: FileReport) => readonly Finding[],
): string {
  const files = new Map<string, string[]>();
  for (const report of reports) {
    const lines = new Map<string, number[]>();
    for (const { text, line } of findingsOf(report)) {
      lines.set(text, [...(lines.get(text) ?? []), line]);
    }
    for (const [text, at] of lines) {
      files.set(text, [...(files.get(text) ?? []), `${report.file} ${places(at)}`]);
    }
  }
  if (files.size === 0) return "";
  return [title, ...[...files].map(([text, list]) => `  ${text}: ${list.join(", ")}`)].join("\n");
}

const maxPlaces = 3;

/** The first few lines; all of them are in the JSON. */
function places(lines: readonly number[]): string {
  if (lines.length <= maxPlaces) return `(${lines.join(" ")})`;
  return `(${lines.slice(0, maxPlaces).join(" ")} … ${lines.length} in all)`;
}

function differences(reports: readonly FileReport[]): string {
  const lines = reports.flatMap((r) =>
    r.differences.map((f) => `  ${r.file}, line ${f.line}, ${f.command}: ${f.text}`),
  );
  return lines.length === 0 ? "" : ["DIFFERENCES", ...lines].join("\n");
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0);
}

function added(maps: readonly ReadonlyMap<string, number>[]): string {
  const all = new Map<string, number>();
  for (const map of maps) for (const [key, n] of map) all.set(key, (all.get(key) ?? 0) + n);
  return [...all].map(([key, n]) => `${n} ${key}`).join(", ") || "none";
}

/** Everything that the reports count, for all files. */
export function totals(reports: readonly FileReport[]): string {
  const tally = (what: string, of: (report: FileReport) => Tally): string => {
    const total: Tally = { total: 0, raw: 0, metered: 0 };
    for (const r of reports) {
      total.total += of(r).total;
      total.raw += of(r).raw;
      total.metered += of(r).metered;
    }
    return `${total.total} ${what}: ${total.raw} pass raw, ${total.metered} of them metered`;
  };
  const excluded = reports.map(
    (r) => new Map([...r.excluded].map(([reason, list]) => [`(${reason})`, list.length])),
  );
  const differing = reports.reduce((n, r) => n + r.differences.length, 0);
  return [
    `${reports.length} scripts`,
    tally("modules", (r) => r.modules),
    tally("assertions", (r) => r.assertions),
    tally("actions and registrations", (r) => r.others),
    `modules refused by proposal: ${added(reports.map((r) => r.refused))}`,
    `invalid and malformed binaries refused: ${added(reports.map((r) => r.refusedBinaries))}`,
    `exhaustions metered, by limit: ${added(reports.map((r) => r.exhaustions))}`,
    `instances compared at their script's end: ${reports.reduce((n, r) => n + r.comparedStates, 0)}`,
    `not run, or not metered: ${added(excluded)}`,
    `not passing raw: ${reports.reduce((n, r) => n + r.rawFailures.length + r.stricter.length, 0)}`,
    differing === 0 ? "no difference" : `${differing} differences`,
  ].join("\n");
}
