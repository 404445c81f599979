import { compiled } from "../compiled.ts";

/** In the source, and found again in the module. */
const constant = 0x1234_5678;

const source = `
class Item { weight: f32 = 0; name: string = ""; }
const items = new Map<string, Item>();
const base: i32 = ${constant};
for (let i = 0; i < 16; i++) {
  const item = new Item();
  item.name = "item " + i.toString();
  item.weight = <f32>((base + i) % 97);
  items.set(item.name, item);
}
let frame = 0;
export function update(): f32 {
  frame++;
  let sum: f32 = 0;
  const names = items.keys();
  for (let i = 0; i < names.length; i++) sum += items.get(names[i]).weight;
  return sum + f32(frame % 7);
}
`;

/**
 * Modules of a script with classes, strings and a map, that differ in a constant: so no engine takes one for
 * another.
 */
export async function variedScripts(count: number): Promise<Uint8Array[]> {
  const bytes = await compiled("items.ts", source);
  const wanted = leb(constant);
  const at = bytes.findIndex((_, i) => wanted.every((byte, n) => bytes[i + n] === byte));
  if (at < 0) throw new Error("the constant isn't in the module");
  return Array.from({ length: count }, (_, i) => {
    const varied = Uint8Array.from(bytes);
    varied.set(leb(constant + i), at);
    return varied;
  });
}

/** A signed LEB of five bytes. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let n = 0; n < 4; n++) bytes.push(((value >> (7 * n)) & 0x7f) | 0x80);
  return [...bytes, (value >> 28) & 0x7f];
}
