/**
 * What a sprite looks like: the number in `Sprite.glyph`, and its cell in the atlas.
 * `scripts/glyphs.ts` has those that scripts choose themselves.
 */
export const Glyph = {
  Dust: 0,
  Spark: 1,
  Ring: 2,
  Turret: 3,
  Shot: 4,
  Bolt: 5,
  Drone: 6,
  Weaver: 7,
  Brute: 8,
  Dasher: 9,
  Boss: 10,
  Gremlin: 11,
  GremlinBlown: 12,
  Flare: 13,
} as const;

export const glyphCount = 14;
