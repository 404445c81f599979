/** Locals behind a function's own, one for each type and use. */
export class TemporaryLocals {
  readonly types: number[] = [];
  private readonly first: number;
  private readonly known = new Map<string, number>();

  constructor(first: number) {
    this.first = first;
  }

  /** @param use tells those of a type apart that are needed at a time. */
  of(valType: number, use: string): number {
    const key = `${valType} ${use}`;
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.first + this.types.push(valType) - 1;
      this.known.set(key, index);
    }
    return index;
  }
}
