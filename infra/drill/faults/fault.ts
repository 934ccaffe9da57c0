import type { Text } from 'command-line';
import type { Environment } from '../../environments/environment.ts';
import type { Kubectl } from '../kubectl.ts';
import { endAfter } from '../marks.ts';
import type { Aws } from '../programs.ts';

/** Where a fault is played. */
export interface Place {
  readonly environment: Environment;
  readonly aws: Aws;
  readonly kubectl: Kubectl;
  /** For the tags of what a fault creates. */
  readonly owner: string;
  /** The zone to lose. Without it, the drill chooses one. */
  readonly zone?: string | undefined;
}

/** What a fault may do while it is played. */
export interface Course {
  /** Aborted when a person stops the drill. */
  readonly signal: AbortSignal;
  /** Tells what happened: for the terminal and the report. */
  readonly note: (what: Text) => void;
}

/** A fault whose target is chosen. */
export interface Plan {
  readonly target: string;
  /** What happens if it is played, in both languages. */
  readonly tells: string;
  /**
   * Ends when the fault is over, except for what `left` finds.
   *
   * @throws what went wrong, or the signal's reason
   */
  play(course: Course): Promise<void>;
}

/** What a fault changed and has to change back. It is found in the environment, so that an interrupted drill is no problem. */
export interface Left {
  readonly what: string;
  /** Whether its drill must have ended by now. */
  readonly isOver: boolean;
  undo(): Promise<void>;
}

export interface Fault {
  /** Chooses the target, and changes nothing. @throws {Refused} if there is none */
  prepare(place: Place): Promise<Plan>;
  /** Undefined for a fault that leaves nothing behind. */
  readonly left?: (place: Place) => Promise<readonly Left[]>;
}

/** Milliseconds that a drill takes at most. A mark that is older may be undone. */
const longestDrill = 60 * 60_000;

/** The mark of what is changed now: when its drill will have ended. */
export const endOfDrill = (): string => endAfter(longestDrill);
