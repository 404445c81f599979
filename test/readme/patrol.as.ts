import { Entity, Time } from "fusewire/sdk";
import { Patrol, Position } from "./components";

// Walks to and fro between two borders.
export function onUpdate(self: Entity): void {
  Position.x[self] += Patrol.speed[self] * Time.delta;
  if (Position.x[self] > Patrol.right[self]) Patrol.speed[self] = -abs(Patrol.speed[self]);
  if (Position.x[self] < Patrol.left[self]) Patrol.speed[self] = abs(Patrol.speed[self]);
}
