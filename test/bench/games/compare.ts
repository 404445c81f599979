import { type Column, type Columns, type Component, indexPart } from "../../../engine/index.ts";
import type { Game } from "./game.ts";

/** A world to look into, native or the engine's. */
export interface Inspected {
  columns(component: Component): Columns;
  query(components: readonly Component[]): readonly number[];
}

/** What the entities that a game compares hold, a row each. */
function rowsOf({ compared, comesAndGoes }: Game, world: Inspected): number[][] {
  const rows = [...world.query(compared)]
    .sort((a, b) => a - b)
    .map((index) =>
      compared.flatMap((component) =>
        component.fields.map(({ name, type }) => {
          const value = (world.columns(component)[name] as Column)[index] as number;
          return type === "entity" ? indexPart(value) : value;
        }),
      ),
    );
  return comesAndGoes ? rows.sort(byFirstDifference) : rows;
}

function byFirstDifference(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

/** @throws Error unless two worlds of a game hold the same, but for a share (0 to 1) of their entities. */
export function mustAgree(
  game: Game,
  what: string,
  native: Inspected,
  other: Inspected,
  tolerance: number,
  share: number,
): void {
  const expected = rowsOf(game, native);
  const actual = rowsOf(game, other);
  if (actual.length !== expected.length) {
    throw new Error(`${game.name}, ${what}: ${actual.length} entities, native ${expected.length}`);
  }
  const differs = actual.filter((row, i) =>
    row.some((value, j) => !(Math.abs(value - (expected[i]?.[j] as number)) <= tolerance)),
  ).length;
  if (differs <= share * actual.length) return;
  throw new Error(
    `${game.name}, ${what}: ${differs} of ${actual.length} entities differ from native`,
  );
}
