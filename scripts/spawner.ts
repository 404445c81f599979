// Sends the waves: each larger than the one before, every third with a boss.
import { Entity, length, Random, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import {
  Boss,
  Enemy,
  Heading,
  Health,
  Position,
  Prefab,
  Sensor,
  Session,
  Spawner,
  Turret,
} from "./components";
import { shockwave } from "./effects";
import { CYAN } from "./glyphs";
import { TAU } from "./maths";

const RESTING = 0;
const SENDING = 1;
const CLEARING = 2;
const LOST = 3;

const LIVES = 5;
const BOSS_EVERY = 3; // waves
const CROWD = 46; // enemies at once

export function onUpdate(self: Entity): void {
  const prey = Spawner.prey[self];
  const timer = Spawner.timer[self] - Time.delta;
  Spawner.timer[self] = timer;
  Session.shake[prey] = Mathf.max(0, Session.shake[prey] - 2.2 * Time.delta);

  const state = Spawner.state[self];
  if (Session.over[prey] != 0 && state != LOST) go(self, LOST, 2.6);
  else if (state == RESTING && timer <= 0) beginWave(self, prey);
  else if (state == SENDING && timer <= 0) send(self, prey);
  else if (state == CLEARING && (Sensor.enemies[prey] == 0 || timer <= 0)) go(self, RESTING, 1.4);
  else if (state == LOST && timer <= 0) beginGame(self, prey);
}

function go(self: Entity, state: i32, seconds: f32): void {
  Spawner.state[self] = state;
  Spawner.timer[self] = seconds;
}

function beginGame(self: Entity, prey: Entity): void {
  if (Session.score[prey] > Session.best[prey]) Session.best[prey] = Session.score[prey];
  Session.score[prey] = 0;
  Session.wave[prey] = 0;
  Session.combo[prey] = 0;
  Session.lives[prey] = LIVES;
  Session.over[prey] = 0;
  Turret.shield[prey] = 2.5;
  Position.x[prey] = 0;
  Position.y[prey] = 0;
  shockwave(0, 0, 700, 0.8, CYAN);
  go(self, RESTING, 0.8);
}

function beginWave(self: Entity, prey: Entity): void {
  const wave = Session.wave[prey] + 1;
  Session.wave[prey] = wave;
  Spawner.left[self] = 14 + 6 * wave;
  if (wave % BOSS_EVERY == 0) {
    Spawner.left[self] = 10 + 2 * wave;
    callBoss(prey, wave);
  }
  go(self, SENDING, 0.3);
}

function callBoss(prey: Entity, wave: i32): void {
  const boss = Prefab.Boss.spawn();
  const points: f32 = 40 + 12 * <f32>wave;
  Boss.prey[boss] = prey;
  Health.points[boss] = points;
  Health.full[boss] = points;
  Position.x[boss] = 0;
  Position.y[boss] = Position.y[prey] > 0 ? 60 - ARENA_HALF_HEIGHT : ARENA_HALF_HEIGHT - 60;
}

/** Sends a small group from one place; the later the wave, the stranger the company. */
function send(self: Entity, prey: Entity): void {
  let left = Spawner.left[self];
  if (left <= 0) {
    go(self, CLEARING, 14);
    return;
  }
  go(self, SENDING, Random.range(0.4, 0.9));
  if (Sensor.enemies[prey] > CROWD) return;

  let x: f32 = 0;
  let y: f32 = 0;
  for (let attempt = 0; attempt < 8; attempt++) {
    x = Random.range(-0.94, 0.94) * ARENA_HALF_WIDTH;
    y = Random.range(-0.92, 0.92) * ARENA_HALF_HEIGHT;
    if (length(x - Position.x[prey], y - Position.y[prey]) > 230) break;
  }
  const wave = Session.wave[prey];
  const kind = <i32>(Random.next() * <f64>min(4, 1 + wave / 2 + wave % 2));
  const size = kind == 2 ? 2 : kind == 3 ? 3 : 5;
  for (let i = 0; i < size && left > 0; i++, left--) {
    const angle = (<f32>i / <f32>size) * TAU;
    place(kind, prey, x + Mathf.cos(angle) * 34, y + Mathf.sin(angle) * 34, angle);
  }
  Spawner.left[self] = left;
}

function place(kind: i32, prey: Entity, x: f32, y: f32, phase: f32): void {
  let it: Entity;
  if (kind == 0) it = Prefab.Drone.spawn();
  else if (kind == 1) it = Prefab.Weaver.spawn();
  else if (kind == 2) it = Prefab.Brute.spawn();
  else it = Prefab.Dasher.spawn();
  Enemy.prey[it] = prey;
  Enemy.phase[it] = phase;
  Enemy.timer[it] = Random.range(0.6, 1.6);
  Position.x[it] = x;
  Position.y[it] = y;
  Heading.angle[it] = phase;
}
