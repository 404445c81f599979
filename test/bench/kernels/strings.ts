// Strings, a map and the garbage collector.
export function run(): i32 {
  const counts = new Map<string, i32>();
  let text = "";
  for (let i = 0; i < 1_500; i++) {
    const word = "w" + (i % 97).toString();
    counts.set(word, (counts.has(word) ? counts.get(word) : 0) + 1);
    if (i % 50 == 0) text += word + " ";
  }
  const words = text.split(" ");
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    if (counts.has(words[i])) sum += counts.get(words[i]) * words[i].length;
  }
  return sum;
}
