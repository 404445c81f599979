/** The name with the fewest edits to `wanted`, when that is few enough to be a slip. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = tolerance + 1;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Longest name compared; a guest's import may be named with a megabyte. */
const maxCompared = 128;

/** Levenshtein distance, in edits of one UTF-16 unit. */
function editDistance(a: string, b: string): number {
  if (a.length > maxCompared || b.length > maxCompared) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
