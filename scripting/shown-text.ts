/** Longest name of a guest's that a message shows, in UTF-16 units. */
export const maxShownName = 200;

/**
 * A text of a guest's on one line and cut, so that it neither forges the lines it gets into nor drowns
 * them.
 * @param most UTF-16 units.
 */
export function shownText(text: string, most = maxShownName): string {
  const cut = text.length <= most ? text : `${text.slice(0, most - 1)}…`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  return cut.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " ");
}

/**
 * The first of many, and how many more there are: `["a", "b", "… and 980 more"]`.
 * @param indent what stands in front of that.
 */
export function firstOf(texts: readonly string[], most: number, indent = ""): readonly string[] {
  if (texts.length <= most) return texts;
  const more = (texts.length - most).toLocaleString("en");
  return [...texts.slice(0, most), `${indent}… and ${more} more`];
}
