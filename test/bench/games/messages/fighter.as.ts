import { Entity, noEntity } from "fusewire/sdk";
import { Fighter, Hit } from "./components";

// Hits its enemy, and hits back at whoever hit it hard.
export function onUpdate(self: Entity): void {
  Fighter.health[self] = min<f32>(Fighter.health[self] + 0.5, 100);
  Hit.send(Fighter.enemy[self], Fighter.strength[self], self);
  const foe = Fighter.foe[self];
  if (foe != noEntity) {
    Hit.send(foe, 1, self);
    Fighter.foe[self] = noEntity;
  }
}

export function onMessage(self: Entity): void {
  if (!Hit.is) return;
  Fighter.health[self] -= Hit.damage;
  if (Fighter.health[self] <= 0) {
    Fighter.health[self] = 100;
    Fighter.falls[self] += 1;
  }
  if (Hit.damage > 2) Fighter.foe[self] = Hit.from;
}
