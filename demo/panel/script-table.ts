import type { ScriptStats } from "../../scripting/index.ts";
import { byId, element, setText } from "../dom.ts";

interface Row {
  readonly state: HTMLElement;
  readonly entities: HTMLElement;
  readonly fuel: HTMLElement;
  readonly time: HTMLElement;
  /** Fuel used when the row was last drawn. */
  fuelThen: number;
}

/** One row a script: how it is doing, for how many entities, and what a frame of it costs. */
export class ScriptTable {
  readonly #body = byId("scripts", HTMLTableSectionElement);
  readonly #rows = new Map<string, Row>();

  /** @param frames how many frames have run since the last update. */
  update(scripts: readonly ScriptStats[], frames: number): void {
    for (const script of scripts) {
      const row = this.#rows.get(script.name) ?? this.#create(script);
      const [state, words] = stateOf(script);
      row.state.dataset["state"] = state;
      setText(row.state, words);
      setText(row.entities, String(script.entities));
      const fuel = frames > 0 ? (script.fuel - row.fuelThen) / frames : 0;
      row.fuelThen = script.fuel;
      setText(row.fuel, short(fuel));
      setText(row.time, script.timeMs.toFixed(2));
    }
  }

  #create(script: ScriptStats): Row {
    const state = element("span", "state");
    const [entities, fuel, time] = [element("td"), element("td"), element("td")];
    const name = element("td", "", script.name);
    const line = element("tr", "", name, element("td", "", state), entities, fuel, time);
    line.dataset["script"] = script.name;
    this.#body.append(line);
    const row = { state, entities, fuel, time, fuelThen: script.fuel };
    this.#rows.set(script.name, row);
    return row;
  }
}

function stateOf(script: ScriptStats): readonly [state: string, words: string] {
  const gone = script.entities === 0 && script.lastFault !== undefined;
  if (gone || script.state === "disabled") return ["disabled", "blown fuse"];
  if (script.state === "degraded") return ["degraded", "degraded"];
  if (script.state === "backing-off") return ["backing-off", "backing off"];
  return ["running", "running"];
}

/** At most four characters: `850`, `12.3k`, `1.2M`. */
function short(amount: number): string {
  if (amount < 1_000) return amount.toFixed(0);
  if (amount < 100_000) return `${(amount / 1_000).toFixed(1)}k`;
  if (amount < 1_000_000) return `${(amount / 1_000).toFixed(0)}k`;
  return `${(amount / 1_000_000).toFixed(1)}M`;
}
