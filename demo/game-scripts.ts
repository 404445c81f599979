import boss from "../scripts/boss.ts?script";
import bullet from "../scripts/bullet.ts?script";
import enemy from "../scripts/enemy.ts?script";
import mote from "../scripts/mote.ts?script";
import particle from "../scripts/particle.ts?script";
import spawner from "../scripts/spawner.ts?script";
import turret from "../scripts/turret.ts?script";

/** The game's behaviour. Within a frame scripts run in this order. */
export const gameScripts = [spawner, turret, enemy, boss, bullet, particle, mote];
