import { Glyph } from "../glyphs.ts";

/** Draws one shape about the origin; its body fits a circle of radius 1, its glow one of 1.6. */
export type Shape = (brush: Brush) => void;

/** A path in units of the body's radius: x, y, x, y, … */
export type Path = readonly number[];

export interface Brush {
  /** A glowing outline. */
  neon(path: Path, colour: string, closed?: boolean): void;
  /** A glowing circle's outline. */
  neonCircle(x: number, y: number, radius: number, colour: string): void;
  /** A soft ball of light. */
  glow(x: number, y: number, radius: number, colour: string, core?: number): void;
  /** A soft streak along x. */
  streak(halfLength: number, halfWidth: number, colour: string): void;
}

/** A ring has no glow to speak of outside of it, and may fill its cell. */
export const ringRadius = 1.42;

export const palette = {
  cyan: "#5ce9ff",
  magenta: "#ff3f9f",
  amber: "#ffb340",
  violet: "#a07bff",
  lime: "#9dff70",
  red: "#ff4d4d",
  white: "#ffffff",
  ash: "#8d88a8",
} as const;

function polygon(corners: number, radius: number, turn = 0): number[] {
  const path: number[] = [];
  for (let i = 0; i < corners; i++) {
    const angle = turn + (i / corners) * 2 * Math.PI;
    path.push(Math.cos(angle) * radius, Math.sin(angle) * radius);
  }
  return path;
}

function star(points: number, outer: number, inner: number): number[] {
  const path: number[] = [];
  for (let i = 0; i < points * 2; i++) {
    const radius = i % 2 === 0 ? outer : inner;
    const angle = (i / (points * 2)) * 2 * Math.PI;
    path.push(Math.cos(angle) * radius, Math.sin(angle) * radius);
  }
  return path;
}

function turret(brush: Brush): void {
  const c = palette.cyan;
  brush.glow(0, 0, 1.5, c, 0.05);
  brush.neonCircle(0, 0, 0.62, c);
  brush.neon([0.62, -0.3, 1.1, -0.3], c, false);
  brush.neon([0.62, 0.3, 1.1, 0.3], c, false);
  brush.neon([0.3, -0.22, 0.3, 0.22, -0.34, 0], c);
  brush.neon([-0.5, -0.62, -0.95, -0.62, -0.78, -0.3], c, false);
  brush.neon([-0.5, 0.62, -0.95, 0.62, -0.78, 0.3], c, false);
}

function boss(brush: Brush): void {
  const c = palette.red;
  brush.glow(0, 0, 1.58, c, 0.02);
  brush.neon(star(8, 1, 0.74), c);
  brush.neon(polygon(8, 0.62, Math.PI / 8), palette.magenta);
  brush.neonCircle(0, 0, 0.36, palette.amber);
  brush.neon([0.36, 0, 0.98, 0], palette.amber, false);
  brush.glow(0, 0, 0.5, palette.amber, 0.4);
}

function imp(brush: Brush, colour: string, blown: boolean): void {
  brush.neon(
    [
      -0.62, -0.5, -0.95, -0.98, -0.3, -0.66, 0.3, -0.66, 0.95, -0.98, 0.62, -0.5, 0.72, 0.28, 0.4,
      0.74, -0.4, 0.74, -0.72, 0.28,
    ],
    colour,
  );
  if (blown) {
    for (const x of [-0.3, 0.3]) {
      brush.neon([x - 0.13, -0.28, x + 0.13, -0.02], palette.amber, false);
      brush.neon([x + 0.13, -0.28, x - 0.13, -0.02], palette.amber, false);
    }
    brush.neon([-0.3, 0.42, 0.3, 0.42], palette.amber, false);
    return;
  }
  brush.glow(-0.3, -0.15, 0.3, palette.white, 0.3);
  brush.glow(0.3, -0.15, 0.3, palette.white, 0.3);
  brush.neon([-0.42, 0.3, -0.2, 0.5, 0, 0.3, 0.2, 0.5, 0.42, 0.3], colour, false);
}

/** Every glyph's shape. Enemies carry their colours; what is tinted is drawn in white. */
export const shapes: Readonly<Record<number, Shape>> = {
  [Glyph.Dust]: (b) => b.glow(0, 0, 1.55, palette.white, 0.25),
  [Glyph.Spark]: (b) => b.streak(1.55, 0.4, palette.white),
  [Glyph.Ring]: (b) => b.neonCircle(0, 0, ringRadius, palette.white),
  [Glyph.Turret]: turret,
  [Glyph.Shot]: (b) => b.streak(1.55, 0.5, palette.cyan),
  [Glyph.Bolt]: (b) => {
    b.glow(0, 0, 1.55, palette.red, 0.12);
    b.glow(0, 0, 0.8, palette.amber, 0.5);
  },
  [Glyph.Drone]: (b) => b.neon([1, 0, -0.75, 0.72, -0.35, 0, -0.75, -0.72], palette.magenta),
  [Glyph.Weaver]: (b) => {
    b.neon(star(4, 1, 0.42), palette.amber);
    b.neon(polygon(4, 0.3), palette.amber);
  },
  [Glyph.Brute]: (b) => {
    b.neon(polygon(6, 1), palette.violet);
    b.neon(polygon(6, 0.58, Math.PI / 6), palette.violet);
    b.glow(0, 0, 0.5, palette.violet, 0.2);
  },
  [Glyph.Dasher]: (b) => {
    b.neon([1, 0, -0.9, 0.52, -0.55, 0, -0.9, -0.52], palette.lime);
    b.neon([0.55, 0, -0.2, 0], palette.lime, false);
  },
  [Glyph.Boss]: boss,
  [Glyph.Gremlin]: (b) => imp(b, palette.lime, false),
  [Glyph.GremlinBlown]: (b) => imp(b, palette.ash, true),
  [Glyph.Flare]: (b) => b.glow(0, 0, 1.58, palette.white, 0.08),
};
