import type { FileReport, Finding, Tally } from "./compare.ts";

/** Whether a file's two runs are worth a line. */
function isNotable(report: FileReport): boolean {
  const { differences, refused, excluded, rawFailures, stricter } = report;
  return (
    differences.length + refused.size + excluded.size + rawFailures.length + stricter.length > 0
  );
}

/** All reports as text: a table of the notable files, what is left out and why, and the totals. */
export function reportText(reports: readonly FileReport[]): string {
  const notable = reports.filter(isNotable);
  return [
    table(notable),
    section("Not run, or not metered", notable, (r) =>
      [...r.excluded].map(([reason, findings]) => `${reason}: ${places(findings)}`),
    ),
    section("Not passing raw", notable, (r) => grouped(r.rawFailures)),
    section("Refused by admission, taken by the engine", notable, (r) => grouped(r.stricter)),
    section("Metered memories and tables always have a maximum", notable, (r) =>
      grouped(r.clampedMaxima),
    ),
    section("DIFFERENCES", notable, (r) =>
      r.differences.map((f) => `line ${f.line}, ${f.command}: ${f.text}`),
    ),
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

function section(
  title: string,
  reports: readonly FileReport[],
  linesOf: (report: FileReport) => readonly string[],
): string {
  const lines = reports.flatMap((r) => linesOf(r).map((line) => `  ${r.file}: ${line}`));
  return lines.length === 0 ? "" : [title, ...lines].join("\n");
}

/** Findings of the same text together. */
function grouped(findings: readonly Finding[]): string[] {
  const byText = new Map<string, Finding[]>();
  for (const finding of findings) {
    const list = byText.get(finding.text) ?? [];
    list.push(finding);
    byText.set(finding.text, list);
  }
  return [...byText].map(([text, list]) => `${text}: ${places(list)}`);
}

const maxPlaces = 12;

function places(findings: readonly Finding[]): string {
  const lines = findings.slice(0, maxPlaces).map((f) => f.line);
  const more = findings.length > maxPlaces ? ", …" : "";
  const noun = lines.length === 1 ? "line" : "lines";
  return `${findings.length} commands, ${noun} ${lines.join(", ")}${more}`;
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
  const differences = reports.reduce((n, r) => n + r.differences.length, 0);
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
    differences === 0 ? "no difference" : `${differences} differences`,
  ].join("\n");
}
