import type { ComponentData } from "bitecs";
import type { Column } from "./columns.ts";
import type { Columns, Component } from "./component.ts";
import type { Values } from "./field.ts";
import { SharedParts } from "./part-sets.ts";
import type { LiveQuery } from "./query.ts";
import type { Watch } from "./watch.ts";

/** One component in one world. */
export class Store {
  readonly component: Component;
  /** The columns by field name; this object is also the bitECS component. */
  readonly columns: Columns;
  /** In the order of registration, from 0. */
  readonly ordinal: number;
  /** The queries that have to look again when an entity gains or loses the component. */
  readonly dependents: LiveQuery[] = [];
  /** What tells of it, while there are such queries. */
  watch: Watch | undefined;
  /** What bitECS knows of it; once it does. */
  data: ComponentData | undefined;
  /** Where bitECS notes who has it, as bits of a number for each entity; once it knows the component. */
  masks: number[] | undefined;
  bitflag = 0;
  readonly #columnList: readonly Column[];

  constructor(component: Component, columns: Columns, ordinal: number) {
    this.component = component;
    this.columns = columns;
    this.ordinal = ordinal;
    this.#columnList = component.fields.map((field) => columns[field.name] as Column);
  }

  /** Sets every field of an index to its default. */
  writeDefaults(index: number): void {
    const { fields } = this.component;
    for (let i = 0; i < fields.length; i++) {
      const column = this.#columnList[i];
      if (column !== undefined) column[index] = fields[i]?.default ?? 0;
    }
  }

  /** Sets some fields of an index. The values have been checked. */
  write(index: number, values: Values): void {
    for (const name in values) {
      const column = this.columns[name];
      const value = values[name];
      if (column !== undefined && value !== undefined) column[index] = value;
    }
  }

  /** Sets the values of some indices: of every field, in the order of declaration. */
  fill(indices: ArrayLike<number>, values: readonly ArrayLike<number>[]): void {
    this.#columnList.forEach((column, field) => {
      const list = values[field] as ArrayLike<number>;
      for (let at = 0; at < indices.length; at++) {
        column[indices[at] as number] = list[at] as number;
      }
    });
  }

  /** Sets every field of the first `length` indices to 0. */
  clear(length: number): void {
    for (const column of this.#columnList) column.fill(0, 0, length);
  }

  /** Calls back with every field's value at an index, in the order of declaration. */
  read(index: number, visit: (value: number) => void): void {
    for (const column of this.#columnList) visit(column[index] ?? 0);
  }
}

/** Those who have a component. */
export interface Holders {
  /** Whether the entity at an index does. Takes an index below the world's `maxEntities`. */
  has(index: number): boolean;
}

/** Components that entities are given together. */
export class Kit {
  readonly stores: readonly Store[];
  /** What they are in bitECS. */
  readonly parts: SharedParts;
  /** The queries that who has just these components is in; undefined while that isn't known. */
  queries: readonly LiveQuery[] | undefined;
  /** The queries that there were when that was found out, by {@link StoreRegistry}'s count. */
  queriesSerial = 0;

  constructor(stores: readonly Store[]) {
    this.stores = stores;
    this.parts = new SharedParts(stores.map(({ columns }) => columns));
  }
}
