// The core's memory: objects that live for ever in front, and behind them an arena that each load
// starts over. Nothing is freed in between, so nothing keeps books.

/** i32 values at an address. Indices aren't checked. */
@unmanaged
export class Ints {
  @inline @operator("[]") get(i: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>i << 2));
  }

  @inline @operator("[]=") set(i: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>i << 2), value);
  }
}

/** Bytes at an address. Indices aren't checked. */
@unmanaged
export class Bytes {
  @inline @operator("[]") get(i: i32): i32 {
    return <i32>load<u8>(changetype<usize>(this) + <usize>i);
  }

  @inline @operator("[]=") set(i: i32, value: i32): void {
    store<u8>(changetype<usize>(this) + <usize>i, value);
  }
}

const pageShift: usize = 16;
/** Where the arena begins, once the objects are made; and what of it is still free. */
let arena: usize = 0;
let top: usize = 0;

/** Drops all that was allocated. The first time, keeps what was made before. */
export function reset(): void {
  if (arena == 0) arena = align(heap.alloc(16));
  top = arena;
}

@inline
function align(at: usize): usize {
  return (at + 15) & ~(<usize>15);
}

/** Room for so many bytes, with whatever stands there. Out of memory is a trap. */
export function allocate(count: i32): usize {
  const at = top;
  top = align(at + <usize>count);
  if (top < at) unreachable();
  const pages = <i32>((top + 0xffff) >> pageShift);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  return at;
}

/** `count` zeros. */
export function newInts(count: i32): Ints {
  const at = allocate(count << 2);
  memory.fill(at, 0, <usize>count << 2);
  return changetype<Ints>(at);
}

/** `count` zero bytes. */
export function newBytes(count: i32): Bytes {
  const at = allocate(count);
  memory.fill(at, 0, <usize>count);
  return changetype<Bytes>(at);
}

/** The same values with room for more: in place where nothing was allocated since. */
export function grownInts(list: Ints, count: i32, to: i32): Ints {
  const from = changetype<usize>(list);
  if (align(from + (<usize>count << 2)) == top) {
    top = from;
    allocate(to << 2);
    return list;
  }
  const at = allocate(to << 2);
  memory.copy(at, from, <usize>count << 2);
  return changetype<Ints>(at);
}

/** The same bytes with room for more. */
export function grownBytes(list: Bytes, count: i32, to: i32): Bytes {
  const from = changetype<usize>(list);
  if (align(from + <usize>count) == top) {
    top = from;
    allocate(to);
    return list;
  }
  const at = allocate(to);
  memory.copy(at, from, <usize>count);
  return changetype<Bytes>(at);
}
