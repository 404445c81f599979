/** What every script can use, whatever the game: `import { Entity, Time } from "fusewire/sdk"`. */
export { Ease } from "./ease";
export { despawn, Entity, isAlive, noEntity } from "./entity";
export { Input, Key } from "./input";
export { log, warn } from "./log";
export {
  angleDifference,
  angleOf,
  clamp,
  cross,
  distance,
  dot,
  inverseLerp,
  length,
  lerp,
  moveTowards,
  turnTowards,
} from "./math";
export { field } from "./field";
export { found } from "./query";
export { Random } from "./random";
export { Time } from "./time";
