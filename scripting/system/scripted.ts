import { type Component, defineMarker } from "../../engine/index.ts";

/** The tag of a script: an entity that has it carries the script. */
export type ScriptTag = Component<Record<never, never>>;

const tags = new Map<string, ScriptTag>();

/**
 * The tag of the script with a name; always the same one for the same name. As part of a prefab it
 * makes every entity of that prefab carry the script, whoever spawns it:
 * `definePrefab("Bullet", [Position, scripted("bullet")])`. Works in queries like any component.
 * The script needn't be loaded yet; its entities start when it is. A name's tag is kept for good, and in a
 * world in which a script of that name was loaded it takes up one component: don't make up names without end.
 */
export function scripted(scriptName: string): ScriptTag {
  let tag = tags.get(scriptName);
  if (tag === undefined) {
    tag = defineMarker(`script:${scriptName}`);
    tags.set(scriptName, tag);
  }
  return tag;
}
