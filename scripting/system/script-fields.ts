import { type Entity, refuseValue, type World } from "../../engine/index.ts";
import { fieldColumnTypes } from "../fields/field-kinds.ts";
import type { ScriptField } from "../fields/script-field.ts";
import type { ScriptSlot } from "./slot.ts";

/** The fields of scripts' own, for the game and for inspectors: what is there, and what each entity has. */
export class ScriptFields {
  readonly #world: World;
  readonly #slotOf: (script: string) => ScriptSlot;
  readonly #isSet: (entity: number, script: string, field: string, value: number) => void;

  /**
   * @param slotOf throws for a script that isn't loaded.
   * @param isSet told of values that fit.
   */
  constructor(
    world: World,
    slotOf: (script: string) => ScriptSlot,
    isSet: (entity: number, script: string, field: string, value: number) => void,
  ) {
    this.#world = world;
    this.#slotOf = slotOf;
    this.#isSet = isSet;
  }

  /** The fields of a script's version that runs now. @throws TypeError for a script that isn't loaded. */
  of(script: string): readonly ScriptField[] {
    return this.#slotOf(script).rows.fields.fields;
  }

  /**
   * What an entity's field holds. A `bool` is 0 or 1, an `entity` a handle, a `timer` the second of game time at which
   * it is over, 0 when it isn't set.
   * @throws StaleEntityError; TypeError for a script that isn't loaded, an entity that doesn't carry it, a field that it
   * hasn't got.
   */
  get(entity: Entity, script: string, field: string): number {
    const { column, row } = this.#find(entity, script, field);
    return column[row] as number;
  }

  /**
   * Changes an entity's field. Between frames, or by what the game does while no script runs.
   * @throws what {@link get} throws; RangeError for a value that the field can't hold. Its range is what editors offer,
   * and isn't held against the value.
   */
  set(entity: Entity, script: string, field: string, value: number): void {
    const { column, row, spec } = this.#find(entity, script, field);
    const name = `${script}'s field ${field}`;
    const problem =
      refuseValue(fieldColumnTypes[spec.kind], value) ??
      (Number.isFinite(value) ? undefined : `${value} is not a finite number`) ??
      (spec.kind === "bool" && value > 1 ? `${value} is neither 0 nor 1` : undefined);
    if (problem !== undefined) throw new RangeError(`${name}: ${problem}`);
    if (spec.kind === "entity" && value !== 0) this.#world.indexOf(value as Entity);
    this.#isSet(entity, script, field, value);
    column[row] = value;
  }

  #find(entity: Entity, script: string, field: string) {
    const slot = this.#slotOf(script);
    const index = this.#world.indexOf(entity);
    // Those that got the tag without the system being asked may not have been listed yet.
    if (slot.rowOf(entity) < 0) slot.adopt();
    const row = slot.rows.rowOf(index, entity);
    if (row < 0)
      throw new TypeError(`the entity doesn't carry ${script}, and has none of its fields`);
    const { columns, fields } = slot.rows.fields;
    const n = fields.findIndex(({ name }) => name === field);
    const [column, spec] = [columns[n], fields[n]];
    if (column === undefined || spec === undefined) {
      const known = fields.map(({ name }) => name).join(", ") || "none";
      throw new TypeError(`${script} has no field "${field}"; it has: ${known}`);
    }
    return { column, row, spec };
  }
}
