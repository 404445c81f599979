import type { Game, Query, World } from "../../engine/index.ts";
import { Collider, Position } from "../components.ts";
import { Layer } from "../prefabs.ts";

/** Tells everything with a collider what it touches; scripts decide what that means. */
export function addCollision(game: Game): void {
  const system = new Collision(game.world);
  game.addSystem("update", "collision", () => system.run());
}

class Collision {
  readonly #world: World;
  readonly #colliders: Query;
  /** Indices by layer, refilled each frame and never shrunk. */
  readonly #layers: Int32Array[];
  readonly #counts = new Int32Array(5);

  constructor(world: World) {
    this.#world = world;
    this.#colliders = world.query([Position, Collider]);
    this.#layers = Array.from({ length: 5 }, () => new Int32Array(world.maxEntities));
  }

  run(): void {
    this.#sort();
    this.#touch(Layer.Shot, Layer.Enemy);
    this.#touch(Layer.Turret, Layer.Enemy);
    this.#touch(Layer.Turret, Layer.Bolt);
  }

  #sort(): void {
    const { layer, other } = this.#world.columns(Collider);
    const entities = this.#colliders.entities();
    this.#counts.fill(0);
    for (let i = 0; i < entities.length; i++) {
      const index = entities[i] as number;
      other[index] = 0;
      const of = layer[index] as number;
      const list = this.#layers[of];
      if (list === undefined) continue;
      const count = this.#counts[of] as number;
      list[count] = index;
      this.#counts[of] = count + 1;
    }
  }

  #touch(layerA: number, layerB: number): void {
    const { x, y } = this.#world.columns(Position);
    const { radius, other } = this.#world.columns(Collider);
    const listA = this.#layers[layerA] as Int32Array;
    const listB = this.#layers[layerB] as Int32Array;
    const countA = this.#counts[layerA] as number;
    const countB = this.#counts[layerB] as number;
    for (let i = 0; i < countA; i++) {
      const a = listA[i] as number;
      for (let j = 0; j < countB; j++) {
        const b = listB[j] as number;
        const dx = (x[a] as number) - (x[b] as number);
        const dy = (y[a] as number) - (y[b] as number);
        const reach = (radius[a] as number) + (radius[b] as number);
        if (dx * dx + dy * dy > reach * reach) continue;
        other[a] = this.#world.handleOf(b);
        other[b] = this.#world.handleOf(a);
        break;
      }
    }
  }
}
