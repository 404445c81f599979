// Recursion over loops, with bounds-checked arrays.
const data = new Array<i32>(30_000);

function sort(low: i32, high: i32): void {
  let i = low;
  let j = high;
  const pivot = data[(low + high) >> 1];
  while (i <= j) {
    while (data[i] < pivot) i++;
    while (data[j] > pivot) j--;
    if (i <= j) {
      const swap = data[i];
      data[i] = data[j];
      data[j] = swap;
      i++;
      j--;
    }
  }
  if (low < j) sort(low, j);
  if (i < high) sort(i, high);
}

export function run(): i32 {
  let seed: u32 = 12345;
  for (let i = 0; i < data.length; i++) {
    seed = seed * 1664525 + 1013904223;
    data[i] = <i32>(seed >> 8);
  }
  sort(0, data.length - 1);
  return data[15_000];
}
