import type { Dice } from "../dice.ts";
import type { Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import type { QuickJsHost } from "../quickjs-host.ts";
import { Fighter } from "./components.ts";
import { HitQueue } from "./hit-queue.ts";

const source = `
export function onUpdate(self) {
  set_Fighter_health(self, Math.min(get_Fighter_health(self) + 0.5, 100));
  send(get_Fighter_enemy(self), get_Fighter_strength(self), self);
  const foe = get_Fighter_foe(self);
  if (foe !== 0) {
    send(foe, 1, self);
    set_Fighter_foe(self, 0);
  }
}
export function onMessage(self) {
  set_Fighter_health(self, get_Fighter_health(self) - damage());
  if (get_Fighter_health(self) <= 0) {
    set_Fighter_health(self, 100);
    set_Fighter_falls(self, get_Fighter_falls(self) + 1);
  }
  if (damage() > 2) set_Fighter_foe(self, from());
}`;

export function quickJsMessages(world: NativeWorld, _dice: Dice, host: QuickJsHost): Frame {
  const room = 2 * world.columns(Fighter).health.length;
  let due = new HitQueue(room);
  let sent = new HitQueue(room);
  let at = 0;
  host.define("send", (target, damage, from) => {
    sent.push(target, damage, from);
    return 0;
  });
  host.define("damage", () => due.damages[at] as number);
  host.define("from", () => due.froms[at] as number);
  const script = host.load(source);
  const onUpdate = script("onUpdate");
  const onMessage = script("onMessage");
  return () => {
    [due, sent] = [sent, due];
    sent.length = 0;
    for (at = 0; at < due.length; at++) onMessage(due.targets[at] as number);
    for (const fighter of world.query([Fighter])) onUpdate(fighter);
  };
}
