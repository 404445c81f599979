// The arena, in world units; the origin is its centre. demo/arena.ts says the same.
export const ARENA_HALF_WIDTH: f32 = 440;
export const ARENA_HALF_HEIGHT: f32 = 340;
export const OUTSKIRTS: f32 = 120;
