/** Something that a command can't do, for its user to mend: its message is printed without a stack. */
export class CommandFailure extends Error {
  override readonly name: string = "CommandFailure";
}

/** A command line that makes no sense. */
export class UsageError extends CommandFailure {
  override readonly name = "UsageError";
}
