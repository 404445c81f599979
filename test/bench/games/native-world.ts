import { addComponent, addEntity, createWorld, query } from "bitecs";
import { type Column, createColumn } from "../../../engine/columns.ts";
import { type Columns, type Component, type Fields, indexPart } from "../../../engine/index.ts";
import type { Game } from "./game.ts";

/** A game's world without the engine: bitECS, and typed arrays as components. */
export class NativeWorld {
  readonly bit = createWorld();
  readonly #columns = new Map<Component, Columns>();

  constructor({
    components,
    maxEntities,
    entities,
  }: Pick<Game, "components" | "maxEntities" | "entities">) {
    for (const component of components) {
      const columns: Record<string, Column> = {};
      for (const { name, type } of component.fields)
        columns[name] = createColumn(type, maxEntities);
      this.#columns.set(component, columns);
    }
    for (const { parts } of entities()) {
      const id = addEntity(this.bit);
      for (const { component, values } of parts) {
        const columns = this.columns(component);
        addComponent(this.bit, id, columns);
        for (const { name, type, default: initial } of component.fields) {
          const value = values[name] ?? initial;
          (columns[name] as Column)[id] = type === "entity" ? indexPart(value) : value;
        }
      }
    }
  }

  /** A component's arrays; also its bitECS component. */
  columns<F extends Fields>(component: Component<F>): Columns<F> {
    return this.#columns.get(component) as Columns<F>;
  }

  /** The entities that have all of some components. */
  query(components: readonly Component[]): readonly number[] {
    return query(
      this.bit,
      components.map((component) => this.columns(component)),
    ) as readonly number[];
  }
}
