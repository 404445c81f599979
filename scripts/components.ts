// Generated from the game's components and prefabs. Don't edit; write it again with:
//   npm run bindings

import { Entity } from "fusewire/sdk";

type i32_ = i32;

/** The component Boss. */
export namespace Boss {
  /** An entity, or none. */
  // @ts-ignore: decorator
  @inline export const prey: Boss_prey = changetype<Boss_prey>(0);

  /** 0 arriving, 1 circling, 2 taking aim, 3 charging, 4 calling help, 5 dying. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const state: Boss_state = changetype<Boss_state>(0);

  /** Seconds left in the state. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const timer: Boss_timer = changetype<Boss_timer>(0);

  /** Seconds until the next ring of bolts. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const volley: Boss_volley = changetype<Boss_volley>(0);

  /** Radians; where on its circle it is. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const bearing: Boss_bearing = changetype<Boss_bearing>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Boss.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Boss.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Boss.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Boss.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Boss.at") export declare function at(n: i32_): Entity;
}

/** The component Bullet. */
export namespace Bullet {
  /** An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const damage: Bullet_damage = changetype<Bullet_damage>(0);

  /** 0xRRGGBB, of the sparks when it hits. A u32, 16777215 at first. */
  // @ts-ignore: decorator
  @inline export const tint: Bullet_tint = changetype<Bullet_tint>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Bullet.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Bullet.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Bullet.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Bullet.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Bullet.at") export declare function at(n: i32_): Entity;
}

/** The component Collider. */
export namespace Collider {
  /** World units. An f32, 10 at first. */
  // @ts-ignore: decorator
  @inline export const radius: Collider_radius = changetype<Collider_radius>(0);

  /** 1 shots, 2 enemies, 3 the turret, 4 enemy bolts. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const layer: Collider_layer = changetype<Collider_layer>(0);

  /** What was touched after the last script phase; 0 for nothing. An entity, or none. */
  // @ts-ignore: decorator
  @inline export const other: Collider_other = changetype<Collider_other>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Collider.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Collider.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Collider.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Collider.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Collider.at") export declare function at(n: i32_): Entity;
}

/** The component Enemy. */
export namespace Enemy {
  /** 0 drone, 1 weaver, 2 brute, 3 dasher. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const kind: Enemy_kind = changetype<Enemy_kind>(0);

  /** Whom it hunts. An entity, or none. */
  // @ts-ignore: decorator
  @inline export const prey: Enemy_prey = changetype<Enemy_prey>(0);

  /** Radians; sets the wobble apart. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const phase: Enemy_phase = changetype<Enemy_phase>(0);

  /** Seconds left in what it is doing. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const timer: Enemy_timer = changetype<Enemy_timer>(0);

  /** What it is doing; each kind has its own. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const mood: Enemy_mood = changetype<Enemy_mood>(0);

  /** Points for destroying it. An i32, 10 at first. */
  // @ts-ignore: decorator
  @inline export const worth: Enemy_worth = changetype<Enemy_worth>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Enemy.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Enemy.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Enemy.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Enemy.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Enemy.at") export declare function at(n: i32_): Entity;
}

/** The component Gremlin. */
export namespace Gremlin {
  /** Seconds since its release. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const age: Gremlin_age = changetype<Gremlin_age>(0);

  /** Whom it would like to annoy. An entity, or none. */
  // @ts-ignore: decorator
  @inline export const prey: Gremlin_prey = changetype<Gremlin_prey>(0);

  /** 1 once its fuse has blown. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const blown: Gremlin_blown = changetype<Gremlin_blown>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Gremlin.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Gremlin.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Gremlin.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Gremlin.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Gremlin.at") export declare function at(n: i32_): Entity;
}

/** The component Heading. */
export namespace Heading {
  /** Radians; 0 looks right. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const angle: Heading_angle = changetype<Heading_angle>(0);

  /** Radians a second. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const spin: Heading_spin = changetype<Heading_spin>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Heading.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Heading.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Heading.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Heading.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Heading.at") export declare function at(n: i32_): Entity;
}

/** The component Health. */
export namespace Health {
  /** An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const points: Health_points = changetype<Health_points>(0);

  /** An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const full: Health_full = changetype<Health_full>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Health.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Health.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Health.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Health.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Health.at") export declare function at(n: i32_): Entity;
}

/** The component Lifetime. */
export namespace Lifetime {
  /** Seconds lived. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const age: Lifetime_age = changetype<Lifetime_age>(0);

  /** Seconds to live. An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const span: Lifetime_span = changetype<Lifetime_span>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Lifetime.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Lifetime.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Lifetime.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Lifetime.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Lifetime.at") export declare function at(n: i32_): Entity;
}

/** The component Mote. */
export namespace Mote {
  /** 0 far away, 1 near; near ones drift faster. An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const depth: Mote_depth = changetype<Mote_depth>(0);

  /** Radians; sets the twinkling apart. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const phase: Mote_phase = changetype<Mote_phase>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Mote.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Mote.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Mote.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Mote.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Mote.at") export declare function at(n: i32_): Entity;
}

/** The component Particle. */
export namespace Particle {
  /** Share of the speed lost in a second. An f32, 2 at first. */
  // @ts-ignore: decorator
  @inline export const drag: Particle_drag = changetype<Particle_drag>(0);

  /** World units a second by which the size changes. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const growth: Particle_growth = changetype<Particle_growth>(0);

  /** Brightness at birth. An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const glow: Particle_glow = changetype<Particle_glow>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Particle.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Particle.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Particle.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Particle.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Particle.at") export declare function at(n: i32_): Entity;
}

/** Where an entity is, in world units; the arena's centre is 0, 0 and y grows downwards. */
export namespace Position {
  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const x: Position_x = changetype<Position_x>(0);

  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const y: Position_y = changetype<Position_y>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Position.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Position.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Position.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Position.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Position.at") export declare function at(n: i32_): Entity;
}

/** The component Sensor. */
export namespace Sensor {
  /** The closest enemy, or 0. An entity, or none. */
  // @ts-ignore: decorator
  @inline export const nearest: Sensor_nearest = changetype<Sensor_nearest>(0);

  /** World units to it. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const distance: Sensor_distance = changetype<Sensor_distance>(0);

  /** How many enemies are alive. An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const enemies: Sensor_enemies = changetype<Sensor_enemies>(0);

  /** The way out: away from everything near, by nearness. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const dangerX: Sensor_dangerX = changetype<Sensor_dangerX>(0);

  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const dangerY: Sensor_dangerY = changetype<Sensor_dangerY>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Sensor.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Sensor.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Sensor.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Sensor.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Sensor.at") export declare function at(n: i32_): Entity;
}

/** The component Session. */
export namespace Session {
  /** An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const score: Session_score = changetype<Session_score>(0);

  /** An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const best: Session_best = changetype<Session_best>(0);

  /** An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const wave: Session_wave = changetype<Session_wave>(0);

  /** An i32, 5 at first. */
  // @ts-ignore: decorator
  @inline export const lives: Session_lives = changetype<Session_lives>(0);

  /** Kills in a row without being hit. An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const combo: Session_combo = changetype<Session_combo>(0);

  /** 1 while the game is lost, until the next one starts. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const over: Session_over = changetype<Session_over>(0);

  /** How hard the picture shakes, 0 to 1. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const shake: Session_shake = changetype<Session_shake>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Session.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Session.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Session.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Session.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Session.at") export declare function at(n: i32_): Entity;
}

/** The component Spawner. */
export namespace Spawner {
  /** An entity, or none. */
  // @ts-ignore: decorator
  @inline export const prey: Spawner_prey = changetype<Spawner_prey>(0);

  /** 0 resting, 1 sending, 2 waiting for the arena to clear, 3 lost. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const state: Spawner_state = changetype<Spawner_state>(0);

  /** Seconds until its next step. An f32, 1.2 at first. */
  // @ts-ignore: decorator
  @inline export const timer: Spawner_timer = changetype<Spawner_timer>(0);

  /** Enemies of this wave still to send. An i32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const left: Spawner_left = changetype<Spawner_left>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Spawner.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Spawner.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Spawner.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Spawner.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Spawner.at") export declare function at(n: i32_): Entity;
}

/** The component Sprite. */
export namespace Sprite {
  /** Which shape of the atlas; see glyphs.ts. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const glyph: Sprite_glyph = changetype<Sprite_glyph>(0);

  /** Across, in world units. An f32, 32 at first. */
  // @ts-ignore: decorator
  @inline export const size: Sprite_size = changetype<Sprite_size>(0);

  /** Length along the heading, relative to size. An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const stretch: Sprite_stretch = changetype<Sprite_stretch>(0);

  /** 0xRRGGBB, multiplied with the shape. A u32, 16777215 at first. */
  // @ts-ignore: decorator
  @inline export const tint: Sprite_tint = changetype<Sprite_tint>(0);

  /** Brightness, 0 to 1. An f32, 1 at first. */
  // @ts-ignore: decorator
  @inline export const alpha: Sprite_alpha = changetype<Sprite_alpha>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Sprite.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Sprite.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Sprite.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Sprite.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Sprite.at") export declare function at(n: i32_): Entity;
}

/** The component Turret. */
export namespace Turret {
  /** Seconds until it may fire. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const cooldown: Turret_cooldown = changetype<Turret_cooldown>(0);

  /** Seconds left of a player's control; 0 plays itself. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const manual: Turret_manual = changetype<Turret_manual>(0);

  /** Where the pointer was. An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const lastX: Turret_lastX = changetype<Turret_lastX>(0);

  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const lastY: Turret_lastY = changetype<Turret_lastY>(0);

  /** Seconds during which nothing hurts. An f32, 2 at first. */
  // @ts-ignore: decorator
  @inline export const shield: Turret_shield = changetype<Turret_shield>(0);

  /** Which barrel fires next. An i32 from 0 to 255, 0 at first. */
  // @ts-ignore: decorator
  @inline export const barrel: Turret_barrel = changetype<Turret_barrel>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Turret.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Turret.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Turret.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Turret.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Turret.at") export declare function at(n: i32_): Entity;
}

/** World units a second. */
export namespace Velocity {
  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const x: Velocity_x = changetype<Velocity_x>(0);

  /** An f32, 0 at first. */
  // @ts-ignore: decorator
  @inline export const y: Velocity_y = changetype<Velocity_y>(0);

  /** Whether the entity has this component, or was given it in this frame. */
  // @ts-ignore: decorator
  @external("component", "Velocity.has") export declare function has(entity: Entity): bool;

  /**
   * Gives the entity this component. Its fields can be used at once; all else sees it when every
   * script has run this frame.
   */
  // @ts-ignore: decorator
  @external("component", "Velocity.add") export declare function add(entity: Entity): void;

  /** Takes this component from the entity when every script has run this frame. */
  // @ts-ignore: decorator
  @external("component", "Velocity.remove") export declare function remove(entity: Entity): void;

  /**
   * How many entities have this component; those given it in this frame not counted yet. Costs 45
   * fuel.
   */
  // @ts-ignore: decorator
  @external("component", "Velocity.count") export declare function count(): i32_;

  /** The n-th of those entities, from 0 to count() - 1. Costs 60 fuel. */
  // @ts-ignore: decorator
  @external("component", "Velocity.at") export declare function at(n: i32_): Entity;
}

/** The kinds of entity that scripts can spawn. */
export namespace Prefab {
  export namespace Bolt {
    /**
     * A new Bolt. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Bolt.spawn") export declare function spawn(): Entity;
  }

  export namespace Boss {
    /**
     * A new Boss. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Boss.spawn") export declare function spawn(): Entity;
  }

  export namespace Brute {
    /**
     * A new Brute. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Brute.spawn") export declare function spawn(): Entity;
  }

  export namespace Dasher {
    /**
     * A new Dasher. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Dasher.spawn") export declare function spawn(): Entity;
  }

  export namespace Drone {
    /**
     * A new Drone. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Drone.spawn") export declare function spawn(): Entity;
  }

  export namespace Gremlin {
    /**
     * A new Gremlin. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Gremlin.spawn") export declare function spawn(): Entity;
  }

  export namespace Mote {
    /**
     * A new Mote. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Mote.spawn") export declare function spawn(): Entity;
  }

  export namespace Shockwave {
    /**
     * A new Shockwave. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Shockwave.spawn") export declare function spawn(): Entity;
  }

  export namespace Shot {
    /**
     * A new Shot. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Shot.spawn") export declare function spawn(): Entity;
  }

  export namespace Spark {
    /**
     * A new Spark. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Spark.spawn") export declare function spawn(): Entity;
  }

  export namespace Spawner {
    /**
     * A new Spawner. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Spawner.spawn") export declare function spawn(): Entity;
  }

  export namespace Turret {
    /**
     * A new Turret. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Turret.spawn") export declare function spawn(): Entity;
  }

  export namespace Weaver {
    /**
     * A new Weaver. Its fields can be used at once; all else sees it when every script has run this
     * frame. When the call that spawned it is stopped, it never was.
     */
    // @ts-ignore: decorator
    @external("prefab", "Weaver.spawn") export declare function spawn(): Entity;
  }
}

// @ts-ignore: decorator
@external("component", "Boss.prey.get")
declare function Boss_prey_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Boss.prey.set")
declare function Boss_prey_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Boss_prey {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Boss_prey_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Boss_prey_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Boss.state.get")
declare function Boss_state_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Boss.state.set")
declare function Boss_state_set(entity: Entity, value: i32): void;
@final @unmanaged
class Boss_state {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Boss_state_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Boss_state_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Boss.timer.get")
declare function Boss_timer_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Boss.timer.set")
declare function Boss_timer_set(entity: Entity, value: f32): void;
@final @unmanaged
class Boss_timer {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Boss_timer_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Boss_timer_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Boss.volley.get")
declare function Boss_volley_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Boss.volley.set")
declare function Boss_volley_set(entity: Entity, value: f32): void;
@final @unmanaged
class Boss_volley {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Boss_volley_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Boss_volley_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Boss.bearing.get")
declare function Boss_bearing_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Boss.bearing.set")
declare function Boss_bearing_set(entity: Entity, value: f32): void;
@final @unmanaged
class Boss_bearing {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Boss_bearing_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Boss_bearing_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Bullet.damage.get")
declare function Bullet_damage_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Bullet.damage.set")
declare function Bullet_damage_set(entity: Entity, value: f32): void;
@final @unmanaged
class Bullet_damage {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Bullet_damage_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Bullet_damage_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Bullet.tint.get")
declare function Bullet_tint_get(entity: Entity): u32;
// @ts-ignore: decorator
@external("component", "Bullet.tint.set")
declare function Bullet_tint_set(entity: Entity, value: u32): void;
@final @unmanaged
class Bullet_tint {
  [key: Entity]: u32;
  @inline @operator("[]") protected get(entity: Entity): u32 { return Bullet_tint_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: u32): void { Bullet_tint_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Collider.radius.get")
declare function Collider_radius_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Collider.radius.set")
declare function Collider_radius_set(entity: Entity, value: f32): void;
@final @unmanaged
class Collider_radius {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Collider_radius_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Collider_radius_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Collider.layer.get")
declare function Collider_layer_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Collider.layer.set")
declare function Collider_layer_set(entity: Entity, value: i32): void;
@final @unmanaged
class Collider_layer {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Collider_layer_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Collider_layer_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Collider.other.get")
declare function Collider_other_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Collider.other.set")
declare function Collider_other_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Collider_other {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Collider_other_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Collider_other_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.kind.get")
declare function Enemy_kind_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Enemy.kind.set")
declare function Enemy_kind_set(entity: Entity, value: i32): void;
@final @unmanaged
class Enemy_kind {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Enemy_kind_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Enemy_kind_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.prey.get")
declare function Enemy_prey_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Enemy.prey.set")
declare function Enemy_prey_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Enemy_prey {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Enemy_prey_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Enemy_prey_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.phase.get")
declare function Enemy_phase_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Enemy.phase.set")
declare function Enemy_phase_set(entity: Entity, value: f32): void;
@final @unmanaged
class Enemy_phase {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Enemy_phase_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Enemy_phase_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.timer.get")
declare function Enemy_timer_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Enemy.timer.set")
declare function Enemy_timer_set(entity: Entity, value: f32): void;
@final @unmanaged
class Enemy_timer {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Enemy_timer_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Enemy_timer_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.mood.get")
declare function Enemy_mood_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Enemy.mood.set")
declare function Enemy_mood_set(entity: Entity, value: i32): void;
@final @unmanaged
class Enemy_mood {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Enemy_mood_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Enemy_mood_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Enemy.worth.get")
declare function Enemy_worth_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Enemy.worth.set")
declare function Enemy_worth_set(entity: Entity, value: i32): void;
@final @unmanaged
class Enemy_worth {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Enemy_worth_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Enemy_worth_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Gremlin.age.get")
declare function Gremlin_age_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Gremlin.age.set")
declare function Gremlin_age_set(entity: Entity, value: f32): void;
@final @unmanaged
class Gremlin_age {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Gremlin_age_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Gremlin_age_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Gremlin.prey.get")
declare function Gremlin_prey_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Gremlin.prey.set")
declare function Gremlin_prey_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Gremlin_prey {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Gremlin_prey_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Gremlin_prey_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Gremlin.blown.get")
declare function Gremlin_blown_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Gremlin.blown.set")
declare function Gremlin_blown_set(entity: Entity, value: i32): void;
@final @unmanaged
class Gremlin_blown {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Gremlin_blown_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Gremlin_blown_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Heading.angle.get")
declare function Heading_angle_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Heading.angle.set")
declare function Heading_angle_set(entity: Entity, value: f32): void;
@final @unmanaged
class Heading_angle {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Heading_angle_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Heading_angle_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Heading.spin.get")
declare function Heading_spin_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Heading.spin.set")
declare function Heading_spin_set(entity: Entity, value: f32): void;
@final @unmanaged
class Heading_spin {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Heading_spin_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Heading_spin_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Health.points.get")
declare function Health_points_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Health.points.set")
declare function Health_points_set(entity: Entity, value: f32): void;
@final @unmanaged
class Health_points {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Health_points_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Health_points_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Health.full.get")
declare function Health_full_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Health.full.set")
declare function Health_full_set(entity: Entity, value: f32): void;
@final @unmanaged
class Health_full {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Health_full_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Health_full_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Lifetime.age.get")
declare function Lifetime_age_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Lifetime.age.set")
declare function Lifetime_age_set(entity: Entity, value: f32): void;
@final @unmanaged
class Lifetime_age {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Lifetime_age_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Lifetime_age_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Lifetime.span.get")
declare function Lifetime_span_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Lifetime.span.set")
declare function Lifetime_span_set(entity: Entity, value: f32): void;
@final @unmanaged
class Lifetime_span {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Lifetime_span_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Lifetime_span_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Mote.depth.get")
declare function Mote_depth_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Mote.depth.set")
declare function Mote_depth_set(entity: Entity, value: f32): void;
@final @unmanaged
class Mote_depth {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Mote_depth_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Mote_depth_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Mote.phase.get")
declare function Mote_phase_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Mote.phase.set")
declare function Mote_phase_set(entity: Entity, value: f32): void;
@final @unmanaged
class Mote_phase {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Mote_phase_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Mote_phase_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Particle.drag.get")
declare function Particle_drag_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Particle.drag.set")
declare function Particle_drag_set(entity: Entity, value: f32): void;
@final @unmanaged
class Particle_drag {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Particle_drag_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Particle_drag_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Particle.growth.get")
declare function Particle_growth_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Particle.growth.set")
declare function Particle_growth_set(entity: Entity, value: f32): void;
@final @unmanaged
class Particle_growth {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Particle_growth_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Particle_growth_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Particle.glow.get")
declare function Particle_glow_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Particle.glow.set")
declare function Particle_glow_set(entity: Entity, value: f32): void;
@final @unmanaged
class Particle_glow {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Particle_glow_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Particle_glow_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Position.x.get")
declare function Position_x_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Position.x.set")
declare function Position_x_set(entity: Entity, value: f32): void;
@final @unmanaged
class Position_x {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Position_x_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Position_x_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Position.y.get")
declare function Position_y_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Position.y.set")
declare function Position_y_set(entity: Entity, value: f32): void;
@final @unmanaged
class Position_y {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Position_y_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Position_y_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sensor.nearest.get")
declare function Sensor_nearest_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Sensor.nearest.set")
declare function Sensor_nearest_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Sensor_nearest {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Sensor_nearest_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Sensor_nearest_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sensor.distance.get")
declare function Sensor_distance_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sensor.distance.set")
declare function Sensor_distance_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sensor_distance {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sensor_distance_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sensor_distance_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sensor.enemies.get")
declare function Sensor_enemies_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Sensor.enemies.set")
declare function Sensor_enemies_set(entity: Entity, value: i32): void;
@final @unmanaged
class Sensor_enemies {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Sensor_enemies_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Sensor_enemies_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sensor.dangerX.get")
declare function Sensor_dangerX_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sensor.dangerX.set")
declare function Sensor_dangerX_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sensor_dangerX {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sensor_dangerX_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sensor_dangerX_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sensor.dangerY.get")
declare function Sensor_dangerY_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sensor.dangerY.set")
declare function Sensor_dangerY_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sensor_dangerY {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sensor_dangerY_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sensor_dangerY_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.score.get")
declare function Session_score_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.score.set")
declare function Session_score_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_score {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_score_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_score_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.best.get")
declare function Session_best_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.best.set")
declare function Session_best_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_best {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_best_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_best_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.wave.get")
declare function Session_wave_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.wave.set")
declare function Session_wave_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_wave {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_wave_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_wave_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.lives.get")
declare function Session_lives_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.lives.set")
declare function Session_lives_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_lives {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_lives_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_lives_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.combo.get")
declare function Session_combo_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.combo.set")
declare function Session_combo_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_combo {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_combo_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_combo_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.over.get")
declare function Session_over_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Session.over.set")
declare function Session_over_set(entity: Entity, value: i32): void;
@final @unmanaged
class Session_over {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Session_over_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Session_over_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Session.shake.get")
declare function Session_shake_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Session.shake.set")
declare function Session_shake_set(entity: Entity, value: f32): void;
@final @unmanaged
class Session_shake {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Session_shake_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Session_shake_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Spawner.prey.get")
declare function Spawner_prey_get(entity: Entity): Entity;
// @ts-ignore: decorator
@external("component", "Spawner.prey.set")
declare function Spawner_prey_set(entity: Entity, value: Entity): void;
@final @unmanaged
class Spawner_prey {
  [key: Entity]: Entity;
  @inline @operator("[]") protected get(entity: Entity): Entity { return Spawner_prey_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: Entity): void { Spawner_prey_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Spawner.state.get")
declare function Spawner_state_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Spawner.state.set")
declare function Spawner_state_set(entity: Entity, value: i32): void;
@final @unmanaged
class Spawner_state {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Spawner_state_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Spawner_state_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Spawner.timer.get")
declare function Spawner_timer_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Spawner.timer.set")
declare function Spawner_timer_set(entity: Entity, value: f32): void;
@final @unmanaged
class Spawner_timer {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Spawner_timer_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Spawner_timer_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Spawner.left.get")
declare function Spawner_left_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Spawner.left.set")
declare function Spawner_left_set(entity: Entity, value: i32): void;
@final @unmanaged
class Spawner_left {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Spawner_left_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Spawner_left_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sprite.glyph.get")
declare function Sprite_glyph_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Sprite.glyph.set")
declare function Sprite_glyph_set(entity: Entity, value: i32): void;
@final @unmanaged
class Sprite_glyph {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Sprite_glyph_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Sprite_glyph_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sprite.size.get")
declare function Sprite_size_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sprite.size.set")
declare function Sprite_size_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sprite_size {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sprite_size_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sprite_size_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sprite.stretch.get")
declare function Sprite_stretch_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sprite.stretch.set")
declare function Sprite_stretch_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sprite_stretch {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sprite_stretch_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sprite_stretch_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sprite.tint.get")
declare function Sprite_tint_get(entity: Entity): u32;
// @ts-ignore: decorator
@external("component", "Sprite.tint.set")
declare function Sprite_tint_set(entity: Entity, value: u32): void;
@final @unmanaged
class Sprite_tint {
  [key: Entity]: u32;
  @inline @operator("[]") protected get(entity: Entity): u32 { return Sprite_tint_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: u32): void { Sprite_tint_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Sprite.alpha.get")
declare function Sprite_alpha_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Sprite.alpha.set")
declare function Sprite_alpha_set(entity: Entity, value: f32): void;
@final @unmanaged
class Sprite_alpha {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Sprite_alpha_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Sprite_alpha_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.cooldown.get")
declare function Turret_cooldown_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Turret.cooldown.set")
declare function Turret_cooldown_set(entity: Entity, value: f32): void;
@final @unmanaged
class Turret_cooldown {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Turret_cooldown_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Turret_cooldown_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.manual.get")
declare function Turret_manual_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Turret.manual.set")
declare function Turret_manual_set(entity: Entity, value: f32): void;
@final @unmanaged
class Turret_manual {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Turret_manual_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Turret_manual_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.lastX.get")
declare function Turret_lastX_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Turret.lastX.set")
declare function Turret_lastX_set(entity: Entity, value: f32): void;
@final @unmanaged
class Turret_lastX {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Turret_lastX_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Turret_lastX_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.lastY.get")
declare function Turret_lastY_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Turret.lastY.set")
declare function Turret_lastY_set(entity: Entity, value: f32): void;
@final @unmanaged
class Turret_lastY {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Turret_lastY_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Turret_lastY_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.shield.get")
declare function Turret_shield_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Turret.shield.set")
declare function Turret_shield_set(entity: Entity, value: f32): void;
@final @unmanaged
class Turret_shield {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Turret_shield_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Turret_shield_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Turret.barrel.get")
declare function Turret_barrel_get(entity: Entity): i32;
// @ts-ignore: decorator
@external("component", "Turret.barrel.set")
declare function Turret_barrel_set(entity: Entity, value: i32): void;
@final @unmanaged
class Turret_barrel {
  [key: Entity]: i32;
  @inline @operator("[]") protected get(entity: Entity): i32 { return Turret_barrel_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: i32): void { Turret_barrel_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Velocity.x.get")
declare function Velocity_x_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Velocity.x.set")
declare function Velocity_x_set(entity: Entity, value: f32): void;
@final @unmanaged
class Velocity_x {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Velocity_x_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Velocity_x_set(entity, value); }
}

// @ts-ignore: decorator
@external("component", "Velocity.y.get")
declare function Velocity_y_get(entity: Entity): f32;
// @ts-ignore: decorator
@external("component", "Velocity.y.set")
declare function Velocity_y_set(entity: Entity, value: f32): void;
@final @unmanaged
class Velocity_y {
  [key: Entity]: f32;
  @inline @operator("[]") protected get(entity: Entity): f32 { return Velocity_y_get(entity); }
  @inline @operator("[]=") protected set(entity: Entity, value: f32): void { Velocity_y_set(entity, value); }
}
