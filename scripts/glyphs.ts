// What scripts set `Sprite.glyph` to; demo/glyphs.ts has all of them.
export const GLYPH_FLARE: i32 = 13;

// The palette, 0xRRGGBB.
export const CYAN: u32 = 0x5ce9ff;
export const MAGENTA: u32 = 0xff3f9f;
export const AMBER: u32 = 0xffb340;
export const VIOLET: u32 = 0xa07bff;
export const LIME: u32 = 0x9dff70;
export const RED: u32 = 0xff4d4d;
export const WHITE: u32 = 0xffffff;
