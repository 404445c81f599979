import type { Dice } from "../dice.ts";
import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import type { QuickJsHost } from "../quickjs-host.ts";
import { Guard, Position } from "./components.ts";

const source = `
const Patrol = 0, Chase = 1, Attack = 2, Flee = 3, Rest = 4;
const sight = 60, reach = 8, beat = 80;
export function onUpdate(self) {
  set_Guard_timer(self, get_Guard_timer(self) - delta());
  switch (get_Guard_state(self)) {
    case Patrol: patrol(self); break;
    case Chase: chase(self); break;
    case Attack: attack(self); break;
    case Flee: flee(self); break;
    case Rest: rest(self); break;
  }
}
function patrol(self) {
  walk(self, get_Guard_goalX(self), get_Guard_goalY(self), 30);
  if (get_Guard_stamina(self) > 40 && rivalDistance(self) < sight) {
    enter(self, Chase, range(2, 4));
  } else if (get_Guard_timer(self) <= 0) {
    set_Guard_goalX(self, get_Guard_homeX(self) + range(-beat, beat));
    set_Guard_goalY(self, get_Guard_homeY(self) + range(-beat, beat));
    enter(self, Patrol, range(1, 3));
  }
}
function chase(self) {
  const rival = get_Guard_rival(self);
  walk(self, get_Position_x(rival), get_Position_y(rival), 60);
  set_Guard_stamina(self, get_Guard_stamina(self) - 8 * delta());
  if (rivalDistance(self) < reach) enter(self, Attack, 0.5);
  else if (get_Guard_stamina(self) < 20) enter(self, Rest, range(1, 3));
  else if (get_Guard_timer(self) <= 0) enter(self, Patrol, 0);
}
function attack(self) {
  if (rivalDistance(self) > 2 * reach) {
    enter(self, Chase, 1);
  } else if (get_Guard_timer(self) <= 0) {
    set_Guard_hits(self, get_Guard_hits(self) + 1);
    set_Guard_stamina(self, get_Guard_stamina(self) - range(5, 20));
    if (get_Guard_stamina(self) < 30) enter(self, Flee, range(1, 2));
    else enter(self, Attack, 0.5);
  }
}
function flee(self) {
  const rival = get_Guard_rival(self);
  walk(self, get_Position_x(rival), get_Position_y(rival), -50);
  if (get_Guard_timer(self) <= 0) enter(self, Rest, range(1, 3));
}
function rest(self) {
  set_Guard_stamina(self, Math.min(get_Guard_stamina(self) + 20 * delta(), 100));
  if (get_Guard_timer(self) <= 0 && get_Guard_stamina(self) >= 60) enter(self, Patrol, 0);
}
function enter(self, state, seconds) {
  set_Guard_state(self, state);
  set_Guard_timer(self, seconds);
}
function range(from, to) { return from + (to - from) * random(); }
function rivalDistance(self) {
  const rival = get_Guard_rival(self);
  const dx = get_Position_x(rival) - get_Position_x(self);
  const dy = get_Position_y(rival) - get_Position_y(self);
  return Math.sqrt(dx * dx + dy * dy);
}
function walk(self, toX, toY, speed) {
  const dx = toX - get_Position_x(self);
  const dy = toY - get_Position_y(self);
  const way = Math.sqrt(dx * dx + dy * dy);
  if (way < 1) return;
  const step = speed * delta() / way;
  set_Position_x(self, get_Position_x(self) + dx * step);
  set_Position_y(self, get_Position_y(self) + dy * step);
}`;

export function quickJsStates(world: NativeWorld, dice: Dice, host: QuickJsHost): Frame {
  host.define("delta", () => delta);
  host.define("random", () => dice.next());
  const onUpdate = host.load(source)("onUpdate");
  return () => {
    dice.nextFrame();
    for (const guard of world.query([Position, Guard])) {
      dice.roll(guard);
      onUpdate(guard);
    }
  };
}
