/**
 * The page's element with that id.
 * @throws Error naming the id when the page has none of that type.
 */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} with id "${id}"`);
  return found;
}

/** A new element with a class and contents; strings become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...contents: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...contents);
  return made;
}

/** Sets an element's text, and leaves the page alone when it already says so. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
