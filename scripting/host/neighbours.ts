import type { Component, Query, QueryDefinition } from "../../engine/index.ts";
import { indexPart, noEntity } from "../../engine/index.ts";
import { Grid, isNowhere } from "./grid.ts";
import type { ComponentView, FieldView, WorldView } from "./view.ts";

/** Where entities are: two fields of a component, or parts of a vector of its, as `position.x`. */
export interface Positions {
  readonly component: Component;
  readonly x: string;
  readonly y: string;
}

/** Fuel for what a search looks at. */
export interface SearchPrices {
  /** Each row of cells. */
  readonly row: number;
  /** Each entity in a cell. */
  readonly item: number;
}

/** What is searched: those that have a component, or are in a query. */
export type Searched = Component | QueryDefinition;

/** Those that are searched and have a position, as they were when the frame's scripts began. */
export class Flock {
  readonly grid = new Grid();
  readonly members: Query;
  /** The frame that the grid is of. */
  frame = -1;

  constructor(world: WorldView, searched: Searched, positions: Component) {
    const terms = "terms" in searched ? searched.terms : [searched];
    this.members = world.world.query([...terms, positions]);
  }
}

/**
 * Finds entities by where they are. Positions are those of the moment in which the frame's scripts began, for all
 * scripts and calls of the frame; only the entity that a search is about is where it is now.
 */
export class Neighbours {
  readonly positions: Positions;
  readonly view: ComponentView;
  readonly x: FieldView;
  readonly y: FieldView;
  /** What the last search of {@link within} has found. */
  found = new Int32Array(64);
  foundCount = 0;
  /** The call that it was made in. */
  foundIn = -1;
  readonly #world: WorldView;
  readonly #prices: SearchPrices;
  readonly #flocks = new Map<Searched, Flock>();

  /** @throws TypeError for a component or field that the world hasn't got. */
  constructor(world: WorldView, positions: Positions, prices: SearchPrices) {
    const { component, x, y } = positions;
    this.positions = positions;
    this.#world = world;
    this.#prices = prices;
    this.x = world.fieldNamed(`${component.name}.${x}`);
    this.y = world.fieldNamed(`${component.name}.${y}`);
    this.view = world.components.find((view) => view.component === component) as ComponentView;
    if (this.view === undefined)
      throw new TypeError(`positions: ${component.name} isn't the world's`);
  }

  /** What was noted is of another moment. */
  forget(): void {
    for (const flock of this.#flocks.values()) flock.frame = -1;
  }

  /**
   * Lists the members from now on. To be called when a script is loaded that searches them: the order
   * of what is found depends on it, so it mustn't begin at whatever time a search comes.
   */
  track(searched: Searched): Flock {
    let flock = this.#flocks.get(searched);
    if (flock === undefined) {
      flock = new Flock(this.#world, searched, this.positions.component);
      this.#flocks.set(searched, flock);
    }
    return flock;
  }

  /** Takes note of where the members are, unless that was done for this frame. */
  refresh(searched: Searched, frame: number): void {
    const flock = this.track(searched);
    if (flock.frame === frame) return;
    flock.frame = frame;
    const { grid, members } = flock;
    const { world } = this.#world;
    const indices = members.entities();
    const xs = this.x.column;
    const ys = this.y.column;
    grid.begin(members.count);
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] as number;
      if (!members.has(index)) continue;
      grid.add(world.handleOf(index), xs[index] as number, ys[index] as number);
    }
    grid.end();
  }

  /**
   * The member nearest to a point and at most `within` away, other than `self`; of several the one with the lowest
   * index, and 0 for none.
   * @param charge is told what is going to be looked at, before it is.
   */
  nearest(
    searched: Searched,
    self: number,
    x: number,
    y: number,
    within: number,
    charge: (fuel: number) => void,
  ): number {
    const flock = this.#flocks.get(searched);
    if (flock === undefined || flock.grid.length === 0 || isNowhere(x, y)) return noEntity;
    const { grid } = flock;
    let reach = Math.max(grid.cellSize, distanceToBox(grid, x, y));
    if (!(reach > 0)) reach = within;
    for (; ; reach *= 2) {
      const radius = Math.min(reach, within);
      const best = this.#nearestIn(flock, self, x, y, radius, charge);
      if (best !== noEntity || radius === within || coversAll(grid, x, y, radius)) return best;
    }
  }

  /** Lists all members at most `radius` away from a point, other than `self`. @returns how many there are. */
  within(
    searched: Searched,
    self: number,
    x: number,
    y: number,
    radius: number,
    charge: (fuel: number) => void,
  ): number {
    this.foundCount = 0;
    const flock = this.#flocks.get(searched);
    if (flock === undefined || flock.grid.length === 0 || isNowhere(x, y)) return 0;
    const { grid } = flock;
    const { columns, handles, starts, xs, ys } = grid;
    const living = this.#world.world.lives.handles;
    const square = radius * radius;
    const left = grid.columnOf(low(x, radius));
    const right = grid.columnOf(high(x, radius));
    const top = grid.rowOf(low(y, radius));
    const bottom = grid.rowOf(high(y, radius));
    this.#charge(grid, left, right, top, bottom, charge);
    let found: Int32Array = this.found;
    let count = 0;
    for (let row = top; row <= bottom; row++) {
      const first = row * columns;
      const end = starts[first + right + 1] as number;
      for (let at = starts[first + left] as number; at < end; at++) {
        const dx = (xs[at] as number) - x;
        const dy = (ys[at] as number) - y;
        if (!(dx * dx + dy * dy <= square)) continue;
        const handle = handles[at] as number;
        if (handle === self || living[indexPart(handle)] !== handle) continue;
        if (count === found.length) found = this.#growFound();
        found[count++] = handle;
      }
    }
    this.foundCount = count;
    return count;
  }

  #nearestIn(
    { grid }: Flock,
    self: number,
    x: number,
    y: number,
    radius: number,
    charge: (fuel: number) => void,
  ): number {
    const { columns, handles, starts, xs, ys } = grid;
    const living = this.#world.world.lives.handles;
    const left = grid.columnOf(low(x, radius));
    const right = grid.columnOf(high(x, radius));
    const top = grid.rowOf(low(y, radius));
    const bottom = grid.rowOf(high(y, radius));
    this.#charge(grid, left, right, top, bottom, charge);
    let best: number = noEntity;
    let bestIndex = -1;
    let bestSquare = radius * radius;
    for (let row = top; row <= bottom; row++) {
      const first = row * columns;
      const end = starts[first + right + 1] as number;
      for (let at = starts[first + left] as number; at < end; at++) {
        const dx = (xs[at] as number) - x;
        const dy = (ys[at] as number) - y;
        const square = dx * dx + dy * dy;
        if (square > bestSquare) continue;
        const handle = handles[at] as number;
        const index = indexPart(handle);
        if (handle === self || living[index] !== handle) continue;
        if (best !== noEntity && square === bestSquare && index > bestIndex) continue;
        best = handle;
        bestIndex = index;
        bestSquare = square;
      }
    }
    return best;
  }

  /** Nobody looks at what isn't paid for; where it takes a while to tell how much that is, not even at that. */
  #charge(
    { columns, starts }: Grid,
    left: number,
    right: number,
    top: number,
    bottom: number,
    charge: (fuel: number) => void,
  ): void {
    let fuel = (bottom - top + 1) * this.#prices.row;
    if (bottom - top >= fewRows) {
      charge(fuel);
      fuel = 0;
    }
    let items = 0;
    for (let row = top; row <= bottom; row++) {
      const first = row * columns;
      items += (starts[first + right + 1] as number) - (starts[first + left] as number);
    }
    charge(fuel + items * this.#prices.item);
  }

  #growFound(): Int32Array {
    const larger = new Int32Array(this.found.length * 2);
    larger.set(this.found);
    this.found = larger;
    return larger;
  }
}

/** Rows of cells that are counted faster than they are charged for. */
const fewRows = 16;

/** A little more than it is, so that rounding leaves nobody out. */
const slack = 1e-15;

function low(from: number, radius: number): number {
  return from - radius - (Math.abs(from) + radius) * slack;
}

function high(from: number, radius: number): number {
  return from + radius + (Math.abs(from) + radius) * slack;
}

function distanceToBox({ minX, minY, maxX, maxY }: Grid, x: number, y: number): number {
  const dx = Math.max(minX - x, 0, x - maxX);
  const dy = Math.max(minY - y, 0, y - maxY);
  return Math.sqrt(dx * dx + dy * dy);
}

function coversAll(
  { minX, minY, maxX, maxY }: Grid,
  x: number,
  y: number,
  radius: number,
): boolean {
  const dx = Math.max(x - minX, maxX - x);
  const dy = Math.max(y - minY, maxY - y);
  return dx * dx + dy * dy <= radius * radius;
}
