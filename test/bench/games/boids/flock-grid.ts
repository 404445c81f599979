/** Points sorted into square cells, row by row, each frame anew. */
export class FlockGrid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  /** Entities and their places, cell by cell. */
  readonly ids: Int32Array;
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  /** The first point of each cell; one more entry than cells. */
  readonly starts: Int32Array;
  readonly #cells: Int32Array;

  constructor(width: number, height: number, cell: number, room: number) {
    this.cell = cell;
    this.columns = Math.ceil(width / cell);
    this.rows = Math.ceil(height / cell);
    this.ids = new Int32Array(room);
    this.xs = new Float32Array(room);
    this.ys = new Float32Array(room);
    this.starts = new Int32Array(this.columns * this.rows + 1);
    this.#cells = new Int32Array(room);
  }

  build(entities: readonly number[], x: Float32Array, y: Float32Array): void {
    const { ids, xs, ys, starts, columns } = this;
    const cells = this.#cells;
    starts.fill(0);
    for (let i = 0; i < entities.length; i++) {
      const id = entities[i] as number;
      const cell = this.rowOf(y[id] as number) * columns + this.columnOf(x[id] as number);
      cells[i] = cell;
      starts[cell] = (starts[cell] as number) + 1;
    }
    let end = 0;
    for (let cell = 0; cell < starts.length; cell++) {
      end += starts[cell] as number;
      starts[cell] = end;
    }
    for (let i = entities.length - 1; i >= 0; i--) {
      const id = entities[i] as number;
      const cell = cells[i] as number;
      const at = (starts[cell] as number) - 1;
      starts[cell] = at;
      ids[at] = id;
      xs[at] = x[id] as number;
      ys[at] = y[id] as number;
    }
  }

  /** Those that are out of bounds are in the nearest cell. */
  columnOf(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor(x / this.cell)));
  }

  rowOf(y: number): number {
    return Math.max(0, Math.min(this.rows - 1, Math.floor(y / this.cell)));
  }
}
