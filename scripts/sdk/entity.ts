/**
 * An entity of the game, as a handle: hold it in a variable or in a column of type `entity`.
 *
 * A handle stays valid until its entity is despawned. After that it never means another entity:
 * using it stops the call with an error that names it, so ask {@link isAlive} first whenever the
 * entity could be gone.
 */
export type Entity = i32;

/** The handle that means "no entity"; what a column of type `entity` holds until it is set. */
export const noEntity: Entity = 0;

/**
 * Whether the entity still exists. False for {@link noEntity} and for a handle whose entity was
 * despawned; an entity despawned in this frame still counts until all scripts have run.
 * A script whose policy lets it touch its own entities only may ask about those.
 */
// @ts-ignore: decorator
@external("entity", "alive")
export declare function isAlive(entity: Entity): bool;

/**
 * Removes the entity, and all its components, once every script has run this frame. Until then
 * everything still sees it. Despawning the same entity twice is fine; one that was already gone is
 * an error. When the call that asked for it is stopped, nothing is removed.
 */
// @ts-ignore: decorator
@external("entity", "despawn")
export declare function despawn(entity: Entity): void;
