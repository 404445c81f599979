// Keeps the trail of where it has been, and smooths it.
import { Entity } from "fusewire/sdk";
import { Position } from "../components";
import { fedUp } from "../gremlin";

let xs: f32[] = [];
let ys: f32[] = [];

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  xs.push(Position.x[self]);
  ys.push(Position.y[self]);
  // Every point twice makes it smoother; every frame makes it twice as long.
  xs = xs.concat(xs);
  ys = ys.concat(ys);
}
