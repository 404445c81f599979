import { type Container, Particle, ParticleContainer, Rectangle, Texture } from "pixi.js";
import { arenaHalfHeight as halfHeight, arenaHalfWidth as halfWidth } from "../arena.ts";

/** Between two lines of the grid, in world units. */
const gridStep = 40;
const gridAlpha = 0.1;
const gridTints = [0x8a6bff, 0xd04fd0, 0x4f8fe0] as const;

const borderTint = 0x8a70ff;
/** Across the border with its glow, in world units. */
const borderWidth = 26;

const profilePixels = 64;

/** A line seen from its end: a bright core in a glow. */
function drawProfile(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = 4;
  canvas.height = profilePixels;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no 2D canvas to draw the grid with");
  const glow = context.createLinearGradient(0, 0, 0, profilePixels);
  for (let i = 0; i <= 16; i++) {
    const off = Math.abs(i / 8 - 1);
    const light = 0.5 * (1 - off) ** 3;
    glow.addColorStop(i / 16, `rgb(255 255 255 / ${light.toFixed(3)})`);
  }
  context.fillStyle = glow;
  context.fillRect(0, 0, 4, profilePixels);
  context.fillStyle = "#fff";
  context.fillRect(0, profilePixels / 2 - 2, 4, 4);
  return canvas;
}

/** The arena's border and its grid: thin lines, because every lit pixel costs where there is no GPU. */
export function drawGrid(): Container {
  const glowing = Texture.from(drawProfile());
  const { source } = glowing;
  const plain = new Texture({ source, frame: new Rectangle(1, profilePixels / 2 - 1, 2, 2) });
  const particles: Particle[] = [];

  const line = (
    texture: Texture,
    x: number,
    y: number,
    length: number,
    width: number,
  ): Particle => {
    const particle = new Particle({ texture, x, y, anchorX: 0.5, anchorY: 0.5 });
    particle.scaleX = length / texture.width;
    particle.scaleY = width / texture.height;
    particles.push(particle);
    return particle;
  };

  for (let x = -halfWidth + gridStep; x < halfWidth; x += gridStep) {
    const upright = line(plain, x, 0, 2 * halfHeight, 1);
    upright.rotation = Math.PI / 2;
    upright.alpha = gridAlpha;
    upright.tint = gridTints[x < -120 ? 0 : x < 160 ? 1 : 2];
  }
  for (let y = -halfHeight + gridStep; y < halfHeight; y += gridStep) {
    const level = line(plain, 0, y, 2 * halfWidth, 1);
    level.alpha = gridAlpha;
    level.tint = gridTints[y < 0 ? 0 : 2];
  }
  for (const side of [-1, 1]) {
    line(glowing, 0, side * halfHeight, 2 * halfWidth, borderWidth).tint = borderTint;
    const upright = line(glowing, side * halfWidth, 0, 2 * halfHeight, borderWidth);
    upright.rotation = Math.PI / 2;
    upright.tint = borderTint;
  }
  const container = new ParticleContainer({
    texture: glowing,
    blendMode: "add",
    particles,
    dynamicProperties: { position: false },
  });
  container.update();
  return container;
}
