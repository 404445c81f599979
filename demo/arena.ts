/** Half the arena's width in world units; the origin is its centre. `scripts/arena.ts` says the same. */
export const arenaHalfWidth = 440;

/** Half the arena's height in world units; y grows downwards, as on the screen. */
export const arenaHalfHeight = 340;

/** How far beyond the arena, in world units, dust may drift and the backdrop is drawn. */
export const outskirts = 120;
