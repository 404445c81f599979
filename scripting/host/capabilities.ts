/** What host functions ask for that read and change the world, by the name of what they are about. */
export const capabilities = {
  /** A component, or one field of it. */
  read: (name: string): string => `read ${name}`,
  write: (name: string): string => `write ${name}`,
  /** Adding a component to entities and removing it. */
  restructure: (component: string): string => `restructure ${component}`,
  spawn: (prefab: string): string => `spawn ${prefab}`,
  despawn: "despawn",
  /** Going through the entities that have a component, or are in a query, which is `Query.Targets` here. */
  query: (members: string): string => `query ${members}`,
  /** Searching for those by where they are. */
  find: (members: string): string => `find ${members}`,
  send: (message: string): string => `send ${message}`,
} as const;
