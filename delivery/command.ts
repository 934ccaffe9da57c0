/** A workflow step with logic of its own. */
export interface Command {
  /** The arguments and a short description, in one line. `pnpm delivery` without arguments shows it. */
  readonly usage: string;
  /**
   * @param args the arguments after the command's name
   * @returns the exit code
   * @throws {Refused} for wrong arguments. The message of any other error says what to do.
   */
  run(args: readonly string[]): Promise<number>;
}

/** A command was used wrongly. The message says what to do. Exit code 2. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
