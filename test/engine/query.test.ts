import {
  $internal,
  query as bitQuery,
  type InternalWorld,
  observe,
  onAdd,
  removeQuery,
} from "bitecs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Component,
  defineComponent,
  defineMarker,
  defineQuery,
  type Entity,
  Not,
  Or,
  type QueryTerm,
  World,
} from "../../engine/index.ts";

const A = defineComponent("A", { value: "f32" });
const B = defineComponent("B", {});
const C = defineComponent("C", {});

function createWorld(): World {
  return new World({ components: [A, B, C], maxEntities: 64 });
}

function spawn(world: World, ...components: readonly Component[]): Entity {
  return world.spawn(undefined, ...components);
}

describe("a query", () => {
  test("is the same for the same terms, in any order", () => {
    const world = createWorld();
    expect(world.query([A, B])).toBe(world.query([B, A, A]));
    expect(world.query([A, B])).not.toBe(world.query([A, Not(B)]));
    expect(() => world.query([])).toThrow("at least one component");
  });

  test("finds the entities there are and those that come", () => {
    const world = createWorld();
    const early = spawn(world, A, B);
    spawn(world, A);
    const query = world.query([A, B]);
    const late = spawn(world, B);
    world.add(late, A);
    expect(query.entities()).toEqual([world.indexOf(early), world.indexOf(late)]);
    expect(query.count).toBe(2);
  });

  test("reading it commits nothing", () => {
    const world = createWorld();
    const entities = [spawn(world, A), spawn(world, A), spawn(world, A)] as const;
    const query = world.query([A]);
    const listed = query.entities();
    world.despawn(entities[0]);
    expect(query.entities()).toBe(listed);
    expect(listed).toEqual([1, 2, 3]);
    expect(query.count).toBe(2);
    expect(query.has(1)).toBe(false);
    expect(query.has(2)).toBe(true);
    world.commit();
    expect(query.entities()).toEqual([3, 2]);
  });

  test("can be walked while its entities are despawned", () => {
    const world = createWorld();
    for (let i = 0; i < 10; i++) spawn(world, A);
    const query = world.query([A]);
    const visited: number[] = [];
    for (const index of query.entities()) {
      if (!query.has(index)) continue;
      visited.push(index);
      world.despawn(world.handleOf(index));
      const neighbour = world.handleOf(index + 1);
      if (neighbour !== 0) world.despawn(neighbour);
    }
    expect(visited).toEqual([1, 3, 5, 7, 9]);
    expect(world.aliveCount).toBe(0);
    world.commit();
    expect(query.entities()).toEqual([]);
  });

  test("isn't disturbed by a game's own bitECS queries", () => {
    const world = createWorld();
    for (let i = 0; i < 6; i++) spawn(world, A);
    const query = world.query([A]);
    const visited: number[] = [];
    for (const index of query.entities()) {
      visited.push(index);
      world.despawn(world.handleOf(index));
      bitQuery(world.bit, [world.columns(A)]);
      removeQuery(world.bit, [world.columns(A)]);
    }
    expect(visited).toEqual([1, 2, 3, 4, 5, 6]);
    spawn(world, A);
    world.commit();
    expect(query.entities()).toEqual([6]);
  });

  test("sees an entity that leaves and comes back between commits once", () => {
    const world = createWorld();
    const entity = spawn(world, A);
    const query = world.query([A]);
    for (let i = 0; i < 3; i++) {
      world.remove(entity, A);
      world.add(entity, A);
    }
    expect(query.count).toBe(1);
    world.commit();
    expect(query.entities()).toEqual([1]);
    const other = spawn(world, A);
    for (let i = 0; i < 3; i++) {
      world.add(entity, A);
      world.remove(entity, A);
    }
    world.commit();
    expect(query.entities()).toEqual([world.indexOf(other)]);
  });

  test("sees an index that is used again before the commit", () => {
    const world = createWorld();
    const query = world.query([A]);
    world.despawn(spawn(world, A));
    const next = spawn(world, A);
    expect(query.count).toBe(1);
    world.commit();
    expect(query.entities()).toEqual([world.indexOf(next)]);
  });

  test("leaves out what it is without, also when that changes between commits", () => {
    const world = createWorld();
    const query = world.query([A, Not(B)]);
    const entity = spawn(world, A);
    spawn(world, A, B);
    expect(query.entities()).toEqual([world.indexOf(entity)]);
    world.add(entity, B);
    expect(query.count).toBe(0);
    world.remove(entity, B);
    expect(query.count).toBe(1);
    world.commit();
    expect(query.entities()).toEqual([world.indexOf(entity)]);
  });
});

test("an observer may make, change and end entities while one is being made", () => {
  const world = createWorld();
  const queries = [world.query([A]), world.query([B, Not(A)]), world.query([C])];
  let depth = 0;
  observe(world.bit, onAdd(world.columns(B)), (index) => {
    if (depth++ > 0) return;
    world.add(world.handleOf(index), C);
    world.despawn(spawn(world, B, A));
    spawn(world, B);
  });
  const entity = spawn(world, B, A);
  const members = queries.map((query) => query.entities().filter((index) => query.has(index)));
  const index = world.indexOf(entity);
  expect(members).toEqual([[index], [index + 1], [index]]);
});

test("a query of one's own is kept apart from others, and can be dropped", () => {
  const world = createWorld();
  const marker = defineMarker("mark");
  const own = world.query([marker], { own: true });
  expect(world.query([marker], { own: true })).not.toBe(own);
  const shared = world.query([marker]);
  expect(world.query([marker])).toBe(shared);
  const first = world.spawn(undefined, marker);
  expect([own.count, shared.count]).toEqual([1, 1]);
  world.dropQuery(own);
  world.despawn(first);
  world.spawn(undefined, marker);
  expect(shared.count).toBe(1);
  expect(() => world.dropQuery(own)).toThrow("isn't one of this world's own queries");
  expect(() => world.dropQuery(shared)).toThrow("isn't one of this world's own queries");
  const later = world.query([marker, A], { own: true });
  world.spawn(undefined, marker, A);
  expect(later.count).toBe(1);
});

test("a query that was dropped leaves nothing in bitECS", () => {
  const world = createWorld();
  world.query([A]);
  const before = (world.bit as InternalWorld)[$internal].queries.size;
  const marker = defineMarker("mark");
  for (let n = 0; n < 3; n++) world.dropQuery(world.query([marker], { own: true }));
  const { queries, componentMap } = (world.bit as InternalWorld)[$internal];
  expect(queries.size).toBe(before);
  expect(componentMap.get(world.columns(marker))?.queries.size).toBe(0);
});

test("queries agree with a search, whatever their terms, and whatever happens to the world", () => {
  const components = [A, B, C, defineMarker("mark")];
  const some = fc
    .subarray(components, { minLength: 1 })
    .chain((list) => fc.shuffledSubarray([...list, ...list], { minLength: 1 }));
  const term: fc.Arbitrary<QueryTerm> = fc.oneof(
    fc.constantFrom(...components),
    some.map((list) => Not(...list)),
    some.map((list) => Or(...list)),
  );
  const wantsSomething = (term: QueryTerm) => !("operator" in term) || term.operator === "Or";
  const terms = fc
    .array(term, { minLength: 1, maxLength: 4 })
    .filter((t) => t.some(wantsSomething));
  const operation = fc.record({
    kind: fc.constantFrom("spawn", "despawn", "add", "remove", "commit", "bitQuery", "late"),
    pick: fc.nat(1000),
  });
  const model = (world: World, entity: Entity, term: QueryTerm): boolean => {
    if (!("operator" in term)) return world.has(entity, term);
    const has = term.components.map((component) => world.has(entity, component));
    return term.operator === "Or" ? has.includes(true) : !has.includes(true);
  };
  fc.assert(
    fc.property(
      fc.array(terms, { minLength: 1, maxLength: 5 }),
      fc.array(operation, { maxLength: 80 }),
      (lists, operations) => {
        const world = createWorld();
        const queries = lists.map((list: readonly QueryTerm[]) => ({
          list,
          query: world.query(list),
        }));
        for (const { kind, pick } of operations) {
          const alive = [...world.entities()];
          const entity = alive[pick % alive.length];
          const component = components[pick % 4] as Component;
          const late = lists[pick % lists.length] as readonly QueryTerm[];
          if (kind === "late")
            queries.push({ list: late, query: world.query(late, { own: true }) });
          else if (kind === "spawn" && alive.length < 60)
            spawn(world, component, components[(pick >> 2) % 4] as Component);
          else if (kind === "commit") world.commit();
          else if (kind === "bitQuery") bitQuery(world.bit, [world.columns(component)]);
          else if (entity === undefined) continue;
          else if (kind === "despawn") world.despawn(entity);
          else if (kind === "add") world.add(entity, component);
          else if (kind === "remove") world.remove(entity, component);
          for (const { list, query } of queries) {
            const expected = [...world.entities()]
              .filter((each) => list.every((one) => model(world, each, one)))
              .map((each) => world.indexOf(each));
            const members = query.entities().filter((index) => query.has(index));
            expect(members.sort((a, b) => a - b)).toEqual(expected);
            expect(query.count).toBe(expected.length);
          }
        }
        world.commit();
        for (const { query } of queries) expect(query.entities()).toHaveLength(query.count);
      },
    ),
    { numRuns: 300 },
  );
});

describe("terms", () => {
  test("are the same query in any order, and by any name for the same", () => {
    const world = createWorld();
    const query = world.query([A, Or(B, C), Not(C)]);
    expect(world.query([Not(C, C), Or(C, B), Or(B, C), A])).toBe(query);
    expect(world.query([A, Or(B, C), Not(B)])).not.toBe(query);
    expect(world.query([Or(A)])).toBe(world.query([A]));
    expect(world.query([A, Not(B, C)])).toBe(world.query([A, Not(B), Not(C)]));
    expect(world.query([Or(A, B), Or(B, C)])).not.toBe(world.query([Or(A, B, C)]));
  });

  test("that make no sense are refused, and say how", () => {
    const world = createWorld();
    const Stray = defineComponent("Stray", {});
    expect(() => world.query([Not(A)])).toThrow(
      "at least one component that members have, or an Or",
    );
    expect(() => Not()).toThrow("Not needs at least one component");
    expect(() => Or()).toThrow("Or needs at least one component");
    expect(() => Or(A, Not(B) as never)).toThrow("Or takes components, not another operator, Not");
    expect(() => world.query([A, Or(Stray, B)])).toThrow("Stray is not registered in this world");
    expect(() => world.query([A, "B" as never])).toThrow("a query has a term that is B");
    expect(() => world.query([A, null as never])).toThrow("a query has a term that is null");
    expect(() => world.query(A as never)).toThrow("a query needs a list of terms");
  });
});

describe("defineQuery", () => {
  test("keeps name, terms and doc", () => {
    const Targets = defineQuery("Targets", [A, Not(B)], { doc: "Who can be hit." });
    expect(Targets).toEqual({ name: "Targets", terms: [A, Not(B)], doc: "Who can be hit." });
    expect(defineQuery("All", [A]).doc).toBe("");
  });

  test("has the rules of components, and those of queries", () => {
    expect(() => defineQuery("targets", [A])).toThrow('query name "targets"');
    expect(() => defineQuery("Targets", [])).toThrow("query Targets needs at least one component");
    expect(() => defineQuery("Targets", [Not(A)])).toThrow("query Targets needs at least one");
    expect(() => defineQuery("Targets", [{} as never])).toThrow("query Targets has a term");
  });
});

test("a query of one's own says who came and went, unless they are many", () => {
  const world = createWorld();
  const own = world.query([A], { own: true });
  expect(world.query([A]).changes).toBeUndefined();
  const first = spawn(world, A);
  spawn(world, A);
  expect(own.changes).toEqual([1, 2]);
  own.forgetChanges();
  world.despawn(first);
  spawn(world, A);
  world.commit();
  expect(own.changes).toEqual([1, 1]);
  expect([own.placeOf(1), own.placeOf(2), own.placeOf(3)]).toEqual([0, 1, -1]);
  const second = world.handleOf(2);
  for (let i = 0; i < 2_100; i++) {
    world.remove(second, A);
    world.add(second, A);
  }
  expect(own.changes).toBeUndefined();
  own.forgetChanges();
  expect(own.changes).toEqual([]);
});
