/** Most edits that are still a slip. */
const maxEdits = 3;

/**
 * The name with the fewest edits to `wanted`, when that is few enough to be a slip. Takes a time that is
 * linear in the length of the names, for both may be a guest's.
 */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let most = Math.min(maxEdits, Math.max(2, Math.floor(wanted.length / 3)));
  for (const name of names) {
    const edits = editsBetween(wanted, name, most);
    if (edits > most) continue;
    best = name;
    most = edits - 1;
    if (most < 0) break;
  }
  return best;
}

/** Longest name compared; a guest's import may be named with a megabyte. */
const maxCompared = 128;

/**
 * Levenshtein distance, in edits of one UTF-16 unit, where it is at most `most`; anything above for all
 * others. Only cells that so few edits can reach are looked at.
 */
function editsBetween(a: string, b: string, most: number): number {
  const tooMany = most + 1;
  if (a.length > maxCompared || b.length > maxCompared) return tooMany;
  if (Math.abs(a.length - b.length) > most) return tooMany;
  let row = Array.from({ length: b.length + 1 }, (_, j) => Math.min(j, tooMany));
  let next = row.slice();
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - most);
    const to = Math.min(b.length, i + most);
    // The cells to both sides of the band.
    next[from - 1] = from === 1 ? Math.min(i, tooMany) : tooMany;
    let least = next[from - 1] as number;
    for (let j = from; j <= to; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const above = j === i + most ? tooMany : (row[j] as number);
      const edits = Math.min(substitute, above + 1, (next[j - 1] as number) + 1, tooMany);
      next[j] = edits;
      least = Math.min(least, edits);
    }
    if (least > most) return tooMany;
    [row, next] = [next, row];
  }
  return row[b.length] as number;
}
