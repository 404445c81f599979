import { Container, Text } from "pixi.js";
import type { Entity, World } from "../../engine/index.ts";
import { Position, Sprite } from "../components.ts";

/** World units from an entity's centre down to its label. */
const drop = 30;

interface Label {
  readonly text: Text;
  entity: number;
}

/** Captions that follow entities: which gremlin this is, and what blew its fuse. */
export class Labels {
  readonly container = new Container();
  readonly #world: World;
  readonly #shown: Label[] = [];
  readonly #spare: Label[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Gives an entity a caption, or changes the one it has. */
  show(entity: Entity, caption: string, colour: number): void {
    let label = this.#shown.find((candidate) => candidate.entity === entity);
    if (label === undefined) {
      label = this.#spare.pop() ?? this.#create();
      label.entity = entity;
      this.#shown.push(label);
      this.container.addChild(label.text);
    }
    label.text.text = caption;
    label.text.style.fill = colour;
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
        this.container.removeChild(label.text);
        this.#spare.push(label);
        continue;
      }
      label.text.position.set(x[index] as number, (y[index] as number) + drop);
      label.text.alpha = alpha[index] as number;
    }
  }

  #create(): Label {
    const text = new Text({
      text: "",
      anchor: { x: 0.5, y: 0 },
      style: {
        fontFamily: "ui-monospace, Menlo, 'DejaVu Sans Mono', monospace",
        fontSize: 11.5,
        lineHeight: 15,
        align: "center",
        fill: 0xffffff,
      },
    });
    return { text, entity: 0 };
  }
}
