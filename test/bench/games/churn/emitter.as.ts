import { Entity, Random } from "fusewire/sdk";
import { Emitter, Life, Position, Prefab, Velocity } from "./components";

// Throws sparks.
export function onUpdate(self: Entity): void {
  const rate = Emitter.rate[self];
  for (let i = 0; i < rate; i++) {
    const spark = Prefab.Spark.spawn();
    Position.x[spark] = Position.x[self];
    Position.y[spark] = Position.y[self];
    Velocity.x[spark] = Random.range(-40, 40);
    Velocity.y[spark] = Random.range(-120, -60);
    Life.frames[spark] = Random.int(20, 60);
  }
}
