import type { FaultKind, ResourceLimits, ScriptPolicy } from "../../scripting/index.ts";

/** A script whose every call is stopped, after it has done what harm it can. */
export interface HostileScript {
  readonly what: string;
  /** AssemblyScript behind the usual imports. */
  readonly body: string;
  readonly kind: FaultKind;
  readonly limits?: Partial<ResourceLimits>;
  readonly policy?: Partial<ScriptPolicy>;
}

/** Does all that a script may do to its own entity and the world, and then what is given. */
function harm(end: string, before = ""): string {
  return `${before}
    export function onUpdate(self: Entity): void {
      Position.x[self] = 1e9; Position.y[self] = -1e9; Velocity.x[self] = 7; Trace.value[self] = 1e300;
      Kinds.i8[self] = -128; Kinds.u32[self] = 0xffffffff; Kinds.target[self] = self;
      Frozen.add(self); Velocity.remove(self);
      for (let i = 0; i < 8; i++) { const made = Prefab.Rock.spawn(); Position.x[made] = 5; Frozen.add(made); }
      despawn(self);
      ${end}
    }`;
}

export const hostileScripts: readonly HostileScript[] = [
  { what: "loops for ever", body: harm("while (true) {}"), kind: "out-of-fuel" },
  {
    what: "loops for ever, with all the fuel there is",
    body: harm("while (true) {}"),
    kind: "deadline",
    limits: { fuelPerCall: Infinity, callTimeMs: 2 },
  },
  {
    what: "tells everybody, and then without end",
    body: harm(`for (let i = 0, n = min(Position.count(), 20); i < n; i++) Hit.send(Position.at(i), 1e9, self);
      while (true) Ping.send(self);`),
    kind: "host-error",
  },
  {
    what: "tells everybody, and searches everywhere without end",
    body: harm(`for (let i = 0, n = min(Position.count(), 20); i < n; i++) Hit.send(Position.at(i), 1e9, self);
      while (true) Trace.value[self] += Position.within(self, f32.MAX_VALUE);`),
    kind: "out-of-fuel",
  },
  {
    what: "recurses for ever",
    body: harm("down(0);", "function down(n: i32): i32 { return down(n + 1) + 1; }"),
    kind: "stack-overflow",
  },
  {
    what: "allocates without end",
    body: harm(
      "while (true) keep.push(new StaticArray<u8>(60000));",
      "const keep = new Array<StaticArray<u8>>();",
    ),
    kind: "memory-limit",
    limits: { fuelPerCall: Infinity },
  },
  { what: "traps", body: harm("unreachable();"), kind: "trap" },
  {
    what: "divides by zero",
    body: harm("Trace.loads[self] = 1 / Trace.ends[self];"),
    kind: "trap",
  },
  { what: "fails an assertion", body: harm(`assert(false, "no");`), kind: "abort" },
  { what: "throws", body: harm(`throw new Error("thrown");`), kind: "abort" },
  {
    what: "reads behind an array's end",
    body: harm("Trace.loads[self] = list[list.length + 5];", "const list: i32[] = [1, 2, 3];"),
    kind: "abort",
  },
  {
    what: "writes through a null pointer it made itself",
    body: harm("store<i32>(0xfffffff0, 1);"),
    kind: "trap",
  },
  { what: "writes NaN", body: harm("Position.x[self] = NaN;"), kind: "host-error" },
  { what: "writes infinity", body: harm("Velocity.y[self] = Infinity;"), kind: "host-error" },
  {
    what: "writes a number that doesn't fit",
    body: harm("Kinds.u8[self] = 256;"),
    kind: "host-error",
  },
  {
    what: "points at an entity that never was",
    body: harm("Kinds.target[self] = changetype<Entity>(0x7ffffff0);"),
    kind: "host-error",
  },
  ...["0x7fffffff", "-1", "-0x80000000", "12345678", "255 << 20"].map(
    (handle): HostileScript => ({
      what: `writes to the forged handle ${handle}`,
      body: harm(`Position.x[changetype<Entity>(${handle})] = 1;`),
      kind: "host-error",
    }),
  ),
  {
    what: "writes to every handle it can count to",
    body: harm("for (let i = 1; i < 1000000; i++) Position.x[changetype<Entity>(i << 8 ^ i)] = 1;"),
    kind: "host-error",
  },
  {
    what: "writes to a field that the entity hasn't got",
    body: harm("Trace.value[Prefab.Bullet.spawn()] = 1; Kinds.i32[Prefab.Rock.spawn()] = 1;"),
    kind: "host-error",
  },
  {
    what: "spawns without end",
    body: harm("while (true) Prefab.Bullet.spawn();"),
    kind: "host-error",
  },
  {
    what: "despawns what it has just spawned, and then fails",
    body: harm("for (let i = 0; i < 4; i++) despawn(Prefab.Rock.spawn()); unreachable();"),
    kind: "trap",
  },
  {
    what: "calls the host without end",
    body: harm("while (true) isAlive(self);"),
    kind: "host-call-limit",
    limits: { fuelPerCall: Infinity, hostCallsPerCall: 1_000 },
  },
  {
    what: "logs without end",
    body: harm(`while (true) log("x");`),
    kind: "host-call-limit",
    limits: { fuelPerCall: Infinity, hostCallsPerCall: 500 },
  },
  {
    what: "logs a text longer than may pass",
    body: harm(`log("long ".repeat(10000));`),
    kind: "host-error",
    limits: { fuelPerCall: Infinity },
  },
  {
    what: "breaks its own memory and goes on",
    body: harm(
      "memory.fill(0, 0xff, <usize>memory.size() << 16); keep.push(1); while (true) keep.push(2);",
      "const keep: i32[] = [];",
    ),
    kind: "trap",
    limits: { fuelPerCall: Infinity },
  },
  {
    what: "uses up all random numbers it can",
    body: harm("while (true) Random.next();"),
    kind: "out-of-fuel",
  },
  {
    what: "touches another's entity, where it may not",
    body: `export function onUpdate(self: Entity): void {
      Position.x[self] = 1e9;
      Position.x[changetype<Entity>(1)] = 1e9;
      for (let i = 0; i < 64; i++) Position.x[changetype<Entity>(i)] = 1e9;
    }`,
    kind: "host-error",
    policy: { entities: "self" },
  },
  {
    what: "reads another's entity, where it may not",
    body: `export function onUpdate(self: Entity): void {
      let sum: f32 = 0;
      for (let i = 0; i < 64; i++) sum += Position.x[changetype<Entity>(i)];
      Position.x[self] = sum;
    }`,
    kind: "host-error",
    policy: { entities: "self" },
  },
];
