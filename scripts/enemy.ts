// Four kinds of enemy. Each steers in its own way; all of them break into sparks.
import { clamp, despawn, Entity, isAlive, Random, Time } from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import {
  Bullet,
  Collider,
  Enemy,
  Heading,
  Health,
  Lifetime,
  Position,
  Prefab,
  Session,
  Sprite,
  Velocity,
} from "./components";
import { burst, flare, shockwave } from "./effects";
import { AMBER, LIME, MAGENTA, VIOLET } from "./glyphs";
import { ease, turnTowards } from "./maths";

const DRONE = 0;
const WEAVER = 1;
const BRUTE = 2;

const DRONE_SPEED: f32 = 92; // world units a second
const WEAVER_SPEED: f32 = 118;
const BRUTE_SPEED: f32 = 46;
const DASH_SPEED: f32 = 430;
const ARRIVAL: f32 = 0.7; // seconds of fading in, during which it keeps still

export function onUpdate(self: Entity): void {
  const prey = Enemy.prey[self];
  if (Session.over[prey] != 0) {
    shatter(self, 5);
    return;
  }
  const age = Lifetime.age[self] + Time.delta;
  Lifetime.age[self] = age;
  Sprite.alpha[self] = clamp(age / ARRIVAL, 0, 1);
  if (age < ARRIVAL) {
    Heading.angle[self] += 9 * Time.delta;
    return;
  }

  const toX = Position.x[prey] - Position.x[self];
  const toY = Position.y[prey] - Position.y[self];
  const kind = Enemy.kind[self];
  if (kind == DRONE) drone(self, toX, toY);
  else if (kind == WEAVER) weave(self, toX, toY);
  else if (kind == BRUTE) trudge(self, toX, toY);
  else dash(self, toX, toY);

  move(self);
  takeHits(self, prey);
}

/** Straight at the turret, with a wobble. */
function drone(self: Entity, toX: f32, toY: f32): void {
  const phase = Enemy.phase[self] + 5 * Time.delta;
  Enemy.phase[self] = phase;
  const angle = Mathf.atan2(toY, toX) + Mathf.sin(phase) * 0.5;
  const heading = turnTowards(Heading.angle[self], angle, 4 * Time.delta);
  Heading.angle[self] = heading;
  glide(self, heading, DRONE_SPEED, 4);
}

/** Circles in, in loops. */
function weave(self: Entity, toX: f32, toY: f32): void {
  const phase = Enemy.phase[self] + 1.6 * Time.delta;
  Enemy.phase[self] = phase;
  const side: f32 = Enemy.mood[self] != 0 ? 1 : -1;
  const angle = Mathf.atan2(toY, toX) + side * (0.85 + 0.6 * Mathf.sin(phase));
  glide(self, angle, WEAVER_SPEED, 5);
  Heading.angle[self] += side * 4 * Time.delta;
}

/** Slow and sure; breathes. */
function trudge(self: Entity, toX: f32, toY: f32): void {
  const phase = Enemy.phase[self] + 3 * Time.delta;
  Enemy.phase[self] = phase;
  glide(self, Mathf.atan2(toY, toX), BRUTE_SPEED, 2);
  Heading.angle[self] += 0.7 * Time.delta;
  Sprite.size[self] = 58 + 3 * Mathf.sin(phase);
}

/** Takes aim, then shoots off in a straight line. */
function dash(self: Entity, toX: f32, toY: f32): void {
  const timer = Enemy.timer[self] - Time.delta;
  Enemy.timer[self] = timer;
  const aiming = Enemy.mood[self] == 0;
  if (aiming) {
    glide(self, Heading.angle[self], 14, 6);
    const rate: f32 = timer > 0.25 ? 5 : 0;
    Heading.angle[self] = turnTowards(Heading.angle[self], Mathf.atan2(toY, toX), rate * Time.delta);
    Sprite.stretch[self] = 1 - 0.3 * clamp(1 - timer, 0, 1);
  } else {
    glide(self, Heading.angle[self], DASH_SPEED, 12);
    Sprite.stretch[self] = 1.5;
  }
  if (timer > 0) return;
  Enemy.mood[self] = aiming ? 1 : 0;
  Enemy.timer[self] = aiming ? 0.55 : Random.range(0.8, 1.3);
}

function glide(self: Entity, angle: f32, speed: f32, agility: f32): void {
  const share = ease(agility, Time.delta);
  Velocity.x[self] += (Mathf.cos(angle) * speed - Velocity.x[self]) * share;
  Velocity.y[self] += (Mathf.sin(angle) * speed - Velocity.y[self]) * share;
}

function move(self: Entity): void {
  const x = Position.x[self] + Velocity.x[self] * Time.delta;
  const y = Position.y[self] + Velocity.y[self] * Time.delta;
  Position.x[self] = clamp(x, 16 - ARENA_HALF_WIDTH, ARENA_HALF_WIDTH - 16);
  Position.y[self] = clamp(y, 16 - ARENA_HALF_HEIGHT, ARENA_HALF_HEIGHT - 16);
}

function takeHits(self: Entity, prey: Entity): void {
  const other = Collider.other[self];
  if (other == 0 || !isAlive(other)) return;
  if (other == prey) {
    shatter(self, 10);
    return;
  }
  if (!Bullet.has(other)) return;

  const points = Health.points[self] - Bullet.damage[other];
  Health.points[self] = points;
  if (points > 0) {
    flare(Position.x[self], Position.y[self], Sprite.size[self] * 1.2, colour(self));
    return;
  }
  const combo = Session.combo[prey] + 1;
  Session.combo[prey] = combo;
  Session.score[prey] += Enemy.worth[self] * (1 + combo / 10);
  if (Enemy.kind[self] == BRUTE) split(self, prey);
  shatter(self, 12);
}

/** A brute leaves drones behind. */
function split(self: Entity, prey: Entity): void {
  for (let i = 0; i < 3; i++) {
    const child = Prefab.Drone.spawn();
    Enemy.prey[child] = prey;
    Enemy.phase[child] = <f32>i * 2;
    Position.x[child] = Position.x[self] + Random.range(-24, 24);
    Position.y[child] = Position.y[self] + Random.range(-24, 24);
    Lifetime.age[child] = ARRIVAL / 2;
  }
}

function shatter(self: Entity, sparks: i32): void {
  const x = Position.x[self];
  const y = Position.y[self];
  const tint = colour(self);
  burst(x, y, sparks, 300, tint);
  flare(x, y, Sprite.size[self] * 2.2, tint);
  shockwave(x, y, 260, 0.35, tint);
  despawn(self);
}

function colour(self: Entity): u32 {
  const kind = Enemy.kind[self];
  if (kind == DRONE) return MAGENTA;
  if (kind == WEAVER) return AMBER;
  if (kind == BRUTE) return VIOLET;
  return LIME;
}
