import type { Column } from "./columns.ts";
import type { Values } from "./field.ts";
import { type Prefab, type PrefabPart, toValued } from "./prefab.ts";
import { Kit, type Store } from "./store.ts";
import type { StoreRegistry } from "./stores.ts";

interface Ingredient {
  readonly store: Store;
  readonly values: Values;
}

/** A prefab as one world makes it. */
export class Recipe {
  /** What it gives an entity. */
  readonly kit: Kit;
  readonly #ingredients: readonly Ingredient[];
  /** The columns that it writes, and what to. */
  readonly #columns: readonly Column[];
  readonly #values: Float64Array;

  constructor(ingredients: readonly Ingredient[]) {
    this.kit = new Kit(ingredients.map((ingredient) => ingredient.store));
    this.#ingredients = ingredients;
    const columns: Column[] = [];
    const values: number[] = [];
    for (const { store, values: given } of ingredients) {
      for (const { name, default: initial } of store.component.fields) {
        columns.push(store.columns[name] as Column);
        values.push(given[name] ?? initial);
      }
    }
    this.#columns = columns;
    this.#values = Float64Array.from(values);
  }

  /** This recipe with more components, or other values for those it has. */
  with(more: readonly Ingredient[]): Recipe {
    const merged = new Map<Store, Values>();
    for (const { store, values } of [...this.#ingredients, ...more]) {
      merged.set(store, { ...merged.get(store), ...values });
    }
    return new Recipe([...merged].map(([store, values]) => ({ store, values })));
  }

  /** Writes every value, defaults included, into the columns of an index. */
  write(index: number): void {
    const columns = this.#columns;
    const values = this.#values;
    for (let n = 0; n < columns.length; n++) (columns[n] as Column)[index] = values[n] as number;
  }
}

const empty = new Recipe([]);

/** The prefabs of a world. */
export class RecipeBook {
  readonly prefabs: ReadonlyMap<string, Prefab>;
  readonly #stores: StoreRegistry;
  readonly #recipes = new Map<Prefab, Recipe>();

  /** @throws TypeError for a name used twice, or a component that isn't registered. */
  constructor(stores: StoreRegistry, prefabs: readonly Prefab[]) {
    this.#stores = stores;
    const byName = new Map<string, Prefab>();
    for (const prefab of prefabs) {
      if (byName.has(prefab.name)) throw new TypeError(`two prefabs are named ${prefab.name}`);
      byName.set(prefab.name, prefab);
      this.#recipes.set(prefab, this.extend(empty, prefab.parts));
    }
    this.prefabs = byName;
  }

  /** A prefab's recipe, or the empty one. @throws TypeError when it isn't registered. */
  get(prefab: Prefab | undefined): Recipe {
    if (prefab === undefined) return empty;
    const recipe = this.#recipes.get(prefab);
    if (recipe !== undefined) return recipe;
    throw new TypeError(`prefab ${prefab.name} is not registered in this world`);
  }

  /** A recipe with more parts. @throws TypeError for a component that isn't registered. */
  extend(recipe: Recipe, parts: readonly PrefabPart[]): Recipe {
    return recipe.with(
      parts.map((part) => {
        const { component, values } = toValued(part);
        return { store: this.#stores.get(component), values };
      }),
    );
  }
}
