import { addComponent, addEntity, removeEntity } from "bitecs";
import type { Dice } from "../dice.ts";
import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import type { QuickJsHost } from "../quickjs-host.ts";
import { Emitter, Life, Position, Velocity } from "./components.ts";

const source = `
export function emit(self) {
  const rate = get_Emitter_rate(self);
  for (let i = 0; i < rate; i++) {
    const spark = spawn();
    set_Position_x(spark, get_Position_x(self));
    set_Position_y(spark, get_Position_y(self));
    set_Velocity_x(spark, random() * 80 - 40);
    set_Velocity_y(spark, random() * 60 - 120);
    set_Life_frames(spark, 20 + Math.floor(random() * 41));
  }
}
export function fall(self) {
  set_Velocity_y(self, get_Velocity_y(self) + 90 * delta());
  set_Position_x(self, get_Position_x(self) + get_Velocity_x(self) * delta());
  set_Position_y(self, get_Position_y(self) + get_Velocity_y(self) * delta());
  set_Life_frames(self, get_Life_frames(self) - 1);
  if (get_Life_frames(self) === 0) despawn(self);
}`;

export function quickJsChurn(world: NativeWorld, dice: Dice, host: QuickJsHost): Frame {
  const parts = [world.columns(Velocity), world.columns(Position), world.columns(Life)];
  host.define("delta", () => delta);
  host.define("random", () => dice.next());
  host.define("spawn", () => {
    const spark = addEntity(world.bit);
    for (const part of parts) addComponent(world.bit, spark, part);
    return spark;
  });
  host.define("despawn", (spark) => {
    removeEntity(world.bit, spark);
    return 0;
  });
  const script = host.load(source);
  const emit = script("emit");
  const fall = script("fall");
  return () => {
    dice.nextFrame();
    for (const spark of world.query([Velocity, Position, Life])) fall(spark);
    for (const emitter of world.query([Position, Emitter])) {
      dice.roll(emitter);
      emit(emitter);
    }
  };
}
