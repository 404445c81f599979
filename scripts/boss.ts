// The boss, a machine of six states. Below half its health it hurries.
import { clamp, despawn, Entity, isAlive, Random, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import {
  Boss,
  Bullet,
  Collider,
  Enemy,
  Heading,
  Health,
  Position,
  Prefab,
  Session,
  Sprite,
  Velocity,
} from "./components";
import { burst, flare, shockwave, spark } from "./effects";
import { AMBER, RED, WHITE } from "./glyphs";
import { ease, TAU, turnTowards } from "./maths";

const ARRIVING = 0;
const CIRCLING = 1;
const AIMING = 2;
const CHARGING = 3;
const CALLING = 4;
const DYING = 5;

const BOLTS = 14; // in one ring
const BOLT_SPEED: f32 = 135; // world units a second
const CHARGE_SPEED: f32 = 460;
const WORTH = 1500; // points

export function onUpdate(self: Entity): void {
  const prey = Boss.prey[self];
  if (Session.over[prey] != 0) {
    perish(self);
    return;
  }
  const timer = Boss.timer[self] - Time.delta;
  Boss.timer[self] = timer;
  const state = Boss.state[self];
  if (state == ARRIVING) arrive(self, timer);
  else if (state == CIRCLING) circle(self, timer);
  else if (state == AIMING) takeAim(self, prey, timer);
  else if (state == CHARGING) charge(self, timer);
  else if (state == CALLING) call(self, prey, timer);
  else die(self, prey, timer);

  const x = Position.x[self] + Velocity.x[self] * Time.delta;
  const y = Position.y[self] + Velocity.y[self] * Time.delta;
  Position.x[self] = clamp(x, 50 - ARENA_HALF_WIDTH, ARENA_HALF_WIDTH - 50);
  Position.y[self] = clamp(y, 50 - ARENA_HALF_HEIGHT, ARENA_HALF_HEIGHT - 50);
  if (state != DYING) takeHits(self);
}

function go(self: Entity, state: i32, seconds: f32): void {
  Boss.state[self] = state;
  Boss.timer[self] = seconds / hurry(self);
}

/** 1 while it is well, up to 1.7 as it nears its end. */
function hurry(self: Entity): f32 {
  const health = Health.points[self] / Health.full[self];
  return health > 0.5 ? 1 : 1.7 - 1.4 * health;
}

function arrive(self: Entity, timer: f32): void {
  Sprite.alpha[self] = clamp(1 - timer / 1.5, 0, 1);
  Heading.angle[self] += 6 * Time.delta;
  if (timer > 0) return;
  shockwave(Position.x[self], Position.y[self], 560, 0.6, RED);
  Boss.bearing[self] = Mathf.atan2(Position.y[self], Position.x[self]);
  go(self, CIRCLING, 4.5);
}

function circle(self: Entity, timer: f32): void {
  const bearing = Boss.bearing[self] + 0.7 * hurry(self) * Time.delta;
  Boss.bearing[self] = bearing;
  follow(self, Mathf.cos(bearing) * 330, Mathf.sin(bearing) * 205);
  Heading.angle[self] += 1.2 * Time.delta;

  const volley = Boss.volley[self] - Time.delta * hurry(self);
  Boss.volley[self] = volley;
  if (volley <= 0) {
    Boss.volley[self] = 1.1;
    ring(self);
  }
  if (timer > 0) return;
  const calls = Random.range(0, 1) < 0.4;
  if (calls) go(self, CALLING, 1.4);
  else go(self, AIMING, 1.0);
}

function takeAim(self: Entity, prey: Entity, timer: f32): void {
  const x = Position.x[self];
  const y = Position.y[self];
  Velocity.x[self] *= 1 - ease(4, Time.delta);
  Velocity.y[self] *= 1 - ease(4, Time.delta);
  const towards = Mathf.atan2(Position.y[prey] - y, Position.x[prey] - x);
  Heading.angle[self] = turnTowards(Heading.angle[self], towards, 4 * Time.delta);
  // Draws breath: sparks fly in.
  const from = Random.range(0, TAU);
  const far = Random.range(60, 90);
  spark(x + Mathf.cos(from) * far, y + Mathf.sin(from) * far, from + TAU / 2, far * 3, 0.35, AMBER);
  if (timer > 0) return;
  const angle = Heading.angle[self];
  Velocity.x[self] = Mathf.cos(angle) * CHARGE_SPEED;
  Velocity.y[self] = Mathf.sin(angle) * CHARGE_SPEED;
  go(self, CHARGING, 0.9);
}

function charge(self: Entity, timer: f32): void {
  const behind = Heading.angle[self] + TAU / 2 + Random.range(-0.5, 0.5);
  spark(Position.x[self], Position.y[self], behind, Random.range(80, 240), 0.5, RED);
  if (timer > 0) return;
  ring(self);
  Boss.bearing[self] = Mathf.atan2(Position.y[self], Position.x[self]);
  go(self, CIRCLING, 4);
}

function call(self: Entity, prey: Entity, timer: f32): void {
  Velocity.x[self] *= 1 - ease(4, Time.delta);
  Velocity.y[self] *= 1 - ease(4, Time.delta);
  Heading.angle[self] -= 7 * Time.delta;
  if (timer > 0) return;
  for (let i = 0; i < 5; i++) {
    const angle = (<f32>i / 5) * TAU;
    const it = Prefab.Weaver.spawn();
    Enemy.prey[it] = prey;
    Enemy.phase[it] = angle;
    Position.x[it] = Position.x[self] + Mathf.cos(angle) * 70;
    Position.y[it] = Position.y[self] + Mathf.sin(angle) * 70;
  }
  shockwave(Position.x[self], Position.y[self], 420, 0.5, AMBER);
  go(self, CIRCLING, 4);
}

function follow(self: Entity, x: f32, y: f32): void {
  const share = ease(3, Time.delta);
  Velocity.x[self] += ((x - Position.x[self]) * 1.6 - Velocity.x[self]) * share;
  Velocity.y[self] += ((y - Position.y[self]) * 1.6 - Velocity.y[self]) * share;
}

function ring(self: Entity): void {
  const x = Position.x[self];
  const y = Position.y[self];
  for (let i = 0; i < BOLTS; i++) {
    const angle = Heading.angle[self] + (<f32>i / <f32>BOLTS) * TAU;
    const bolt = Prefab.Bolt.spawn();
    Position.x[bolt] = x + Mathf.cos(angle) * 40;
    Position.y[bolt] = y + Mathf.sin(angle) * 40;
    Velocity.x[bolt] = Mathf.cos(angle) * BOLT_SPEED;
    Velocity.y[bolt] = Mathf.sin(angle) * BOLT_SPEED;
    Heading.angle[bolt] = angle;
  }
  flare(x, y, 120, RED);
}

function takeHits(self: Entity): void {
  const other = Collider.other[self];
  if (other == 0 || !isAlive(other) || !Bullet.has(other)) return;
  const points = Health.points[self] - Bullet.damage[other];
  Health.points[self] = points;
  flare(Position.x[other], Position.y[other], 46, AMBER);
  if (points <= 0) go(self, DYING, 1.5);
}

/** Burns from within before it goes. */
function die(self: Entity, prey: Entity, timer: f32): void {
  Velocity.x[self] *= 1 - ease(3, Time.delta);
  Velocity.y[self] *= 1 - ease(3, Time.delta);
  Heading.angle[self] += 11 * Time.delta;
  Sprite.alpha[self] = Random.range(0.5, 1);
  const x = Position.x[self] + Random.range(-46, 46);
  const y = Position.y[self] + Random.range(-46, 46);
  burst(x, y, 2, 320, AMBER);
  if (Time.frame % 6 == 0) flare(x, y, 130, AMBER);
  if (timer > 0) return;

  Session.score[prey] += WORTH;
  Session.lives[prey] = min(5, Session.lives[prey] + 1);
  Session.shake[prey] = 1;
  perish(self);
}

function perish(self: Entity): void {
  const x = Position.x[self];
  const y = Position.y[self];
  burst(x, y, 26, 640, RED);
  flare(x, y, 380, WHITE);
  shockwave(x, y, 640, 0.8, RED);
  shockwave(x, y, 380, 0.8, AMBER);
  despawn(self);
}
