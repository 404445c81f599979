import { addComponent, addEntity, removeEntity } from "bitecs";
import { type Dice, int, range } from "../dice.ts";
import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import { Emitter, Life, Position, Velocity } from "./components.ts";

const fall = Math.fround(90 * delta);

export function nativeChurn(world: NativeWorld, dice: Dice): Frame {
  const { bit } = world;
  const position = world.columns(Position);
  const velocity = world.columns(Velocity);
  const life = world.columns(Life);
  const emitter = world.columns(Emitter);
  const { x, y } = position;
  const { x: vx, y: vy } = velocity;

  function emit(id: number): void {
    dice.roll(id);
    for (let n = emitter.rate[id] as number; n > 0; n--) {
      const spark = addEntity(bit);
      addComponent(bit, spark, velocity);
      addComponent(bit, spark, position);
      addComponent(bit, spark, life);
      x[spark] = x[id] as number;
      y[spark] = y[id] as number;
      vx[spark] = range(dice, -40, 40);
      vy[spark] = range(dice, -120, -60);
      life.frames[spark] = int(dice, 20, 60);
    }
  }

  return () => {
    dice.nextFrame();
    const sparks = world.query([Velocity, Position, Life]);
    for (let i = 0; i < sparks.length; i++) {
      const id = sparks[i] as number;
      vy[id] = (vy[id] as number) + fall;
      x[id] = (x[id] as number) + Math.fround((vx[id] as number) * delta);
      y[id] = (y[id] as number) + Math.fround((vy[id] as number) * delta);
      const left = (life.frames[id] as number) - 1;
      life.frames[id] = left;
      if (left === 0) removeEntity(bit, id);
    }
    const emitters = world.query([Position, Emitter]);
    for (let i = 0; i < emitters.length; i++) emit(emitters[i] as number);
  };
}
