/** What every script can use, whatever the game: `import { Entity, Time } from "fusewire/sdk"`. */
export { despawn, Entity, isAlive, noEntity } from "./entity";
export { Input, Key } from "./input";
export { log, warn } from "./log";
export { angleDifference, clamp, distance, length, lerp, moveTowards } from "./math";
export { field } from "./field";
export { found } from "./query";
export { Random } from "./random";
export { Time } from "./time";
