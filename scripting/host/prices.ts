/** A host function's price in fuel, and why it is that. */
export interface HostPrice {
  readonly fuel: number;
  readonly reason: string;
}

/**
 * What each host function costs, in fuel. A fuel is about a nanosecond, so a price is about the
 * function's time in nanoseconds, crossing into JavaScript and back included; for what is only
 * queued it is also the time of carrying it out when scripts are done.
 */
export const hostPrices = {
  "component.get": { fuel: 50, reason: "handle and membership check, one array read" },
  "component.set": { fuel: 80, reason: "the same, value check, one undo record, one array write" },
  "component.has": { fuel: 50, reason: "handle check, one membership read" },
  "component.add": {
    fuel: 1_500,
    reason: "defaults now, values checked and queries changed later",
  },
  "component.remove": {
    fuel: 600,
    reason: "the entity moves between queries when scripts are done",
  },
  "component.count": { fuel: 45, reason: "one read" },
  "component.at": {
    fuel: 60,
    reason: "range check, two array reads; a list of the members where some have left",
  },
  "component.nearest": { fuel: 300, reason: "handle check, two reads, a place in the grid" },
  "component.within": { fuel: 300, reason: "handle check, two reads, a place in the grid" },
  "query.row": {
    fuel: 30,
    reason: "for each row of the grid's cells: where its entities begin and end",
  },
  "query.item": { fuel: 9, reason: "for each entity in those cells: its distance" },
  "query.found": { fuel: 45, reason: "range check, one array read" },
  "prefab.spawn": { fuel: 2_000, reason: "a reservation, defaults, and every component later" },
  "entity.alive": { fuel: 45, reason: "handle check" },
  "entity.despawn": {
    fuel: 1_000,
    reason: "the entity leaves all its queries when scripts are done",
  },
  "message.send": {
    fuel: 600,
    reason: "handle and value checks, a place in the queue, brought to its receivers later",
  },
  "message.is": { fuel: 45, reason: "one read" },
  "message.field": { fuel: 45, reason: "one read" },
  "time.delta": { fuel: 45, reason: "one read" },
  "time.elapsed": { fuel: 45, reason: "one read" },
  "time.frame": { fuel: 45, reason: "one read" },
  "time.fixedDelta": { fuel: 45, reason: "one read" },
  "input.down": { fuel: 45, reason: "range check, one array read" },
  "input.pressed": { fuel: 45, reason: "range check, one array read" },
  "input.pointerX": { fuel: 45, reason: "one read" },
  "input.pointerY": { fuel: 45, reason: "one read" },
  "input.pointerDown": { fuel: 45, reason: "one read" },
  "random.next": { fuel: 70, reason: "three 32-bit hashes" },
  "log.info": { fuel: 1_000, reason: "a string is copied out, and handed to listeners later" },
  "log.warn": { fuel: 1_000, reason: "a string is copied out, and handed to listeners later" },
  "log.byte": { fuel: 1, reason: "for each byte of a logged string: copied and decoded" },
} as const satisfies Record<string, HostPrice>;
