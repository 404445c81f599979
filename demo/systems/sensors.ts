import type { Entity, Game } from "../../engine/index.ts";
import { Collider, Position, Sensor } from "../components.ts";
import { Layer } from "../prefabs.ts";

/** From how far, in world units, an enemy or a bolt counts as danger. */
const alarmDistance = 120;

/** The turret's eyes: which enemy is closest, how many there are, and which way is out. */
export function addSensors(game: Game, turret: Entity): void {
  const { world } = game;
  const colliders = world.query([Position, Collider]);
  const { x, y } = world.columns(Position);
  const { layer } = world.columns(Collider);
  const sensor = world.columns(Sensor);

  game.addSystem("update", "sensors", () => {
    const self = world.resolve(turret);
    if (self < 0) return;
    const selfX = x[self] as number;
    const selfY = y[self] as number;
    const entities = colliders.entities();
    let nearest = -1;
    let nearestSquared = Number.POSITIVE_INFINITY;
    let enemies = 0;
    let dangerX = 0;
    let dangerY = 0;
    for (let i = 0; i < entities.length; i++) {
      const index = entities[i] as number;
      const isEnemy = layer[index] === Layer.Enemy;
      if (!isEnemy && layer[index] !== Layer.Bolt) continue;
      const dx = selfX - (x[index] as number);
      const dy = selfY - (y[index] as number);
      const squared = dx * dx + dy * dy;
      if (squared < alarmDistance * alarmDistance && squared > 0) {
        const distance = Math.sqrt(squared);
        const urgency = (1 - distance / alarmDistance) / distance;
        dangerX += dx * urgency;
        dangerY += dy * urgency;
      }
      if (!isEnemy) continue;
      enemies++;
      if (squared < nearestSquared) {
        nearest = index;
        nearestSquared = squared;
      }
    }
    sensor.nearest[self] = nearest < 0 ? 0 : world.handleOf(nearest);
    sensor.distance[self] = nearest < 0 ? 0 : Math.sqrt(nearestSquared);
    sensor.enemies[self] = enemies;
    sensor.dangerX[self] = dangerX;
    sensor.dangerY[self] = dangerY;
  });
}
