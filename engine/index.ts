/**
 * The engine: typed columns and safe entity handles over bitECS, and a loop that runs systems.
 * Knows nothing of scripts.
 */
export { ChildOf, descendantsOf } from "./child-of.ts";
export { type Clock, ManualClock, systemClock } from "./clock.ts";
export {
  type Column,
  type ColumnArrays,
  type ColumnType,
  columnRange,
  columnTypes,
  createColumn,
  refuseValue,
} from "./columns.ts";
export {
  type Columns,
  type Component,
  type ComponentOptions,
  defineComponent,
  defineMarker,
} from "./component.ts";
export {
  type Entity,
  generationPart,
  indexPart,
  type Lives,
  lastGeneration,
  maxIndexCount,
  noEntity,
  StaleEntityError,
} from "./entity.ts";
export {
  checkValues,
  type Field,
  type FieldSpec,
  type Fields,
  type Values,
} from "./field.ts";
export { Game, type GameOptions, type GameSnapshot } from "./game.ts";
export { Hasher } from "./hash.ts";
export { CapacityError } from "./lifetimes.ts";
export { defineMessage, type Message, type MessageOptions } from "./message.ts";
export { packBytes, packNumbers, unpackBytes, unpackNumbers } from "./packed.ts";
export type { Plugin } from "./plugin.ts";
export {
  definePrefab,
  type Prefab,
  type PrefabPart,
  type ValuedComponent,
  withValues,
} from "./prefab.ts";
export type { QueryOptions } from "./queries.ts";
export type { Query } from "./query.ts";
export {
  defineQuery,
  type QueryDefinition,
  type QueryDefinitionOptions,
} from "./query-definition.ts";
export { animationFrameScheduler, type Scheduler } from "./scheduler.ts";
export { SnapshotError, SnapshotReader, savedNumber, shownName } from "./snapshot-reader.ts";
export type { Holders } from "./store.ts";
export {
  type FrameStats,
  type Phase,
  phases,
  type System,
  SystemError,
  type SystemTiming,
} from "./system.ts";
export { componentsOf, Not, Or, type QueryOperator, type QueryTerm } from "./terms.ts";
export { Time, type TimeSnapshot } from "./time.ts";
export { type VectorPart, type VectorSpec, type VectorType, vectorOf } from "./vector.ts";
export { World, type WorldOptions } from "./world.ts";
export type { ComponentSnapshot, QuerySnapshot, WorldSnapshot } from "./world-snapshot.ts";
