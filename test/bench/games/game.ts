import type { Component, Message, Prefab, ValuedComponent } from "../../../engine/index.ts";
import type { ScriptSystemOptions } from "../../../scripting/index.ts";
import type { Dice } from "./dice.ts";
import type { NativeWorld } from "./native-world.ts";
import type { QuickJsHost } from "./quickjs-host.ts";

/** An entity that a game begins with. */
export interface GameEntity {
  /** The script that it carries. */
  readonly script?: string;
  readonly parts: readonly ValuedComponent[];
}

/** Runs one frame. */
export type Frame = () => void;

/** A small game, and its logic as a script, native and in QuickJS. */
export interface Game {
  readonly name: string;
  readonly components: readonly Component[];
  readonly prefabs: readonly Prefab[];
  readonly messages: readonly Message[];
  readonly positions?: ScriptSystemOptions["positions"];
  /** In the order they run in; each is a file of that name in the game's folder. */
  readonly scripts: readonly string[];
  /** Length of every column. */
  readonly maxEntities: number;
  /** What it begins with, the same each time; handles in it are those of {@link handleOf}. */
  entities(): GameEntity[];
  /** What is compared: the fields of entities that have all of these. */
  readonly compared: readonly Component[];
  /** Whether entities come and go, so that their indices say nothing. */
  readonly comesAndGoes: boolean;
  /** Frames after which all must hold the same, and after which it goes on as it will for ever. */
  readonly frames: number;
  /** The last so many of them are enough for QuickJS, which is slow: it goes on with a native world. */
  readonly quickJsFrames: number;
  /** By how much fields may differ; 0 for not at all. */
  readonly tolerance: number;
  /** Over bitECS and typed arrays, as one would write it without scripts. */
  native(world: NativeWorld, dice: Dice): Frame;
  /** In QuickJS, with a host function for each field. */
  quickJs(world: NativeWorld, dice: Dice, host: QuickJsHost): Frame;
}

/** The handle of the n-th entity, from 1, that a new world begins with. */
export function handleOf(n: number): number {
  return n | (1 << 20);
}

/** Seconds of a frame; an f32, as scripts get it. */
export const delta = Math.fround(1 / 60);
