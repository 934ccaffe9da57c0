import { Refused } from 'command-line';
import type { EnvironmentName } from 'platform';
import { texts } from '../command-texts.ts';
import { withKubeconfig } from '../kubeconfig.ts';
import { ComparisonJob, type Found } from './comparison-job.ts';
import {
  addressOf,
  findCopies,
  findLive,
  isGone,
  type Live,
  newCopyName,
  startDeletion,
  startRestore,
} from './instances.ts';
import { connect } from './kubectl.ts';
import type { Aws } from './programs.ts';
import { type Step, Steps, waitFor } from './steps.ts';

const text = texts.drill;

/** The result of a drill, as its JSON file has it. */
export interface Report {
  readonly environment: EnvironmentName;
  /** ISO 8601, UTC, like all times here. */
  readonly startedAt: string;
  readonly restoredTo: string;
  /** Name of the instance with the copy, which was deleted. */
  readonly copy: string;
  readonly passed: boolean;
  /** Why the drill ended early. */
  readonly problem?: string;
  readonly steps: readonly Step[];
  readonly comparisons: readonly ({ readonly application: string } & Found)[];
}

export interface DrillProps {
  readonly environment: EnvironmentName;
  readonly owner: string;
  readonly aws: Aws;
  /** Names of the applications that have a database. */
  readonly applications: readonly string[];
  /** The time to restore to. Without it, the latest one possible. */
  readonly to?: Date | undefined;
  /** Aborted when a person or GitHub stops the drill. */
  readonly signal: AbortSignal;
}

/**
 * Milliseconds between questions, and their number. Together less than two hours: the credentials of a workflow end then,
 * and without them the copy could not be deleted.
 */
const restoreTime = { every: 15_000, times: 240 };
const comparisonTime = { every: 10_000, times: 186 };
const deletionTime = { every: 15_000, times: 50 };

/**
 * Restores the environment's database to a new instance, compares it with the live one, and deletes it, whatever happens.
 *
 * @throws {Refused} if it cannot begin; nothing was created
 * @throws if the copy could not be deleted
 */
export async function restoreDrill(props: DrillProps): Promise<Report> {
  const { applications, aws, environment, owner, signal, to } = props;
  const steps = new Steps();
  const startedAt = new Date().toISOString();
  const live = await steps.run('check', () => findLive(aws, environment));
  const restoredTo = restorePoint(live, to);
  await deleteLeftovers(props, steps);
  signal.throwIfAborted();

  const copy = newCopyName(environment);
  const comparisons: ({ application: string } & Found)[] = [];
  let problem: string | undefined;
  try {
    const host = await steps.run('restore', async () => {
      await startRestore(aws, live, { environment, name: copy, owner, to: restoredTo });
      return waitFor(text.steps.restore, () => addressOf(aws, copy), { ...restoreTime, signal });
    });
    await withKubeconfig(async (kubeconfig) => {
      const kubectl = await connect(aws, environment, kubeconfig);
      for (const application of applications) {
        const job = new ComparisonJob(kubectl, application, copy);
        const found = await steps.run('compare', async () => {
          try {
            await job.start(host, restoredTo);
            return await waitFor(text.steps.compare, () => job.result(), { ...comparisonTime, signal });
          } catch (error) {
            // It would go on without the copy.
            await job.delete().catch(() => undefined);
            throw error;
          }
        });
        comparisons.push({ application, ...found });
      }
    });
  } catch (error) {
    problem = signal.aborted ? text.interrupted : (error as Error).message;
  } finally {
    await steps.run('delete', () => deleteCopy(aws, environment, copy));
  }
  const passed = problem === undefined && comparisons.length > 0 && comparisons.every(({ isSame }) => isSame);
  return {
    environment,
    startedAt,
    restoredTo: restoredTo.toISOString(),
    copy,
    passed,
    ...(problem !== undefined && { problem }),
    steps: steps.taken,
    comparisons,
  };
}

/**
 * Deletes all copies of earlier drills, one that may still be running included.
 *
 * @returns their names
 * @throws if one could not be deleted
 */
export async function deleteAllCopies(aws: Aws, environment: EnvironmentName): Promise<readonly string[]> {
  const copies = await findCopies(aws, environment);
  const problems: string[] = [];
  for (const { name } of copies) {
    // One that cannot be deleted does not keep the others, which cost money, too.
    await deleteCopy(aws, environment, name).catch(({ message }: Error) => problems.push(message));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return copies.map(({ name }) => name);
}

function restorePoint({ restorable }: Live, to: Date | undefined): Date {
  if (to !== undefined && to > restorable) throw new Refused(text.tooLate(to, restorable));
  return to ?? restorable;
}

async function deleteLeftovers({ aws, environment }: DrillProps, steps: Steps): Promise<void> {
  const copies = await findCopies(aws, environment);
  const running = copies.find(({ isGoing, isOver }) => !isOver && !isGoing);
  if (running) throw new Refused(text.running(environment, running.name));
  const left = copies.filter(({ isGoing }) => !isGoing);
  if (left.length === 0) return;
  await steps.run('leftovers', async () => {
    for (const { name } of left) await deleteCopy(aws, environment, name);
  });
}

/** Waits until it is gone. An interrupt does not end that. */
async function deleteCopy(aws: Aws, environment: EnvironmentName, name: string): Promise<void> {
  try {
    const yes = async (is: Promise<boolean>) => (await is) || undefined;
    await waitFor(text.steps.delete, () => yes(startDeletion(aws, name)), deletionTime);
    await waitFor(text.steps.delete, () => yes(isGone(aws, name)), deletionTime);
  } catch (error) {
    throw new Error(text.notDeleted(environment, name, (error as Error).message));
  }
}
