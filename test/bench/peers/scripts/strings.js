export function run() {
  const counts = new Map();
  let text = "";
  for (let i = 0; i < 1_500; i++) {
    const word = `w${i % 97}`;
    counts.set(word, (counts.has(word) ? counts.get(word) : 0) + 1);
    if (i % 50 === 0) text += `${word} `;
  }
  const words = text.split(" ");
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    if (counts.has(words[i])) sum += counts.get(words[i]) * words[i].length;
  }
  return sum;
}
