import { type Component, defineComponent } from "../engine/index.ts";

export const Position = defineComponent(
  "Position",
  { x: "f32", y: "f32" },
  { doc: "Where an entity is, in world units; the arena's centre is 0, 0 and y grows downwards." },
);

export const Velocity = defineComponent(
  "Velocity",
  { x: "f32", y: "f32" },
  { doc: "World units a second." },
);

export const Heading = defineComponent("Heading", {
  angle: { type: "f32", doc: "Radians; 0 looks right." },
  spin: { type: "f32", doc: "Radians a second." },
});

export const Sprite = defineComponent("Sprite", {
  glyph: { type: "u8", doc: "Which shape of the atlas; see glyphs.ts." },
  size: { type: "f32", default: 32, doc: "Across, in world units." },
  stretch: { type: "f32", default: 1, doc: "Length along the heading, relative to size." },
  tint: { type: "u32", default: 0xffffff, doc: "0xRRGGBB, multiplied with the shape." },
  alpha: { type: "f32", default: 1, doc: "Brightness, 0 to 1." },
});

export const Collider = defineComponent("Collider", {
  radius: { type: "f32", default: 10, doc: "World units." },
  layer: { type: "u8", doc: "1 shots, 2 enemies, 3 the turret, 4 enemy bolts." },
  other: { type: "entity", doc: "What was touched after the last script phase; 0 for nothing." },
});

export const Health = defineComponent("Health", {
  points: { type: "f32", default: 1 },
  full: { type: "f32", default: 1 },
});

export const Lifetime = defineComponent("Lifetime", {
  age: { type: "f32", doc: "Seconds lived." },
  span: { type: "f32", default: 1, doc: "Seconds to live." },
});

export const Mote = defineComponent("Mote", {
  depth: { type: "f32", default: 1, doc: "0 far away, 1 near; near ones drift faster." },
  phase: { type: "f32", doc: "Radians; sets the twinkling apart." },
});

export const Particle = defineComponent("Particle", {
  drag: { type: "f32", default: 2, doc: "Share of the speed lost in a second." },
  growth: { type: "f32", doc: "World units a second by which the size changes." },
  glow: { type: "f32", default: 1, doc: "Brightness at birth." },
});

export const Bullet = defineComponent("Bullet", {
  damage: { type: "f32", default: 1 },
  tint: { type: "u32", default: 0xffffff, doc: "0xRRGGBB, of the sparks when it hits." },
});

export const Enemy = defineComponent("Enemy", {
  kind: { type: "u8", doc: "0 drone, 1 weaver, 2 brute, 3 dasher." },
  prey: { type: "entity", doc: "Whom it hunts." },
  phase: { type: "f32", doc: "Radians; sets the wobble apart." },
  timer: { type: "f32", doc: "Seconds left in what it is doing." },
  mood: { type: "u8", doc: "What it is doing; each kind has its own." },
  worth: { type: "i32", default: 10, doc: "Points for destroying it." },
});

export const Boss = defineComponent("Boss", {
  prey: "entity",
  state: {
    type: "u8",
    doc: "0 arriving, 1 circling, 2 taking aim, 3 charging, 4 calling help, 5 dying.",
  },
  timer: { type: "f32", doc: "Seconds left in the state." },
  volley: { type: "f32", doc: "Seconds until the next ring of bolts." },
  bearing: { type: "f32", doc: "Radians; where on its circle it is." },
});

export const Turret = defineComponent("Turret", {
  cooldown: { type: "f32", doc: "Seconds until it may fire." },
  manual: { type: "f32", doc: "Seconds left of a player's control; 0 plays itself." },
  lastX: { type: "f32", doc: "Where the pointer was." },
  lastY: "f32",
  shield: { type: "f32", default: 2, doc: "Seconds during which nothing hurts." },
  barrel: { type: "u8", doc: "Which barrel fires next." },
});

export const Sensor = defineComponent("Sensor", {
  nearest: { type: "entity", doc: "The closest enemy, or 0." },
  distance: { type: "f32", doc: "World units to it." },
  enemies: { type: "i32", doc: "How many enemies are alive." },
  dangerX: { type: "f32", doc: "The way out: away from everything near, by nearness." },
  dangerY: "f32",
});

export const Session = defineComponent("Session", {
  score: "i32",
  best: "i32",
  wave: "i32",
  lives: { type: "i32", default: 5 },
  combo: { type: "i32", doc: "Kills in a row without being hit." },
  over: { type: "u8", doc: "1 while the game is lost, until the next one starts." },
  shake: { type: "f32", doc: "How hard the picture shakes, 0 to 1." },
});

export const Spawner = defineComponent("Spawner", {
  prey: "entity",
  state: { type: "u8", doc: "0 resting, 1 sending, 2 waiting for the arena to clear, 3 lost." },
  timer: { type: "f32", default: 1.2, doc: "Seconds until its next step." },
  left: { type: "i32", doc: "Enemies of this wave still to send." },
});

export const Gremlin = defineComponent("Gremlin", {
  age: { type: "f32", doc: "Seconds since its release." },
  prey: { type: "entity", doc: "Whom it would like to annoy." },
  blown: { type: "u8", doc: "1 once its fuse has blown." },
});

export const components: readonly Component[] = [
  Position,
  Velocity,
  Heading,
  Sprite,
  Collider,
  Health,
  Lifetime,
  Mote,
  Particle,
  Bullet,
  Enemy,
  Boss,
  Turret,
  Sensor,
  Session,
  Spawner,
  Gremlin,
];
