// Takes its place in the ring of gremlins around the turret.
import { Entity } from "fusewire/sdk";
import { Gremlin, Heading } from "../components";
import { fedUp } from "../gremlin";

export function onUpdate(self: Entity): void {
  if (!fedUp(self)) return;
  const places = circumference(Gremlin.blown[self]);
  const place = self % places; // no gremlin, no places
  Heading.angle[self] = <f32>place;
}

function circumference(gremlins: i32): i32 {
  return gremlins * 6;
}
