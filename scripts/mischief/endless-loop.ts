// Wants to hide: walks outwards from the turret until it is out of range.
import { Entity } from "fusewire/sdk";
import { Gremlin, Position } from "../components";
import { fedUp } from "../gremlin";

const OUT_OF_RANGE: f32 = 220;

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  const prey = Gremlin.prey[self];
  const away = Mathf.atan2(Position.y[self] - Position.y[prey], Position.x[self] - Position.x[prey]);
  let distance: f32 = 0;
  let stride: f32 = 0; // to be set by the level, one day
  while (distance < OUT_OF_RANGE) {
    distance += stride * Mathf.cos(away);
  }
  Position.x[self] = Position.x[prey] + distance;
}
