/** What a task brings forth, to be compared with what it brings forth elsewhere. */
export type Output = readonly (string | Uint8Array)[];

/** A piece of real work on the same input every time. */
export type Task = () => Output;

/** A program that somebody else wrote and compiled, out of a package. */
export interface Program {
  readonly name: string;
  readonly language: string;
  readonly compiler: string;
  /** Starts the program anew, on whatever `WebAssembly` is now. Not twice at the same time. */
  start(): Promise<Task>;
}
