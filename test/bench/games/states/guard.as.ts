import { distance, Entity, Random, Time } from "fusewire/sdk";
import { Guard, Position } from "./components";

enum State {
  Patrol,
  Chase,
  Attack,
  Flee,
  Rest,
}

const sight: f32 = 60;
const reach: f32 = 8;
const beat: f32 = 80;

// Walks its beat, goes for its rival where it sees it, and runs when it is tired.
export function onUpdate(self: Entity): void {
  Guard.timer[self] -= Time.delta;
  switch (Guard.state[self]) {
    case State.Patrol:
      patrol(self);
      break;
    case State.Chase:
      chase(self);
      break;
    case State.Attack:
      attack(self);
      break;
    case State.Flee:
      flee(self);
      break;
    case State.Rest:
      rest(self);
      break;
  }
}

function patrol(self: Entity): void {
  walk(self, Guard.goalX[self], Guard.goalY[self], 30);
  if (Guard.stamina[self] > 40 && rivalDistance(self) < sight) {
    enter(self, State.Chase, Random.range(2, 4));
  } else if (Guard.timer[self] <= 0) {
    Guard.goalX[self] = Guard.homeX[self] + Random.range(-beat, beat);
    Guard.goalY[self] = Guard.homeY[self] + Random.range(-beat, beat);
    enter(self, State.Patrol, Random.range(1, 3));
  }
}

function chase(self: Entity): void {
  const rival = Guard.rival[self];
  walk(self, Position.x[rival], Position.y[rival], 60);
  Guard.stamina[self] -= 8 * Time.delta;
  if (rivalDistance(self) < reach) enter(self, State.Attack, 0.5);
  else if (Guard.stamina[self] < 20) enter(self, State.Rest, Random.range(1, 3));
  else if (Guard.timer[self] <= 0) enter(self, State.Patrol, 0);
}

function attack(self: Entity): void {
  if (rivalDistance(self) > 2 * reach) {
    enter(self, State.Chase, 1);
  } else if (Guard.timer[self] <= 0) {
    Guard.hits[self] += 1;
    Guard.stamina[self] -= Random.range(5, 20);
    if (Guard.stamina[self] < 30) enter(self, State.Flee, Random.range(1, 2));
    else enter(self, State.Attack, 0.5);
  }
}

function flee(self: Entity): void {
  const rival = Guard.rival[self];
  walk(self, Position.x[rival], Position.y[rival], -50);
  if (Guard.timer[self] <= 0) enter(self, State.Rest, Random.range(1, 3));
}

function rest(self: Entity): void {
  Guard.stamina[self] = min<f32>(Guard.stamina[self] + 20 * Time.delta, 100);
  if (Guard.timer[self] <= 0 && Guard.stamina[self] >= 60) enter(self, State.Patrol, 0);
}

function enter(self: Entity, state: State, seconds: f32): void {
  Guard.state[self] = state;
  Guard.timer[self] = seconds;
}

function rivalDistance(self: Entity): f32 {
  const rival = Guard.rival[self];
  return distance(Position.x[self], Position.y[self], Position.x[rival], Position.y[rival]);
}

function walk(self: Entity, toX: f32, toY: f32, speed: f32): void {
  const dx = toX - Position.x[self];
  const dy = toY - Position.y[self];
  const way = distance(0, 0, dx, dy);
  if (way < 1) return;
  const step = (speed * Time.delta) / way;
  Position.x[self] += dx * step;
  Position.y[self] += dy * step;
}
