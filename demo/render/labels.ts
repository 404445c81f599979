import { type Container, Particle, ParticleContainer, Rectangle, Texture } from "pixi.js";
import type { Entity, World } from "../../engine/index.ts";
import { Position, Sprite } from "../components.ts";

/** World units from an entity's centre down to the first line of its caption. */
const drop = 36;
const lineHeight = 15;
const fontPixels = 12;

/** Drawn at twice the size, so that it stays sharp on a dense screen. */
const sharpness = 2;
const sheetWidth = 160 * sharpness;
const rowHeight = lineHeight * sharpness;
/** Different lines of text that there can be. */
const sheetRows = 40;

const linesPerLabel = 2;

interface Label {
  readonly particles: readonly Particle[];
  entity: number;
}

/**
 * Captions that follow entities: which gremlin this is, and what blew its fuse. Every line of text
 * is drawn once, into one sheet, and from then on is as cheap as a sprite.
 */
export class Labels {
  readonly #world: World;
  readonly #container: ParticleContainer;
  readonly #context: CanvasRenderingContext2D;
  readonly #sheet: Texture;
  readonly #rows = new Map<string, Texture>();
  readonly #shown: Label[] = [];
  readonly #spare: Label[] = [];

  constructor(world: World) {
    const canvas = document.createElement("canvas");
    canvas.width = sheetWidth;
    canvas.height = rowHeight * sheetRows;
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no 2D canvas to draw captions with");
    context.font = `${fontPixels * sharpness}px ui-monospace, Menlo, "DejaVu Sans Mono", monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = "#fff";
    this.#world = world;
    this.#context = context;
    this.#sheet = Texture.from(canvas);
    this.#container = new ParticleContainer({
      texture: this.#sheet,
      dynamicProperties: { position: true, color: true, uvs: true, vertex: true, rotation: false },
    });
  }

  get container(): Container {
    return this.#container;
  }

  /** Gives an entity a caption of at most two lines, or changes the one it has. */
  show(entity: Entity, lines: readonly string[], tint: number): void {
    let label = this.#shown.find((candidate) => candidate.entity === entity);
    if (label === undefined) {
      label = this.#spare.pop() ?? createLabel(this.#rowOf(""));
      label.entity = entity;
      this.#shown.push(label);
      this.#container.addParticle(...label.particles);
    }
    label.particles.forEach((particle, i) => {
      particle.texture = this.#rowOf(lines[i] ?? "");
      particle.tint = tint;
    });
  }

  /** Moves the captions along, and takes away those whose entity has gone. */
  update(): void {
    const { x, y } = this.#world.columns(Position);
    const { alpha } = this.#world.columns(Sprite);
    for (let i = this.#shown.length - 1; i >= 0; i--) {
      const label = this.#shown[i] as Label;
      const index = this.#world.resolve(label.entity);
      if (index < 0) {
        this.#shown.splice(i, 1);
        this.#container.removeParticle(...label.particles);
        this.#spare.push(label);
        continue;
      }
      for (let line = 0; line < linesPerLabel; line++) {
        const particle = label.particles[line] as Particle;
        particle.x = x[index] as number;
        particle.y = (y[index] as number) + drop + line * lineHeight;
        particle.alpha = alpha[index] as number;
      }
    }
  }

  /** The texture of a line of text, drawn when it is first wanted; an empty one when the sheet is full. */
  #rowOf(text: string): Texture {
    const known = this.#rows.get(text);
    if (known !== undefined) return known;
    const row = this.#rows.size;
    if (row >= sheetRows) return this.#rowOf("");
    // No wider than the text: what is empty would be drawn all the same.
    const width = Math.min(
      sheetWidth,
      2 * Math.ceil(this.#context.measureText(text).width / 2) + 2,
    );
    this.#context.fillText(text, width / 2, (row + 0.5) * rowHeight, sheetWidth);
    this.#sheet.source.update();
    const frame = new Rectangle(0, row * rowHeight, width, rowHeight);
    const texture = new Texture({ source: this.#sheet.source, frame });
    this.#rows.set(text, texture);
    return texture;
  }
}

function createLabel(texture: Texture): Label {
  const particles = Array.from({ length: linesPerLabel }, () => {
    const scale = 1 / sharpness;
    return new Particle({ texture, anchorX: 0.5, anchorY: 0.5, scaleX: scale, scaleY: scale });
  });
  return { particles, entity: 0 };
}
