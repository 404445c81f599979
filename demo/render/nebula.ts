/** x, y and radius in world units, colour. */
const clouds: readonly (readonly [number, number, number, string])[] = [
  [-260, -110, 620, "#2a1467"],
  [300, 140, 640, "#0c2f55"],
  [60, -280, 520, "#47104a"],
];

/** Sharper than this is not to be seen in something so soft. */
const maxDensity = 1;

/**
 * The clouds behind everything, on a canvas of their own: drawn when the size changes, and from
 * then on the browser's to lay under the moving one.
 * @param width of the canvas on the page, in CSS pixels; like `height`.
 * @param scale CSS pixels to one world unit.
 */
export function drawNebula(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  scale: number,
): void {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no 2D canvas to draw the clouds with");
  const density = Math.min(maxDensity, devicePixelRatio);
  canvas.width = Math.max(1, Math.round(width * density));
  canvas.height = Math.max(1, Math.round(height * density));
  context.translate(canvas.width / 2, canvas.height / 2);
  context.scale(scale * density, scale * density);
  for (const [x, y, radius, colour] of clouds) {
    const cloud = context.createRadialGradient(x, y, 0, x, y, radius);
    cloud.addColorStop(0, `${colour}8c`);
    cloud.addColorStop(0.5, `${colour}3a`);
    cloud.addColorStop(1, `${colour}00`);
    context.fillStyle = cloud;
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  }
}
