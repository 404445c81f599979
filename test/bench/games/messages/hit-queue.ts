/** Hits in the order they were sent; to be handled in the next frame. */
export class HitQueue {
  readonly targets: Int32Array;
  readonly damages: Float32Array;
  readonly froms: Int32Array;
  length = 0;

  constructor(room: number) {
    this.targets = new Int32Array(room);
    this.damages = new Float32Array(room);
    this.froms = new Int32Array(room);
  }

  push(target: number, damage: number, from: number): void {
    const at = this.length++;
    this.targets[at] = target;
    this.damages[at] = damage;
    this.froms[at] = from;
  }
}
