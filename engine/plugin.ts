import type { Game } from "./game.ts";

/** A bundle of systems and whatever else belongs together. */
export interface Plugin {
  /** Unique in a game. */
  readonly name: string;
  /**
   * Called once, by `game.use`. What it returns is called when the plugin is uninstalled. Systems
   * added during the call are removed then by themselves.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: an install that returns nothing is the usual one
  install(game: Game): void | (() => void);
}
