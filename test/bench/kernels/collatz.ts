// A tight integer loop with a data-dependent branch.
export function run(): i32 {
  let longest = 0;
  for (let start = 1; start < 20_000; start++) {
    let n: i64 = start;
    let steps = 0;
    while (n != 1) {
      n = (n & 1) == 0 ? n >> 1 : 3 * n + 1;
      steps++;
    }
    if (steps > longest) longest = steps;
  }
  return longest;
}
