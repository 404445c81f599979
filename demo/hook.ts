import type { Entity, World } from "../engine/index.ts";
import type { ScriptStats, ScriptSystem } from "../scripting/index.ts";
import { Mote, Position, Session } from "./components.ts";
import type { FrameHistory, FrameSummary } from "./frames.ts";

export interface DemoStats {
  /** Frames the game has run. */
  readonly frame: number;
  /** Entities alive. */
  readonly entities: number;
  /** Entities that carry a script, counted once for each script. */
  readonly scripted: number;
  readonly score: number;
  readonly wave: number;
  readonly lives: number;
  /** Faults that the page has been told of. */
  readonly faults: number;
  readonly scripts: readonly ScriptStats[];
  /** The last seconds' frames. */
  readonly frames: FrameSummary;
}

/** What `window.fusewireDemo` offers to tests and to the curious. */
export interface DemoHook {
  /** Set once the first scripts run. */
  readonly ready: boolean;
  stats(): DemoStats;
  /** A hash of where everything is: differs from frame to frame while the game goes on. */
  digest(): string;
  /** Places of the first motes of dust, x and y in turn; they drift slowly and live for ever. */
  motes(count: number): number[];
  /** Starts a new stretch for `stats().frames`. */
  resetFrames(): void;
  /** Releases a gremlin, as its button does. */
  release(mischief: string): Promise<void>;
}

declare global {
  interface Window {
    fusewireDemo?: DemoHook;
  }
}

interface HookParts {
  readonly world: World;
  readonly turret: Entity;
  readonly scripts: ScriptSystem;
  readonly frames: FrameHistory;
  readonly frame: () => number;
  readonly faults: () => number;
  readonly ready: () => boolean;
  readonly release: (mischief: string) => Promise<void>;
}

export function createHook(parts: HookParts): DemoHook {
  const { world, turret, scripts, frames } = parts;
  const placed = world.query([Position]);
  const motes = world.query([Position, Mote]);
  const { x, y } = world.columns(Position);
  const session = world.columns(Session);
  return {
    get ready() {
      return parts.ready();
    },
    stats() {
      const self = world.indexOf(turret);
      const each = scripts.stats();
      return {
        frame: parts.frame(),
        entities: world.aliveCount,
        scripted: each.reduce((sum, { entities }) => sum + entities, 0),
        score: session.score[self] ?? 0,
        wave: session.wave[self] ?? 0,
        lives: session.lives[self] ?? 0,
        faults: parts.faults(),
        scripts: each,
        frames: frames.summary(),
      };
    },
    digest() {
      let hash = 0x811c9dc5;
      for (const index of placed.entities()) {
        for (const value of [index, x[index] ?? 0, y[index] ?? 0]) {
          hash = Math.imul(hash ^ Math.round(value * 64), 0x01000193) >>> 0;
        }
      }
      return hash.toString(16);
    },
    motes(count) {
      const found = motes.entities().slice(0, count);
      return found.flatMap((index) => [x[index] ?? 0, y[index] ?? 0]);
    },
    resetFrames: () => frames.reset(),
    release: parts.release,
  };
}
