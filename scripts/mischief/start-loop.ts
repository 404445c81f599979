// Works out how finely it can tell directions apart, once, when it is loaded.
import { Entity } from "fusewire/sdk";
import { Heading } from "../components";
import { fedUp } from "../gremlin";

const WANTED = 100;

let directions = 1;
while (directions != WANTED) {
  directions *= 2; // 64, 128, … and never a hundred
}

export function onUpdate(self: Entity): void {
  if (fedUp(self)) Heading.angle[self] = (<f32>(self % directions) / <f32>directions) * 6.28;
}
