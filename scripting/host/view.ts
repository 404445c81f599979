import {
  type Column,
  type Component,
  type Field,
  type Holders,
  indexPart,
  type Prefab,
  type World,
} from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { Script } from "../runtime/script.ts";
import type { Transaction } from "../system/transaction.ts";

/** One component as scripts see it. */
export class ComponentView {
  readonly component: Component;
  /** Its place in {@link WorldView.components}; what commands name it by. */
  readonly id: number;
  /** Its fields; complete once the world's view is made. */
  readonly fields: FieldView[] = [];
  readonly #holders: Holders;
  readonly #columns: Readonly<Record<string, Column>>;
  readonly #columnIds = new Map<string, number>();
  /**
   * At an index, the handle of the entity that is to get the component when scripts are done. It says
   * nothing of the next entity there.
   */
  readonly #coming: Int32Array;
  readonly #comingId: number;
  readonly #transaction: Transaction;

  constructor(world: World, transaction: Transaction, component: Component, id: number) {
    this.component = component;
    this.id = id;
    this.#holders = world.holders(component);
    this.#columns = world.columns(component);
    this.#coming = new Int32Array(world.maxEntities);
    this.#comingId = transaction.journal.track(this.#coming);
    for (const field of component.fields) {
      this.#columnIds.set(field.name, transaction.journal.track(this.column(field)));
    }
    this.#transaction = transaction;
  }

  /** Whether the live entity at an index has the component, or was given it in this frame. */
  has(index: number, entity: number): boolean {
    return this.#holders.has(index) || this.#coming[index] === entity;
  }

  column(field: Field): Column {
    return this.#columns[field.name] as Column;
  }

  /** What the journal knows a field's column by. */
  columnId(field: Field): number {
    return this.#columnIds.get(field.name) as number;
  }

  /** The live entity at an index counts as having the component from now on, unless that is undone. */
  announce(index: number, entity: number): void {
    this.#transaction.journal.record(this.#comingId, index, this.#coming[index] as number);
    this.#coming[index] = entity;
  }

  /** The component has come to an entity, or won't: what the world says counts again. */
  settle(entity: number): void {
    const index = indexPart(entity);
    if (this.#coming[index] === entity) this.#coming[index] = 0;
  }

  /** What an entity's columns hold, to give it the component with. */
  valuesAt(index: number): Record<string, number> {
    const values: Record<string, number> = {};
    for (const field of this.component.fields) {
      values[field.name] = this.column(field)[index] as number;
    }
    return values;
  }
}

/** A field of a component as scripts see it. */
export interface FieldView {
  /** Tells columns apart, from 0. */
  readonly id: number;
  readonly field: Field;
  /** What the journal knows the column by, and what a window shows of it. */
  readonly journalId: number;
  readonly shownId: number;
  readonly component: Component;
  readonly column: Column;
}

/**
 * Rows of a script whose columns are in a window while it runs: until they are written back, what is shown there
 * holds, and not what the columns hold.
 */
export interface ShownRows {
  /** The row of an entity, or -1 when it isn't shown. */
  rowOf(index: number, entity: number): number;
  /** What is shown of a column, by row; undefined when that isn't shown. */
  cellsOf(columnId: number): Column | undefined;
  /** A script's call has found live entities: it is likely to read their columns. */
  showFound(script: Script, handles: Int32Array, count: number): void;
  /** A script's call is about to read columns of a live entity that isn't its own. */
  showOther(script: Script, entity: number): void;
  /** A column of an entity was changed; it may be one of those that are shown. */
  changed(columnId: number, entity: number, value: number): void;
  /** The same for the n-th of a script's own fields. */
  ownChanged(script: Script, n: number, entity: number, value: number): void;
  /** What the call that runs has sent in its window joins what was sent. */
  takeSent(): void;
  /** What is shown of the n-th of a script's own fields, by row; undefined when that isn't shown. */
  ownCellsOf(script: Script, n: number): Column | undefined;
}

/** A prefab and the components it is made of. */
export interface PrefabView {
  readonly prefab: Prefab;
  /** Its place in {@link WorldView.prefabs}; what commands name it by. */
  readonly id: number;
  readonly components: readonly ComponentView[];
}

/**
 * The world as scripts see it: what they ask to be added shows at once, what they ask to be
 * removed shows when all scripts have run. Covers the components the world has by now.
 */
export class WorldView {
  readonly world: World;
  readonly transaction: Transaction;
  readonly components: readonly ComponentView[];
  readonly prefabs: readonly PrefabView[];
  /** What is in a window at present. */
  shown: ShownRows | undefined;
  readonly #fields = new Map<string, FieldView>();
  readonly #prefabIds = new Map<Prefab, number>();

  constructor(world: World, transaction: Transaction) {
    this.world = world;
    this.transaction = transaction;
    const views = new Map<Component, ComponentView>();
    for (const component of world.components.values()) {
      views.set(component, new ComponentView(world, transaction, component, views.size));
    }
    this.components = [...views.values()];
    for (const view of this.components) this.#addFields(view);
    this.prefabs = [...world.prefabs.values()].map((prefab, id) => {
      this.#prefabIds.set(prefab, id);
      const known = prefab.parts.map((part) => views.get(part.component));
      return { prefab, id, components: known.filter((view) => view !== undefined) };
    });
  }

  get columnCount(): number {
    return this.#fields.size;
  }

  /** A field by its full name, `Position.x`. @throws TypeError when there is none. */
  fieldNamed(name: string): FieldView {
    const field = this.#fields.get(name);
    if (field === undefined) throw new TypeError(`the world has no field ${name}`);
    return field;
  }

  /** What a field of an entity that has it holds now, as scripts see it. */
  shownValue({ id, column }: FieldView, index: number, entity: number): number {
    const { shown } = this;
    if (shown !== undefined) {
      const row = shown.rowOf(index, entity);
      const cells = row < 0 ? undefined : shown.cellsOf(id);
      if (cells !== undefined) return cells[row] as number;
    }
    return column[index] as number;
  }

  /** Sets a field of an entity, in its column and where that is shown, unless it is undone. */
  write(
    { id, column, shownId, journalId }: FieldView,
    index: number,
    entity: number,
    value: number,
  ): void {
    const { shown } = this;
    const { journal } = this.transaction;
    if (shown !== undefined) {
      const row = shown.rowOf(index, entity);
      const cells = row < 0 ? undefined : shown.cellsOf(id);
      // The column as well: it is what the row is set to again when its own call is stopped.
      if (cells !== undefined) {
        journal.record(shownId, row, cells[row] as number);
        cells[row] = value;
      }
      shown.changed(id, entity, value);
    }
    journal.record(journalId, index, column[index] as number);
    column[index] = value;
  }

  /** Writes the defaults of an entity that lacks a component, unless that is undone. */
  writeDefaults({ fields }: ComponentView, index: number, entity: number): void {
    for (const access of fields) this.write(access, index, entity, access.field.default);
  }

  #addFields(view: ComponentView): void {
    const { journal } = this.transaction;
    const { component } = view;
    for (const field of component.fields) {
      const column = view.column(field);
      const id = this.#fields.size;
      const access: FieldView = {
        id,
        field,
        journalId: view.columnId(field),
        shownId: journal.track(() => this.shown?.cellsOf(id) ?? column),
        component,
        column,
      };
      this.#fields.set(`${component.name}.${field.name}`, access);
      view.fields.push(access);
    }
  }

  /** The id of one of the world's prefabs. @throws TypeError for any other. */
  prefabId(prefab: Prefab): number {
    const id = this.#prefabIds.get(prefab);
    if (id === undefined) throw new TypeError(`prefab ${prefab.name} is not in this world`);
    return id;
  }

  /** The index of a live entity. @throws HostError that names `what` was asked and the handle. */
  require(what: string, handle: number): number {
    const index = this.world.resolve(handle);
    if (index < 0) throw this.refusal(what, handle);
    return index;
  }

  /** Why a handle can't be used; for an entity that is alive, that it lacks the component. */
  refusal(what: string, handle: number, view?: ComponentView): HostError {
    if (this.world.resolve(handle) < 0) {
      return new HostError(`${what}: ${this.world.staleError(handle).message}`);
    }
    const hex = handle.toString(16).padStart(8, "0");
    return new HostError(
      `${what}: entity 0x${hex} has no ${view?.component.name ?? "such component"}`,
    );
  }
}
