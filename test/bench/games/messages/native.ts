import type { Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import { Fighter } from "./components.ts";
import { HitQueue } from "./hit-queue.ts";

export function nativeMessages(world: NativeWorld): Frame {
  const { health, strength, falls, enemy, foe } = world.columns(Fighter);
  let due = new HitQueue(2 * health.length);
  let sent = new HitQueue(2 * health.length);

  function handle(target: number, damage: number, from: number): void {
    health[target] = (health[target] as number) - damage;
    if ((health[target] as number) <= 0) {
      health[target] = 100;
      falls[target] = (falls[target] as number) + 1;
    }
    if (damage > 2) foe[target] = from;
  }

  return () => {
    [due, sent] = [sent, due];
    sent.length = 0;
    for (let at = 0; at < due.length; at++) {
      handle(due.targets[at] as number, due.damages[at] as number, due.froms[at] as number);
    }
    const fighters = world.query([Fighter]);
    for (let i = 0; i < fighters.length; i++) {
      const id = fighters[i] as number;
      health[id] = Math.min((health[id] as number) + 0.5, 100);
      sent.push(enemy[id] as number, strength[id] as number, id);
      const back = foe[id] as number;
      if (back !== 0) {
        sent.push(back, 1, id);
        foe[id] = 0;
      }
    }
  };
}
