import type { Fault, SourceLocation } from "../../scripting/index.ts";
import { byId, element, setText } from "../dom.ts";

/** Kinds of fault that are listed; the oldest go. */
const most = 24;

/** Faults come by the frame; the page is changed this soon for a new one, and this seldom for counts. */
const newWithinMs = 150;
const countsWithinMs = 2_500;

interface Entry {
  readonly key: string;
  readonly item: HTMLLIElement;
  readonly times: HTMLElement;
  count: number;
  outcome: string;
}

/** The list of faults, the latest first; the same fault again is counted, not repeated. */
export class FaultFeed {
  readonly #list = byId("faults", HTMLOListElement);
  readonly #empty = byId("faults-empty", HTMLElement);
  readonly #total = byId("fault-count", HTMLElement);
  readonly #entries: Entry[] = [];
  #count = 0;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #drawsAtMs = Number.POSITIVE_INFINITY;

  /** Faults reported so far. */
  get count(): number {
    return this.#count;
  }

  /** Lists a fault. `outcome` says in a few words what follows from it. */
  add(fault: Fault, outcome: string): void {
    this.#count++;
    const at = authorsPlace(fault);
    const key = `${fault.script} ${fault.kind} ${at?.file}:${at?.line}:${at?.column}`;
    let entry = this.#entries.find((candidate) => candidate.key === key);
    if (entry === undefined) {
      entry = create(key, fault, at);
      this.#entries.unshift(entry);
      this.#entries.length = Math.min(this.#entries.length, most);
    }
    entry.count++;
    entry.outcome = outcome;
    this.#drawWithin(entry.count === 1 ? newWithinMs : countsWithinMs);
  }

  #drawWithin(ms: number): void {
    const atMs = performance.now() + ms;
    if (atMs >= this.#drawsAtMs) return;
    clearTimeout(this.#drawing);
    this.#drawsAtMs = atMs;
    this.#drawing = setTimeout(() => this.#draw(), ms);
  }

  #draw(): void {
    this.#drawsAtMs = Number.POSITIVE_INFINITY;
    setText(this.#total, String(this.#count));
    this.#empty.hidden = true;
    for (const { times, count, outcome } of this.#entries) {
      setText(times, count === 1 ? outcome : `${count} times, ${outcome}`);
    }
    const items = this.#entries.map((entry) => entry.item);
    for (const old of [...this.#list.children]) {
      if (!items.includes(old as HTMLLIElement)) old.remove();
    }
    // Only what is new is put in, so that only that is read out.
    const fresh = items.filter((item) => item.parentNode === null);
    this.#list.prepend(...fresh);
  }
}

/** Where it happened in the author's own code, when a library it called is what was stopped. */
function authorsPlace({ location, stack }: Fault): SourceLocation | undefined {
  const places = [location, ...stack.map((frame) => frame.location)];
  return places.find((place) => place !== undefined && !place.file.startsWith("~lib/")) ?? location;
}

function create(key: string, fault: Fault, at: SourceLocation | undefined): Entry {
  const times = element("span", "times");
  const header = element("header", "", element("span", "kind", fault.kind), fault.script, times);
  const item = element("li", "fault", header, element("p", "", fault.message));
  item.dataset["kind"] = fault.kind;
  item.dataset["script"] = fault.script;
  if (at !== undefined) {
    item.append(element("span", "where", `${at.file}:${at.line}:${at.column}`));
    if (at.lineText !== undefined) item.append(element("code", "", at.lineText.trim()));
  }
  return { key, item, times, count: 0, outcome: "" };
}
