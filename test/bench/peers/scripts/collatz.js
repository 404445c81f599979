export function run() {
  let longest = 0;
  for (let start = 1; start < 20_000; start++) {
    let n = start;
    let steps = 0;
    while (n !== 1) {
      n = n % 2 === 0 ? n / 2 : 3 * n + 1;
      steps++;
    }
    if (steps > longest) longest = steps;
  }
  return longest;
}
