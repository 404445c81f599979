import type { ScriptModule } from "../scripting/vite/index.ts";

/** A script with a bug in it, and how its button looks. */
export interface Mischief {
  readonly name: string;
  readonly title: string;
  /** What its author did wrong, for the button's tooltip. */
  readonly bug: string;
  /** An SVG path in a box of 20 by 20. */
  readonly icon: string;
  /** Its script, which the page doesn't wait for. */
  readonly module: () => Promise<{ readonly default: ScriptModule }>;
}

export const mischiefs: readonly Mischief[] = [
  {
    name: "endless-loop",
    title: "Endless loop",
    bug: "walks on until it is far enough, with a stride of zero",
    icon: "M15 6a6.5 6.5 0 1 0 1.5 5M16 2.5V7h-4.5",
    module: () => import("../scripts/mischief/endless-loop.ts?script"),
  },
  {
    name: "endless-recursion",
    title: "Endless recursion",
    bug: "compares fractions for equality, and calls itself until they are",
    icon: "M3 3h14v14H6V7h8v7H9v-4",
    module: () => import("../scripts/mischief/endless-recursion.ts?script"),
  },
  {
    name: "memory-hog",
    title: "Memory hog",
    bug: "makes its trail smoother, and twice as long, every frame",
    icon: "M3 16h14M3 12h14M5.5 8h9M8 4h4",
    module: () => import("../scripts/mischief/memory-hog.ts?script"),
  },
  {
    name: "host-call-flood",
    title: "Host call flood",
    bug: "asks the game, over and over, whether the turret is still there",
    icon: "M2 5h12m-3-3 3 3-3 3M2 10h15m-3-3 3 3-3 3M2 15h9m-3-3 3 3-3 3",
    module: () => import("../scripts/mischief/host-call-flood.ts?script"),
  },
  {
    name: "trap",
    title: "Trap",
    bug: "divides by the number of places, which is zero",
    icon: "M10 3v1M10 16v1M3 10h14",
    module: () => import("../scripts/mischief/trap.ts?script"),
  },
  {
    name: "abort",
    title: "Abort",
    bug: "throws for something that it never wrote down",
    icon: "M7 2.5h6L17.5 7v6L13 17.5H7L2.5 13V7zM10 6v5M10 14v.1",
    module: () => import("../scripts/mischief/abort.ts?script"),
  },
  {
    name: "giant-fill",
    title: "Giant fill",
    bug: "clears what is left of its map: minus one byte",
    icon: "M3 3h14v14H3zM3 13l4-10M5 17 11 3M9 17l6-14M13 17l4-10",
    module: () => import("../scripts/mischief/giant-fill.ts?script"),
  },
  {
    name: "start-loop",
    title: "Start loop",
    bug: "never gets through its own first lines",
    icon: "M4 3v14M8 10h9m-4-4 4 4-4 4",
    module: () => import("../scripts/mischief/start-loop.ts?script"),
  },
];
