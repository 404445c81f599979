/** A line of a table on the console: its first cell to the left, the others in columns. */
export function row(...cells: (string | number)[]): void {
  console.log(
    cells.map((c, i) => (i === 0 ? String(c).padEnd(24) : String(c).padStart(12))).join(""),
  );
}
