import { Particle, ParticleContainer, type Texture } from "pixi.js";
import type { Query, World } from "../../engine/index.ts";
import { Heading, Position, Sprite } from "../components.ts";
import { bodyPixelsOf } from "./atlas.ts";

/** What is darker is left out: nobody sees it, and every sprite costs. */
const faintest = 0.06;

/** Draws every entity with a position and a sprite, straight from the columns, in one draw call. */
export class Sprites {
  readonly container: ParticleContainer;
  readonly #world: World;
  readonly #query: Query;
  readonly #textures: readonly Texture[];
  /** One for each entity there could be; the first few are in the container. */
  readonly #pool: Particle[];

  constructor(world: World, textures: readonly Texture[]) {
    const [first] = textures;
    if (first === undefined) throw new RangeError("an atlas needs at least one texture");
    this.#world = world;
    this.#query = world.query([Position, Sprite]);
    this.#textures = textures;
    this.#pool = Array.from(
      { length: world.maxEntities },
      () => new Particle({ texture: first, anchorX: 0.5, anchorY: 0.5 }),
    );
    this.container = new ParticleContainer({
      texture: first,
      blendMode: "add",
      dynamicProperties: { vertex: true, position: true, rotation: true, uvs: true, color: true },
    });
  }

  /** Copies the columns into the particles. Allocates nothing once the busiest frame has been. */
  update(): void {
    const { x, y } = this.#world.columns(Position);
    const { glyph, size, stretch, tint, alpha } = this.#world.columns(Sprite);
    const { angle } = this.#world.columns(Heading);
    const entities = this.#query.entities();
    const children = this.container.particleChildren;
    let count = 0;
    for (let i = 0; i < entities.length; i++) {
      const index = entities[i] as number;
      const brightness = Math.min(1, alpha[index] as number);
      if (!(brightness > faintest)) continue;
      const particle = this.#pool[count] as Particle;
      const shape = glyph[index] as number;
      const scale = (size[index] as number) / (bodyPixelsOf[shape] as number);
      particle.x = x[index] as number;
      particle.y = y[index] as number;
      particle.scaleX = scale * (stretch[index] as number);
      particle.scaleY = scale;
      particle.rotation = angle[index] as number;
      particle.texture = this.#textures[shape] as Texture;
      particle.color = abgr(tint[index] as number, brightness);
      children[count++] = particle;
    }
    children.length = count;
  }
}

/** Pixi's order of bytes: alpha, blue, green, red. */
function abgr(rgb: number, alpha: number): number {
  const bgr = ((rgb & 0xff) << 16) | (rgb & 0xff00) | ((rgb >>> 16) & 0xff);
  return ((Math.round(alpha * 255) << 24) | bgr) >>> 0;
}
