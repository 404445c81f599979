const data = new Int32Array(30_000);

function sort(low, high) {
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

export function run() {
  let seed = 12345;
  for (let i = 0; i < data.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[i] = seed >>> 8;
  }
  sort(0, data.length - 1);
  return data[15_000];
}
