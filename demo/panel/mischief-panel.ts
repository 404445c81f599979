import { byId, element, setText } from "../dom.ts";
import type { Gremlins } from "../gremlins.ts";
import type { Library } from "../library.ts";
import type { Mischief } from "../mischief.ts";
import { mischiefs } from "../mischief.ts";

/** The buttons that release gremlins. */
export class MischiefPanel {
  readonly #gremlins: Gremlins;
  readonly #library: Library;

  constructor(gremlins: Gremlins, library: Library) {
    this.#gremlins = gremlins;
    this.#library = library;
    byId("gremlins", HTMLElement).append(...mischiefs.map((mischief) => this.#button(mischief)));
  }

  /**
   * Fetches all scripts, one at a time, so that none has to be compiled while the game is watched.
   * What is wrong with one shows when it is released.
   */
  async prefetch(): Promise<void> {
    for (const mischief of mischiefs) {
      try {
        const { default: module } = await mischief.module();
        await module.load();
      } catch {}
    }
  }

  /**
   * Releases a gremlin with the script of that name.
   * @throws RangeError when there is none.
   */
  async release(name: string): Promise<void> {
    const mischief = mischiefs.find((candidate) => candidate.name === name);
    if (mischief === undefined) throw new RangeError(`there is no mischief named "${name}"`);
    const gremlin = this.#gremlins.spawn(mischief.title.toLowerCase(), mischiefs.indexOf(mischief));
    const { default: module } = await mischief.module();
    if (await this.#library.add(module)) this.#gremlins.unleash(gremlin, name);
    else this.#gremlins.blow(gremlin, "never started");
  }

  #button({ name, title, bug, icon }: Mischief): HTMLButtonElement {
    const times = element("span", "times");
    const button = element("button", "gremlin", drawIcon(icon), title, times);
    button.type = "button";
    button.title = bug;
    button.dataset["mischief"] = name;
    let released = 0;
    let pending = 0;
    button.addEventListener("click", () => {
      setText(times, String(++released));
      pending++;
      button.ariaBusy = "true";
      void this.release(name).finally(() => {
        pending--;
        if (pending === 0) button.ariaBusy = null;
      });
    });
    return button;
  }
}

function drawIcon(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
