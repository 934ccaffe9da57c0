import { Refused, type Text } from 'command-line';
import { configMaps, names } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../../command-texts.ts';
import { inBoth } from '../../rehearse/terminal.ts';
import { describe } from '../instances.ts';
import { type Step, Steps, waitFor } from '../steps.ts';
import { nodesIn } from './cluster.ts';
import { controllerAway } from './controller.ts';
import { failover } from './failover.ts';
import type { Fault, Left, Place } from './fault.ts';
import { Probe, type Requests } from './probe.ts';
import { spot } from './spot.ts';
import { type Missing, missingIn, type Part, parts } from './state.ts';
import { zoneLost } from './zone.ts';

const text = texts.faults;

/** The faults that can be played, by the word of the command. */
export const faults = { spot, zone: zoneLost, controller: controllerAway, failover } as const satisfies Record<
  string,
  Fault
>;
export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

/** The result of a drill, as its JSON file has it. */
export interface FaultReport {
  readonly fault: FaultName;
  readonly environment: string;
  /** What was hit. */
  readonly target: string;
  /** ISO 8601, UTC, like all times here. */
  readonly startedAt: string;
  /** Whether no request failed, and everything came back in time. */
  readonly passed: boolean;
  /** Why the drill ended early, or what did not come back. */
  readonly problem?: string;
  readonly steps: readonly Step[];
  readonly requests: readonly Requests[];
  /** Seconds after the end of the fault in which each part was back. A part that is not here never was. */
  readonly back: Readonly<Partial<Record<Part, number>>>;
  /** What else happened. */
  readonly notes: readonly Text[];
}

export interface FaultDrillProps extends Place {
  readonly fault: FaultName;
  /** Asks the person, who has been told what will happen. */
  readonly confirm: () => Promise<boolean>;
  /** Aborted when a person stops the drill. */
  readonly signal: AbortSignal;
}

/** Milliseconds between questions, and their number: half a minute for right answers before the fault. */
const answerTime = { every: 1_000, times: 30 };
/** Twenty minutes: Kubernetes tries again after 17 minutes at most to create a pod that was refused. */
const recoveryTime = { every: 10_000, times: 120 };
/** Five minutes. The way to AWS may be disturbed, too. */
const undoTime = { every: 10_000, times: 30 };

/**
 * Plays a fault while it sends the requests of all smoke tests, and waits until everything is back. Whatever happens, it
 * undoes what the fault changed, and says so where it cannot.
 *
 * @throws {Refused} if it cannot begin; nothing was changed
 */
export async function faultDrill(props: FaultDrillProps): Promise<FaultReport> {
  const { confirm, environment, fault: name, signal } = props;
  const fault: Fault = faults[name];
  const steps = new Steps();
  await steps.run('look', () => refuseAsleep(props));
  await undoLeftovers(props, steps);
  await refuseIncomplete(props);
  const probe = new Probe(applications, await addressOf(props));
  const { play, target, tells } = await fault.prepare(props);
  console.log(`\n${tells}\n`);
  if (!(await confirm())) throw new Refused(text.notPlayed);

  const startedAt = new Date();
  const notes: Text[] = [];
  const note = (what: Text) => {
    notes.push(what);
    console.log(`! ${inBoth(what)}`);
  };
  const back: Partial<Record<Part, number>> = {};
  let problem: string | undefined;
  const keep = (error: unknown) => {
    problem ??= signal.aborted ? texts.drill.interrupted : (error as Error).message;
  };
  /** Whether there is nothing left to undo, and somebody waits for the rest. */
  const undone = async () => {
    const { left } = fault;
    try {
      if (left) await steps.run('undo', () => undo(props, name, left));
    } catch (error) {
      // Of all problems this is the one that somebody has to solve.
      problem = (error as Error).message;
      return false;
    }
    return !signal.aborted;
  };
  let requests: readonly Requests[] = [];
  probe.start();
  try {
    await steps.run('answers', () => untilRight(probe, startedAt.getTime(), signal));
    await steps.run('play', () => play({ note, signal })).catch(keep);
    if (await undone()) await steps.run('recover', () => untilBack(props, probe, back)).catch(keep);
  } finally {
    requests = await probe.stop();
  }
  const isRight = requests.every(({ failed }) => failed === 0);
  return {
    fault: name,
    environment: environment.name,
    target,
    startedAt: startedAt.toISOString(),
    passed: problem === undefined && isRight,
    ...(problem !== undefined && { problem }),
    steps: steps.taken,
    requests,
    back,
    notes,
  };
}

/**
 * Undoes what interrupted drills of any fault left, one that may still be running included.
 *
 * @returns what was changed back
 * @throws if something could not be
 */
export async function undoAll(place: Place): Promise<readonly string[]> {
  const undone: string[] = [];
  const problems: string[] = [];
  for (const { left } of Object.values<Fault>(faults)) {
    try {
      for (const one of (await left?.(place)) ?? []) {
        await one.undo();
        undone.push(one.what);
      }
    } catch (error) {
      // One that cannot be undone does not keep the others: without its network, the cluster may not answer.
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return undone;
}

async function leftIn(place: Place): Promise<readonly Left[]> {
  const found = Object.values<Fault>(faults).map(async ({ left }) => (left ? left(place) : []));
  return (await Promise.all(found)).flat();
}

/** @throws {Refused} if the environment sleeps or is not there */
async function refuseAsleep(place: Place): Promise<void> {
  const { aws, environment } = place;
  const name = names(environment.name).database;
  const database = await describe(aws, name);
  if (!database) throw new Refused(texts.drill.noDatabase(environment.name, name));
  const sleeps = /^stop/.test(database.DBInstanceStatus) || (await nodesIn(place)).length === 0;
  if (sleeps) throw new Refused(text.asleep(environment.name));
}

/** @throws {Refused} if what is left may be that of a drill that runs */
async function undoLeftovers(props: FaultDrillProps, steps: Steps): Promise<void> {
  const left = await leftIn(props);
  const running = left.find(({ isOver }) => !isOver);
  if (running) throw new Refused(text.running(props.environment.name, props.fault, running.what));
  if (left.length === 0) return;
  await steps.run('undoOld', async () => {
    await undoAll(props);
    await untilBack(props);
  });
}

/** A fault would show nothing if something is missing before. @throws {Refused} */
async function refuseIncomplete(place: Place): Promise<void> {
  const missing = await missingIn(place);
  if (missing.length > 0) throw new Refused(text.notWhole(place.environment.name, whats(missing)));
}

const whats = (missing: readonly Missing[]): string[] => [...new Set(missing.map(({ what }) => what))];

async function addressOf({ environment, kubectl }: Place): Promise<string> {
  const { data } = JSON.parse(await kubectl(['get', 'configmap', configMaps.environment, '--output=json']));
  if (!data?.SITE_ADDRESS) throw new Refused(text.noAddress(environment.name));
  return data.SITE_ADDRESS.replace(/\/+$/, '');
}

/** @throws {Refused} if a request fails before there is a fault */
async function untilRight(probe: Probe, since: number, signal: AbortSignal): Promise<void> {
  const areRight = async () => probe.wrongSince(since).length === 0 || undefined;
  await waitFor(texts.drill.steps.answers, areRight, { ...answerTime, signal }).catch(() => {
    signal.throwIfAborted();
    throw new Refused(text.wrongBefore(probe.wrongSince(since)));
  });
}

/** An interrupt does not end this. @throws with what the person has to do */
async function undo(place: Place, fault: FaultName, left: NonNullable<Fault['left']>): Promise<void> {
  let why = '';
  const isDone = async () => {
    try {
      for (const one of await left(place)) await one.undo();
      return true;
    } catch (error) {
      why = (error as Error).message;
      return undefined;
    }
  };
  await waitFor(texts.drill.steps.undo, isDone, undoTime).catch(() => {
    throw new Error(text.notUndone(place.environment.name, fault, why));
  });
}

/**
 * Waits until nothing is missing.
 *
 * @param back gets the second of each part
 * @throws with what is still missing, or the signal's reason
 */
async function untilBack(
  props: FaultDrillProps,
  probe?: Probe,
  back: Partial<Record<Part, number>> = {},
): Promise<void> {
  const { signal } = props;
  const ended = Date.now();
  let missing: readonly Missing[] = [];
  const isBack = async () => {
    // A question that fails is asked again: the fault may have hit the way to the cluster.
    const lacking = await missingIn(props).catch(({ message }: Error) =>
      parts.map((part) => ({ part, what: message })),
    );
    const wrong = probe?.wrongSince(ended) ?? [];
    missing = [...lacking, ...wrong.map((what) => ({ part: 'answers' as const, what }))];
    for (const part of parts) {
      if (missing.some((one) => one.part === part)) delete back[part];
      else back[part] ??= Math.round((Date.now() - ended) / 1000);
    }
    return missing.length === 0 || undefined;
  };
  await waitFor(texts.drill.steps.recover, isBack, { ...recoveryTime, signal }).catch(() => {
    signal.throwIfAborted();
    throw new Error(text.notBack((recoveryTime.every * recoveryTime.times) / 60_000, whats(missing)));
  });
}
