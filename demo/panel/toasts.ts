import { byId, element } from "../dom.ts";

const shownMs = 4_000;
const most = 3;

/** Says something in passing, at the edge of the picture. */
export function toast(subject: string, words: string, mood: "good" | "bad" = "good"): void {
  const list = byId("toasts", HTMLElement);
  const note = element("div", mood === "good" ? "toast" : "toast bad", element("b", "", subject));
  note.append(` ${words}`);
  list.append(note);
  while (list.childElementCount > most) list.firstElementChild?.remove();
  setTimeout(() => note.remove(), shownMs);
}
