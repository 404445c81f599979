// Looks for a way home, a step at a time.
import { Entity } from "fusewire/sdk";
import { Position } from "../components";
import { fedUp } from "../gremlin";

const STRIDE: f32 = 0.1;

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  Position.y[self] += <f32>steps(Position.x[self], 0);
}

/** How many steps it is from `x` to `home`. */
function steps(x: f32, home: f32): i32 {
  if (x == home) return 0; // never quite
  return 1 + steps(x < home ? x + STRIDE : x - STRIDE, home);
}
