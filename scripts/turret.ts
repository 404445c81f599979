// The turret: plays by itself, and hands over to whoever moves the pointer or presses a key.
import {
  angleDifference,
  clamp,
  Entity,
  Input,
  isAlive,
  Key,
  length,
  Random,
  Time,
} from "fusewire/sdk";
import { ARENA_HALF_HEIGHT, ARENA_HALF_WIDTH } from "./arena";
import {
  Collider,
  Heading,
  Position,
  Prefab,
  Sensor,
  Session,
  Sprite,
  Turret,
  Velocity,
} from "./components";
import { burst, flare, shockwave, spark } from "./effects";
import { AMBER, CYAN, RED, WHITE } from "./glyphs";
import { ease, turnTowards } from "./maths";

const FIRE_INTERVAL: f32 = 0.105; // seconds
const SHOT_SPEED: f32 = 640; // world units a second
const TURN_RATE: f32 = 9; // radians a second
const TOP_SPEED: f32 = 190; // world units a second
const HANDOVER: f32 = 4; // seconds after the last input until it plays itself again
const SHIELD: f32 = 1.8; // seconds
const TRIPLE_COMBO = 12; // kills in a row for three shots at once

export function onUpdate(self: Entity): void {
  if (Session.over[self] != 0) {
    Sprite.alpha[self] = 0;
    return;
  }
  readControls(self);
  steer(self);
  const onTarget = aim(self);
  fire(self, onTarget);
  takeHits(self);
}

/** Notices a player: any key, or a pointer that moves. */
function readControls(self: Entity): void {
  const moved = Input.pointerX != Turret.lastX[self] || Input.pointerY != Turret.lastY[self];
  Turret.lastX[self] = Input.pointerX;
  Turret.lastY[self] = Input.pointerY;
  if (moved || Input.pointerDown || pushX() != 0 || pushY() != 0) Turret.manual[self] = HANDOVER;
  else Turret.manual[self] = Mathf.max(0, Turret.manual[self] - Time.delta);
}

function pushX(): f32 {
  const right = Input.down(Key.ArrowRight) || Input.down(Key.KeyD);
  const left = Input.down(Key.ArrowLeft) || Input.down(Key.KeyA);
  return (right ? <f32>1 : 0) - (left ? <f32>1 : 0);
}

function pushY(): f32 {
  const down = Input.down(Key.ArrowDown) || Input.down(Key.KeyS);
  const up = Input.down(Key.ArrowUp) || Input.down(Key.KeyW);
  return (down ? <f32>1 : 0) - (up ? <f32>1 : 0);
}

function steer(self: Entity): void {
  const dt = Time.delta;
  const x = Position.x[self];
  const y = Position.y[self];
  let wantX = pushX() * TOP_SPEED;
  let wantY = pushY() * TOP_SPEED;

  if (Turret.manual[self] <= 0) {
    // Away from danger, and otherwise back to a slow figure of eight about the centre.
    const now = <f32>Time.elapsed;
    wantX = Sensor.dangerX[self] * 260 + (Mathf.sin(now * 0.41) * 150 - x) * 0.9;
    wantY = Sensor.dangerY[self] * 260 + (Mathf.sin(now * 0.82) * 80 - y) * 0.9;
    const speed = length(wantX, wantY);
    if (speed > TOP_SPEED) {
      wantX *= TOP_SPEED / speed;
      wantY *= TOP_SPEED / speed;
    }
  }

  const share = ease(5, dt);
  const vx = Velocity.x[self] + (wantX - Velocity.x[self]) * share;
  const vy = Velocity.y[self] + (wantY - Velocity.y[self]) * share;
  Velocity.x[self] = vx;
  Velocity.y[self] = vy;
  Position.x[self] = clamp(x + vx * dt, 30 - ARENA_HALF_WIDTH, ARENA_HALF_WIDTH - 30);
  Position.y[self] = clamp(y + vy * dt, 30 - ARENA_HALF_HEIGHT, ARENA_HALF_HEIGHT - 30);

  if (length(vx, vy) > 50 && Time.frame % 2 == 0) {
    const away = Mathf.atan2(-vy, -vx) + Random.range(-0.4, 0.4);
    spark(x, y, away, Random.range(60, 130), 0.35, CYAN);
  }
}

/** Turns towards the pointer or the nearest enemy; true when a shot would go about right. */
function aim(self: Entity): bool {
  const x = Position.x[self];
  const y = Position.y[self];
  let atX = Input.pointerX;
  let atY = Input.pointerY;

  if (Turret.manual[self] <= 0) {
    const target = Sensor.nearest[self];
    if (target == 0 || !isAlive(target)) {
      Heading.angle[self] += 0.6 * Time.delta;
      return false;
    }
    // Where it will be when the shot arrives.
    const flight = Sensor.distance[self] / SHOT_SPEED;
    atX = Position.x[target] + Velocity.x[target] * flight;
    atY = Position.y[target] + Velocity.y[target] * flight;
  }
  const wanted = Mathf.atan2(atY - y, atX - x);
  const angle = turnTowards(Heading.angle[self], wanted, TURN_RATE * Time.delta);
  Heading.angle[self] = angle;
  return Mathf.abs(angleDifference(angle, wanted)) < 0.15;
}

function fire(self: Entity, onTarget: bool): void {
  const cooldown = Turret.cooldown[self] - Time.delta;
  Turret.cooldown[self] = cooldown;
  const triggered = Turret.manual[self] > 0
    ? Input.pointerDown || Input.down(Key.Space)
    : onTarget;
  if (cooldown > 0 || !triggered) return;

  Turret.cooldown[self] = FIRE_INTERVAL;
  const angle = Heading.angle[self];
  shoot(self, angle);
  if (Session.combo[self] >= TRIPLE_COMBO) {
    shoot(self, angle - 0.14);
    shoot(self, angle + 0.14);
  }
}

function shoot(self: Entity, angle: f32): void {
  // The barrels take turns.
  const barrel = Turret.barrel[self] ^ 1;
  Turret.barrel[self] = barrel;
  const side: f32 = barrel != 0 ? 5 : -5;
  const cos = Mathf.cos(angle);
  const sin = Mathf.sin(angle);

  const shot = Prefab.Shot.spawn();
  Position.x[shot] = Position.x[self] + cos * 20 - sin * side;
  Position.y[shot] = Position.y[self] + sin * 20 + cos * side;
  Velocity.x[shot] = cos * SHOT_SPEED;
  Velocity.y[shot] = sin * SHOT_SPEED;
  Heading.angle[shot] = angle;
}

function takeHits(self: Entity): void {
  const shield = Mathf.max(0, Turret.shield[self] - Time.delta);
  Turret.shield[self] = shield;
  // Blinks while nothing can hurt it.
  Sprite.alpha[self] = shield > 0 && Mathf.sin(shield * 30) < 0 ? 0.45 : 1;
  if (Collider.other[self] == 0 || shield > 0) return;

  const x = Position.x[self];
  const y = Position.y[self];
  const lives = Session.lives[self] - 1;
  Session.lives[self] = lives;
  Session.combo[self] = 0;
  Session.shake[self] = 1;
  Turret.shield[self] = SHIELD;
  shockwave(x, y, 620, 0.5, WHITE);
  burst(x, y, 26, 520, lives > 0 ? CYAN : AMBER);
  if (lives > 0) return;

  Session.over[self] = 1;
  shockwave(x, y, 760, 0.9, RED);
  flare(x, y, 360, AMBER);
}
