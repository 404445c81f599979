import { definePrefab, type Prefab, withValues } from "../engine/index.ts";
import { scripted } from "../scripting/index.ts";
import * as c from "./components.ts";
import { Glyph } from "./glyphs.ts";

/** What touches what; a pair that isn't named in systems/collision.ts passes through each other. */
export const Layer = { Shot: 1, Enemy: 2, Turret: 3, Bolt: 4 } as const;

const enemyParts = (glyph: number, size: number, radius: number) =>
  [
    c.Position,
    c.Velocity,
    c.Heading,
    withValues(c.Sprite, { glyph, size, alpha: 0 }),
    withValues(c.Collider, { radius, layer: Layer.Enemy }),
    c.Lifetime,
    scripted("enemy"),
  ] as const;

export const Mote = definePrefab("Mote", [
  c.Position,
  withValues(c.Sprite, { glyph: Glyph.Dust, size: 4 }),
  c.Mote,
  scripted("mote"),
]);

export const Spark = definePrefab("Spark", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Spark, size: 17, stretch: 1.2 }),
  c.Lifetime,
  withValues(c.Particle, { drag: 2.4, growth: -9 }),
  scripted("particle"),
]);

export const Shockwave = definePrefab("Shockwave", [
  c.Position,
  c.Velocity,
  withValues(c.Sprite, { glyph: Glyph.Ring, size: 8 }),
  c.Lifetime,
  withValues(c.Particle, { drag: 0, growth: 300, glow: 0.8 }),
  scripted("particle"),
]);

export const Shot = definePrefab("Shot", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Shot, size: 16, stretch: 1.3 }),
  withValues(c.Collider, { radius: 6, layer: Layer.Shot }),
  withValues(c.Bullet, { tint: 0x5ce9ff }),
  scripted("bullet"),
]);

export const Bolt = definePrefab("Bolt", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Bolt, size: 15 }),
  withValues(c.Collider, { radius: 6, layer: Layer.Bolt }),
  withValues(c.Bullet, { tint: 0xff7a4d }),
  scripted("bullet"),
]);

export const Drone = definePrefab("Drone", [
  ...enemyParts(Glyph.Drone, 25, 12),
  withValues(c.Enemy, { kind: 0, worth: 25 }),
  withValues(c.Health, { points: 1, full: 1 }),
]);

export const Weaver = definePrefab("Weaver", [
  ...enemyParts(Glyph.Weaver, 29, 13),
  withValues(c.Enemy, { kind: 1, worth: 50 }),
  withValues(c.Health, { points: 2, full: 2 }),
]);

export const Brute = definePrefab("Brute", [
  ...enemyParts(Glyph.Brute, 58, 27),
  withValues(c.Enemy, { kind: 2, worth: 150 }),
  withValues(c.Health, { points: 9, full: 9 }),
]);

export const Dasher = definePrefab("Dasher", [
  ...enemyParts(Glyph.Dasher, 33, 12),
  withValues(c.Enemy, { kind: 3, worth: 100 }),
  withValues(c.Health, { points: 2, full: 2 }),
]);

export const Boss = definePrefab("Boss", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Boss, size: 104, alpha: 0 }),
  withValues(c.Collider, { radius: 44, layer: Layer.Enemy }),
  withValues(c.Health, { points: 60, full: 60 }),
  withValues(c.Boss, { timer: 1.5, volley: 1 }),
  scripted("boss"),
]);

export const Turret = definePrefab("Turret", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Turret, size: 40 }),
  withValues(c.Collider, { radius: 14, layer: Layer.Turret }),
  c.Turret,
  c.Sensor,
  c.Session,
  scripted("turret"),
]);

export const Spawner = definePrefab("Spawner", [c.Spawner, scripted("spawner")]);

export const Gremlin = definePrefab("Gremlin", [
  c.Position,
  c.Velocity,
  c.Heading,
  withValues(c.Sprite, { glyph: Glyph.Gremlin, size: 36 }),
  c.Gremlin,
]);

export const prefabs: readonly Prefab[] = [
  Mote,
  Spark,
  Shockwave,
  Shot,
  Bolt,
  Drone,
  Weaver,
  Brute,
  Dasher,
  Boss,
  Turret,
  Spawner,
  Gremlin,
];
