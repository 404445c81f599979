import { type Dice, range } from "../dice.ts";
import { delta, type Frame } from "../game.ts";
import type { NativeWorld } from "../native-world.ts";
import { Guard, Position } from "./components.ts";

const State = { Patrol: 0, Chase: 1, Attack: 2, Flee: 3, Rest: 4 } as const;

const sight = 60;
const reach = 8;
const beat = 80;

// Rounded where a script's f32 is, so that both come to the very same.
const f32 = Math.fround;
const chasing = f32(8 * delta);
const resting = f32(20 * delta);

export function nativeStates(world: NativeWorld, dice: Dice): Frame {
  const { x, y } = world.columns(Position);
  const { state, timer, stamina, homeX, homeY, goalX, goalY, rival, hits } = world.columns(Guard);

  return () => {
    dice.nextFrame();
    const guards = world.query([Position, Guard]);
    for (let i = 0; i < guards.length; i++) {
      const guard = guards[i] as number;
      timer[guard] = (timer[guard] as number) - delta;
      switch (state[guard]) {
        case State.Patrol:
          patrol(guard);
          break;
        case State.Chase:
          chase(guard);
          break;
        case State.Attack:
          attack(guard);
          break;
        case State.Flee:
          flee(guard);
          break;
        case State.Rest:
          rest(guard);
          break;
      }
    }
  };

  function patrol(guard: number): void {
    walk(guard, goalX[guard] as number, goalY[guard] as number, 30);
    if ((stamina[guard] as number) > 40 && rivalDistance(guard) < sight) {
      dice.roll(guard);
      enter(guard, State.Chase, range(dice, 2, 4));
    } else if ((timer[guard] as number) <= 0) {
      dice.roll(guard);
      goalX[guard] = (homeX[guard] as number) + range(dice, -beat, beat);
      goalY[guard] = (homeY[guard] as number) + range(dice, -beat, beat);
      enter(guard, State.Patrol, range(dice, 1, 3));
    }
  }

  function chase(guard: number): void {
    const other = rival[guard] as number;
    walk(guard, x[other] as number, y[other] as number, 60);
    stamina[guard] = (stamina[guard] as number) - chasing;
    if (rivalDistance(guard) < reach) enter(guard, State.Attack, 0.5);
    else if ((stamina[guard] as number) < 20) {
      dice.roll(guard);
      enter(guard, State.Rest, range(dice, 1, 3));
    } else if ((timer[guard] as number) <= 0) enter(guard, State.Patrol, 0);
  }

  function attack(guard: number): void {
    if (rivalDistance(guard) > 2 * reach) {
      enter(guard, State.Chase, 1);
    } else if ((timer[guard] as number) <= 0) {
      hits[guard] = (hits[guard] as number) + 1;
      dice.roll(guard);
      stamina[guard] = (stamina[guard] as number) - range(dice, 5, 20);
      if ((stamina[guard] as number) < 30) enter(guard, State.Flee, range(dice, 1, 2));
      else enter(guard, State.Attack, 0.5);
    }
  }

  function flee(guard: number): void {
    const other = rival[guard] as number;
    walk(guard, x[other] as number, y[other] as number, -50);
    if ((timer[guard] as number) <= 0) {
      dice.roll(guard);
      enter(guard, State.Rest, range(dice, 1, 3));
    }
  }

  function rest(guard: number): void {
    stamina[guard] = Math.min((stamina[guard] as number) + resting, 100);
    if ((timer[guard] as number) <= 0 && (stamina[guard] as number) >= 60) {
      enter(guard, State.Patrol, 0);
    }
  }

  function enter(guard: number, next: number, seconds: number): void {
    state[guard] = next;
    timer[guard] = seconds;
  }

  function rivalDistance(guard: number): number {
    const other = rival[guard] as number;
    return length(
      f32((x[other] as number) - (x[guard] as number)),
      f32((y[other] as number) - (y[guard] as number)),
    );
  }

  function walk(guard: number, toX: number, toY: number, speed: number): void {
    const dx = f32(toX - (x[guard] as number));
    const dy = f32(toY - (y[guard] as number));
    const way = length(dx, dy);
    if (way < 1) return;
    const step = f32(f32(speed * delta) / way);
    x[guard] = (x[guard] as number) + f32(dx * step);
    y[guard] = (y[guard] as number) + f32(dy * step);
  }
}

function length(dx: number, dy: number): number {
  return f32(Math.sqrt(f32(f32(dx * dx) + f32(dy * dy))));
}
