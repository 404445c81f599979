/** One of `fusewire`'s commands. */
export interface Command {
  /** What it does, in a line. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /**
   * Runs it with what follows its name on the command line.
   * @returns the exit code: 0, or 1 for a check that failed.
   * @throws UsageError for arguments that make no sense, CommandFailure for what else its user can mend.
   */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Where a command prints to. */
export interface Terminal {
  /** A line of what was asked for. */
  print(line: string): void;
  /** A line of what went wrong. */
  complain(line: string): void;
}
