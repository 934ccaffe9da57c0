/** A command refuses to run. The message says why, and what to do. Exit code 2. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
}

/** The arguments do not match the usage, which is printed below the message. Exit code 2. */
export class WrongUsage extends Refused {
  override readonly name = 'WrongUsage';
}

/** A program exited with a code other than 0, and has already printed the reason. The exit code is the same. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  readonly code: number;

  constructor(program: string, code: number) {
    super(`${program}: exit code ${code}`);
    this.code = code;
  }
}
