import type { Entity, Game, Query, World } from "../engine/index.ts";
import type { ScriptEventOf, ScriptSystem } from "../scripting/index.ts";
import { arenaHalfHeight, arenaHalfWidth } from "./arena.ts";
import * as c from "./components.ts";
import { Glyph } from "./glyphs.ts";
import * as prefab from "./prefabs.ts";
import type { Labels } from "./render/labels.ts";

/** Seconds for which a gremlin is still to be seen after its fuse has blown. */
const wreckSeconds = 5;
const fadeSeconds = 1;

/** Places around the arena where gremlins come in. */
const slots = 8;

const lime = 0x9dff70;
const amber = 0xffb340;

/** The gremlins in the arena: released with a script, marked when its fuse blows, then cleared away. */
export class Gremlins {
  readonly #world: World;
  readonly #scripts: ScriptSystem;
  readonly #labels: Labels;
  readonly #turret: Entity;
  readonly #all: Query;

  constructor(game: Game, scripts: ScriptSystem, labels: Labels, turret: Entity) {
    this.#world = game.world;
    this.#scripts = scripts;
    this.#labels = labels;
    this.#turret = turret;
    this.#all = game.world.query([c.Gremlin]);
    game.addSystem("update", "gremlins", () => this.#clearAway(game.time.delta));
    scripts.on("fault", (event) => this.#mark(event));
  }

  /** Puts a gremlin into the arena, in a place of its own for each `slot`; it does nothing yet. */
  spawn(title: string, slot: number): Entity {
    const bearing = ((slot + 0.6 * Math.random()) / slots) * 2 * Math.PI;
    const turn = Math.random() * 2 * Math.PI;
    const entity = this.#world.spawn(prefab.Gremlin);
    const index = this.#world.indexOf(entity);
    const position = this.#world.columns(c.Position);
    const velocity = this.#world.columns(c.Velocity);
    position.x[index] = 0.68 * Math.cos(bearing) * arenaHalfWidth;
    position.y[index] = 0.66 * Math.sin(bearing) * arenaHalfHeight;
    velocity.x[index] = 45 * Math.cos(turn);
    velocity.y[index] = 45 * Math.sin(turn);
    this.#world.columns(c.Gremlin).prey[index] = this.#turret;
    this.#labels.show(entity, [title], lime);
    this.#sparkle(index, lime, 8);
    return entity;
  }

  /** Gives a gremlin its script. */
  unleash(gremlin: Entity, script: string): void {
    if (this.#world.isAlive(gremlin)) this.#scripts.attach(gremlin, script);
  }

  /** Marks a gremlin whose fuse has blown. */
  blow(gremlin: Entity, kind: string): void {
    const index = this.#world.resolve(gremlin);
    const { blown, age } = this.#world.columns(c.Gremlin);
    if (index < 0 || blown[index] !== 0) return;
    blown[index] = 1;
    age[index] = 0;
    this.#world.columns(c.Sprite).glyph[index] = Glyph.GremlinBlown;
    this.#labels.show(gremlin, ["fuse blown", kind], amber);
    this.#sparkle(index, amber, 12);
  }

  #mark(event: ScriptEventOf<"fault">): void {
    const index = this.#world.resolve(event.entity);
    if (index < 0 || !this.#all.has(index)) return;
    const gremlin = this.#world.handleOf(index);
    if (event.outcome === "disabled") this.blow(gremlin, event.fault.kind);
    else this.#labels.show(gremlin, [`strike ${event.strikes}`, event.fault.kind], amber);
  }

  #clearAway(delta: number): void {
    const { blown, age } = this.#world.columns(c.Gremlin);
    const { alpha } = this.#world.columns(c.Sprite);
    const gremlins = this.#all.entities();
    for (let i = 0; i < gremlins.length; i++) {
      const index = gremlins[i] as number;
      if (blown[index] === 0) continue;
      const seconds = (age[index] as number) + delta;
      age[index] = seconds;
      alpha[index] = Math.min(1, (wreckSeconds - seconds) / fadeSeconds);
      if (seconds >= wreckSeconds) this.#world.despawn(this.#world.handleOf(index));
    }
  }

  #sparkle(at: number, tint: number, count: number): void {
    const position = this.#world.columns(c.Position);
    const velocity = this.#world.columns(c.Velocity);
    for (let i = 0; i < count; i++) {
      const index = this.#world.indexOf(this.#world.spawn(prefab.Spark));
      const angle = Math.random() * 2 * Math.PI;
      const speed = 80 + 220 * Math.random();
      position.x[index] = position.x[at] as number;
      position.y[index] = position.y[at] as number;
      velocity.x[index] = speed * Math.cos(angle);
      velocity.y[index] = speed * Math.sin(angle);
      this.#world.columns(c.Heading).angle[index] = angle;
      this.#world.columns(c.Sprite).tint[index] = tint;
      this.#world.columns(c.Lifetime).span[index] = 0.4 + 0.5 * Math.random();
    }
  }
}
