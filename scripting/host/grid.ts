/** Numbers from here on are nowhere: what can't be squared can't be near anything. */
const farthest = 1e150;

/**
 * Points in a uniform grid: about as many cells as points, laid over the box that they fill. Built anew from lists
 * that it keeps, so that building allocates nothing but where there are more points than ever before.
 */
export class Grid {
  /** What the points are called, and where they are: cell by cell, row by row; in the order given within a cell. */
  handles = new Int32Array(0);
  xs = new Float64Array(0);
  ys = new Float64Array(0);
  /** The first point of each cell; one more entry than cells. */
  starts = new Uint32Array(1);
  length = 0;
  columns = 1;
  rows = 1;
  minX = 0;
  minY = 0;
  maxX = 0;
  maxY = 0;
  #scaleX = 0;
  #scaleY = 0;
  #cells = new Uint32Array(0);
  #given = new Int32Array(0);
  #givenXs = new Float64Array(0);
  #givenYs = new Float64Array(0);

  /** Begins anew, with room for so many points. */
  begin(most: number): void {
    this.length = 0;
    this.minX = this.minY = Infinity;
    this.maxX = this.maxY = -Infinity;
    if (most <= this.#given.length) return;
    const room = Math.max(64, 2 ** Math.ceil(Math.log2(most)));
    this.handles = new Int32Array(room);
    this.xs = new Float64Array(room);
    this.ys = new Float64Array(room);
    this.#cells = new Uint32Array(room);
    this.#given = new Int32Array(room);
    this.#givenXs = new Float64Array(room);
    this.#givenYs = new Float64Array(room);
  }

  /** Adds a point, unless it is nowhere. */
  add(handle: number, x: number, y: number): void {
    if (isNowhere(x, y)) return;
    const at = this.length++;
    this.#given[at] = handle;
    this.#givenXs[at] = x;
    this.#givenYs[at] = y;
    if (x < this.minX) this.minX = x;
    if (x > this.maxX) this.maxX = x;
    if (y < this.minY) this.minY = y;
    if (y > this.maxY) this.maxY = y;
  }

  /** Sorts the points into cells. */
  end(): void {
    this.#layOut();
    const { length, starts } = this;
    const cells = this.#cells;
    const count = this.columns * this.rows;
    starts.fill(0, 0, count + 1);
    for (let at = 0; at < length; at++) {
      const x = this.#givenXs[at] as number;
      const y = this.#givenYs[at] as number;
      const cell = this.rowOf(y) * this.columns + this.columnOf(x);
      cells[at] = cell;
      starts[cell] = (starts[cell] as number) + 1;
    }
    let end = 0;
    for (let cell = 0; cell <= count; cell++) {
      end += starts[cell] as number;
      starts[cell] = end;
    }
    // From the last one on, so that points of one cell keep their order.
    for (let at = length - 1; at >= 0; at--) {
      const cell = cells[at] as number;
      const to = (starts[cell] as number) - 1;
      starts[cell] = to;
      this.handles[to] = this.#given[at] as number;
      this.xs[to] = this.#givenXs[at] as number;
      this.ys[to] = this.#givenYs[at] as number;
    }
  }

  /** The longer side of a cell; 0 where all points are one. */
  get cellSize(): number {
    if (this.length === 0) return 0;
    return Math.max((this.maxX - this.minX) / this.columns, (this.maxY - this.minY) / this.rows);
  }

  /** The column of cells nearest to an x. */
  columnOf(x: number): number {
    return clampCell((x - this.minX) * this.#scaleX, this.columns);
  }

  /** The row of cells nearest to a y. */
  rowOf(y: number): number {
    return clampCell((y - this.minY) * this.#scaleY, this.rows);
  }

  #layOut(): void {
    const { length } = this;
    const width = this.maxX - this.minX;
    const height = this.maxY - this.minY;
    this.columns = this.rows = 1;
    this.#scaleX = this.#scaleY = 0;
    if (length === 0) return;
    if (width > 0) {
      const wanted = height > 0 ? Math.round(Math.sqrt(length * (width / height))) : length;
      this.columns = Math.max(1, Math.min(length, wanted));
      this.#scaleX = finiteOr0(this.columns / width);
    }
    if (height > 0) {
      this.rows = Math.max(1, Math.ceil(length / this.columns));
      this.#scaleY = finiteOr0(this.rows / height);
    }
    const count = this.columns * this.rows + 1;
    if (count > this.starts.length) this.starts = new Uint32Array(2 ** Math.ceil(Math.log2(count)));
  }
}

/** Whether a point can't be near any other: its place is no number, or out of all bounds. */
export function isNowhere(x: number, y: number): boolean {
  return !(Math.abs(x) < farthest && Math.abs(y) < farthest);
}

function clampCell(at: number, count: number): number {
  if (!(at > 0)) return 0;
  return at >= count ? count - 1 : Math.floor(at);
}

function finiteOr0(scale: number): number {
  return scale < Infinity ? scale : 0;
}
