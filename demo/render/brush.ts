import type { Brush, Path } from "./shapes.ts";

function trace(context: CanvasRenderingContext2D, path: Path, closed: boolean): void {
  context.beginPath();
  for (let i = 0; i < path.length; i += 2) {
    context.lineTo(path[i] ?? 0, path[i + 1] ?? 0);
  }
  if (closed) context.closePath();
}

/** Strokes the current path three times: a wide halo, a body, a white-hot core. */
function strokeNeon(context: CanvasRenderingContext2D, colour: string, pixel: number): void {
  context.strokeStyle = colour;
  context.shadowColor = colour;
  context.shadowBlur = 13;
  context.globalAlpha = 0.55;
  context.lineWidth = 5 * pixel;
  context.stroke();
  context.shadowBlur = 6;
  context.globalAlpha = 1;
  context.lineWidth = 3.4 * pixel;
  context.stroke();
  context.shadowBlur = 0;
  context.strokeStyle = "#ffffff";
  context.globalAlpha = 0.75;
  context.lineWidth = 1.4 * pixel;
  context.stroke();
  context.globalAlpha = 1;
}

/** A brush for a context whose unit is the body's radius; `pixel` is one pixel in those units. */
export function createBrush(context: CanvasRenderingContext2D, pixel: number): Brush {
  context.globalCompositeOperation = "lighter";
  context.lineJoin = "round";
  context.lineCap = "round";
  return {
    neon(path, colour, closed = true) {
      trace(context, path, closed);
      strokeNeon(context, colour, pixel);
    },
    neonCircle(x, y, radius, colour) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      strokeNeon(context, colour, pixel);
    },
    glow(x, y, radius, colour, core = 0.1) {
      const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
      gradient.addColorStop(0, "#ffffff");
      gradient.addColorStop(core, colour);
      gradient.addColorStop(Math.min(1, core + 0.22), `${colour}5c`);
      gradient.addColorStop(1, `${colour}00`);
      context.fillStyle = gradient;
      context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    },
    streak(halfLength, halfWidth, colour) {
      context.save();
      context.scale(halfLength, halfWidth);
      const gradient = context.createRadialGradient(0.25, 0, 0, 0, 0, 1);
      gradient.addColorStop(0, "#ffffff");
      gradient.addColorStop(0.3, colour);
      gradient.addColorStop(1, `${colour}00`);
      context.fillStyle = gradient;
      context.fillRect(-1, -1, 2, 2);
      context.restore();
    },
  };
}
