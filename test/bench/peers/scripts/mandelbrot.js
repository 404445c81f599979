export function run() {
  let inside = 0;
  for (let py = 0; py < 96; py++) {
    for (let px = 0; px < 96; px++) {
      const cx = px / 48 - 1.5;
      const cy = py / 48 - 1;
      let x = 0;
      let y = 0;
      let i = 0;
      while (i < 200) {
        const xx = x * x;
        const yy = y * y;
        if (xx + yy > 4) break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        i++;
      }
      if (i === 200) inside++;
    }
  }
  return inside;
}
