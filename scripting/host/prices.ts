/** A host function's price in fuel, and why it is that. */
export interface HostPrice {
  readonly fuel: number;
  readonly reason: string;
}

/**
 * What each host function costs, in fuel: a plain instruction is 1, so a price is about how many
 * instructions would have taken the function's time, crossing into JavaScript and back included.
 */
export const hostPrices = {
  "component.get": { fuel: 20, reason: "handle and membership check, one array read" },
  "component.set": { fuel: 30, reason: "the same, value check, one undo record, one array write" },
  "component.has": { fuel: 20, reason: "handle check, one membership read" },
  "component.add": { fuel: 400, reason: "queued now; a change of components when scripts are done" },
  "component.remove": { fuel: 400, reason: "queued now; a change of components when scripts are done" },
  "prefab.spawn": { fuel: 1_000, reason: "a reserved entity, its defaults, and all its components later" },
  "entity.alive": { fuel: 15, reason: "handle check" },
  "entity.despawn": { fuel: 500, reason: "queued now; all its components are removed later" },
  "time.delta": { fuel: 10, reason: "one read" },
  "time.elapsed": { fuel: 10, reason: "one read" },
  "time.frame": { fuel: 10, reason: "one read" },
  "input.down": { fuel: 15, reason: "range check, one array read" },
  "input.pressed": { fuel: 15, reason: "range check, one array read" },
  "input.pointerX": { fuel: 10, reason: "one read" },
  "input.pointerY": { fuel: 10, reason: "one read" },
  "input.pointerDown": { fuel: 10, reason: "one read" },
  "random.next": { fuel: 40, reason: "one undo record, two 32-bit hashes" },
  "log.info": { fuel: 500, reason: "a string is copied out and kept until the frame's end" },
  "log.warn": { fuel: 500, reason: "a string is copied out and kept until the frame's end" },
  "log.byte": { fuel: 1, reason: "for each byte of the string: copied and decoded" },
} as const satisfies Record<string, HostPrice>;
