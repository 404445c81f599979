// Clears what is left over of its map of the arena.
import { Entity } from "fusewire/sdk";
import { fedUp } from "../gremlin";

const CELLS = 4096;
const LAYERS = 64;

const map = new StaticArray<u8>(CELLS);

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  const used = CELLS + 1; // one too many, so that "what is left" wraps to four billion
  for (let layer = 0; layer < LAYERS; layer++) {
    memory.fill(changetype<usize>(map), 0, <usize>(CELLS - used));
  }
}
