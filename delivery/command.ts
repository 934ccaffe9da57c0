/** One step of a workflow that decides something. */
export interface Command {
  /** One line for `pnpm delivery` without arguments: the arguments and what it does. */
  readonly usage: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws {Refused} for wrong arguments, and any other error with a message that says what to do
   */
  run(args: readonly string[]): Promise<number>;
}

/** A wrong use of a command: the message says what to do. Exit code 2. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
