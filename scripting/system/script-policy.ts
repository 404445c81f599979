import { componentsOf, type Message, vectorOf, type World } from "../../engine/index.ts";
import { capabilities } from "../host/capabilities.ts";
import type { Positions } from "../host/neighbours.ts";
import { type NamedQueries, queryPath } from "../host/query.ts";
import type { Linker } from "../runtime/linker.ts";
import { type FaultPolicy, resolvePolicy } from "./policy.ts";

/** Names, or all there are. */
export type Names = "all" | readonly string[];

/**
 * What a script may do to the world, and what follows when it fails. What a module imports shows what
 * it can ever do, so a script that wants more than this is refused when it is loaded; which entities
 * it touches shows when it runs, and stops the call.
 */
export interface ScriptPolicy {
  /**
   * Components that it may read, as `Position`, or single fields, as `Position.x`; of a vector all parts, as
   * `Body.velocity`, or one, as `Body.velocity.x`. It may go through a named query if it may read something of each
   * component that is in its terms, those that members lack included. Default: all.
   */
  readonly read: Names;
  /** The same for writing. Default: all. */
  readonly write: Names;
  /** Components that it may add to entities and remove. Default: all. */
  readonly restructure: Names;
  /** Prefabs that it may spawn. Default: all. */
  readonly spawn: Names;
  /** Whether it may despawn entities. Default: true. */
  readonly despawn: boolean;
  /** Messages that it may send; it gets those sent to its entities in any case. Default: all. */
  readonly messages: Names;
  /**
   * Entities that all of that is about: the one that a call is for and those that the call has spawned
   * itself, or any. With `"self"` it can't ask whether another one is alive either, nor put another one's
   * handle into a field, nor count or search entities, those of a query included; it may read those that it is
   * given. Default: any.
   */
  readonly entities: "self" | "any";
  /** Fields that it reads the default of, whatever they hold, as `Health.armour`. Default: none. */
  readonly redacted: readonly string[];
  /**
   * Capabilities that the game's own host functions ask for; what isn't asked for by any is refused.
   * Default: none.
   */
  readonly capabilities: Names;
  /** What follows a fault, where it differs from the system's. */
  readonly faults: Partial<FaultPolicy>;
}

/** Everything; what holds where nothing else is said. */
export const openPolicy: ScriptPolicy = Object.freeze({
  read: "all",
  write: "all",
  restructure: "all",
  spawn: "all",
  despawn: true,
  messages: "all",
  entities: "any",
  redacted: [],
  capabilities: [],
  faults: {},
});

/**
 * For scripts that nobody has reviewed: of the world they see and change their own entity, and nothing
 * else. Time, input, random numbers and the log are theirs as they are every script's.
 */
const closedPolicy: ScriptPolicy = Object.freeze({
  ...openPolicy,
  restructure: [],
  spawn: [],
  despawn: false,
  messages: [],
  entities: "self",
});

/** Policies to begin with. */
export const scriptPolicies = Object.freeze({ open: openPolicy, closed: closedPolicy });

/** What policies are about. */
export interface Governed {
  readonly world: World;
  /** Messages by name. */
  readonly messages: { readonly types: ReadonlyMap<string, Message> };
  readonly queries: NamedQueries;
  /** Where entities are, if scripts may ask. */
  readonly neighbours: { readonly positions: Positions } | undefined;
}

/**
 * Completes a partial policy and checks it against the world, and the capabilities that a linker knows.
 * @throws TypeError that names what doesn't exist, with what does; RangeError for a fault policy.
 */
export function resolveScriptPolicy(
  governed: Governed,
  linker: Linker,
  base: ScriptPolicy,
  overrides: Partial<ScriptPolicy> = {},
): ScriptPolicy {
  for (const name of Object.keys(overrides)) {
    if (!Object.hasOwn(openPolicy, name)) {
      const known = Object.keys(openPolicy).join(", ");
      throw new TypeError(`a script's policy has no "${name}"; it has: ${known}`);
    }
  }
  const { world, messages } = governed;
  const given: ScriptPolicy = { ...base, ...overrides };
  const components = [...world.components.keys()];
  const fields = [...world.components.values()].flatMap((component) =>
    component.fields.map((field) => `${component.name}.${field.name}`),
  );
  const vectors = new Set(fields.flatMap((field) => vectorPathOf(field) ?? []));
  checkNames("read", given.read, [...components, ...fields, ...vectors]);
  checkNames("write", given.write, [...components, ...fields, ...vectors]);
  checkNames("restructure", given.restructure, components);
  checkNames("spawn", given.spawn, [...world.prefabs.keys()]);
  checkNames(
    "messages",
    given.messages,
    [...messages.types.keys()],
    "among this system's messages",
  );
  if (!Array.isArray(given.redacted))
    throw new TypeError("policy redacted must be a list of names");
  checkNames("redacted", given.redacted, [...fields, ...vectors]);
  const policy: ScriptPolicy = {
    ...given,
    read: given.read === "all" ? "all" : withParts(given.read, fields),
    write: given.write === "all" ? "all" : withParts(given.write, fields),
    redacted: withParts(given.redacted, fields),
  };
  const inWorld = worldGrants(openPolicy, governed);
  const ofTheGame = linker.capabilities.filter((capability) => !inWorld.has(capability));
  checkNames(
    "capabilities",
    policy.capabilities,
    ofTheGame,
    "that a function of the game asks for",
  );
  if (policy.entities !== "self" && policy.entities !== "any") {
    throw new TypeError(`policy entities must be "self" or "any", not ${String(policy.entities)}`);
  }
  if (typeof policy.despawn !== "boolean") {
    throw new TypeError(`policy despawn must be true or false, not ${String(policy.despawn)}`);
  }
  resolvePolicy(policy.faults);
  return Object.freeze(policy);
}

/** The capabilities that a policy grants, of all that a linker's functions ask for. */
export function grantedBy(policy: ScriptPolicy, linker: Linker, governed: Governed): string[] {
  const inWorld = worldGrants(policy, governed);
  return linker.capabilities.filter(
    (capability) => inWorld.get(capability) ?? allows(policy.capabilities, capability),
  );
}

/** Every capability that is about the world's components and prefabs, and messages, and whether a policy grants it. */
function worldGrants(
  policy: ScriptPolicy,
  { world, messages, queries, neighbours }: Governed,
): ReadonlyMap<string, boolean> {
  const grants = new Map<string, boolean>([[capabilities.despawn, policy.despawn]]);
  const finds = seesPositions(policy, neighbours?.positions);
  for (const { name, fields } of world.components.values()) {
    const [reads, writes] = [allows(policy.read, name), allows(policy.write, name)];
    grants.set(capabilities.restructure(name), allows(policy.restructure, name));
    let readsAny = reads;
    for (const field of fields) {
      const path = `${name}.${field.name}`;
      const readsField = reads || allows(policy.read, path);
      readsAny ||= readsField;
      grants.set(capabilities.read(path), readsField);
      grants.set(capabilities.write(path), writes || allows(policy.write, path));
    }
    grants.set(capabilities.read(name), readsAny);
    const goesThrough = readsAny && policy.entities === "any";
    grants.set(capabilities.query(name), goesThrough);
    grants.set(capabilities.find(name), goesThrough && finds);
  }
  for (const { name, terms } of queries.values()) {
    // Who isn't listed tells of a component, too. Tags of scripts are in no list of what may be read.
    const reads = componentsOf(terms).every(
      (component) => component.marker || grants.get(capabilities.read(component.name)) === true,
    );
    const goesThrough = reads && policy.entities === "any";
    const path = queryPath(name);
    grants.set(capabilities.query(path), goesThrough);
    grants.set(capabilities.find(path), goesThrough && finds);
  }
  for (const name of world.prefabs.keys()) {
    grants.set(capabilities.spawn(name), allows(policy.spawn, name));
  }
  for (const name of messages.types.keys()) {
    grants.set(capabilities.send(name), allows(policy.messages, name));
  }
  return grants;
}

/** Who finds an entity by where it is knows where it is. */
function seesPositions(policy: ScriptPolicy, positions: Positions | undefined): boolean {
  if (positions === undefined) return false;
  const { component, x, y } = positions;
  return [x, y].every((field) => {
    const path = `${component.name}.${field}`;
    const reads = allows(policy.read, component.name) || allows(policy.read, path);
    return reads && !policy.redacted.includes(path);
  });
}

/** `Body.velocity` of `Body.velocity.x`; undefined for what is no part of a vector. */
function vectorPathOf(path: string): string | undefined {
  const [component, ...field] = path.split(".");
  const vector = vectorOf(field.join("."));
  return vector === undefined ? undefined : `${component}.${vector}`;
}

/** Names, those of vectors replaced by the names of their parts. */
function withParts(names: readonly string[], fields: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const parts = fields.filter((field) => vectorPathOf(field) === name);
    return parts.length === 0 ? [name] : parts;
  });
}

function allows(names: Names, name: string): boolean {
  return names === "all" || names.includes(name);
}

function checkNames(
  what: string,
  names: Names,
  known: readonly string[],
  where = "in this world",
): void {
  if (names === "all") return;
  if (!Array.isArray(names)) throw new TypeError(`policy ${what} must be "all" or a list of names`);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `policy ${what}: there is no "${name}" ${where}; there is ${known.join(", ") || "nothing"}`,
    );
  }
}
