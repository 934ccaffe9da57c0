import { once } from 'node:events';
import { connect } from 'node:net';
import { type EnvironmentName, names } from 'platform';
import { texts } from './delivery-texts.ts';

const text = texts.preflight;

export interface PreflightProps {
  readonly environment: EnvironmentName;
  /** URL of the cluster's API. Undefined if there is no cluster. */
  readonly endpoint: string | undefined;
  /** Whether the job changes the infrastructure, and runs on the runner inside its VPC. */
  readonly isInside: boolean;
  /** Whether the environment is to be destroyed. */
  readonly isDestroy: boolean;
  /** Whether the environment's file and the settings have a runner. */
  readonly hasRunner: boolean;
  /** Whether the cluster's API has addresses on the internet that it admits. */
  readonly isPublic: boolean;
  /** Seconds to wait for each of two connections. A private API does not answer at all. */
  readonly seconds?: number;
}

export interface Preflight {
  readonly isReady: boolean;
  /** For people, in both languages. */
  readonly message: string;
}

/** Whether a job can do its work in the cluster, and if it cannot, why. */
export async function preflight(props: PreflightProps): Promise<Preflight> {
  const { endpoint, environment, hasRunner, isDestroy, isInside, isPublic, seconds = 10 } = props;
  const { cluster } = names(environment);
  const refused = (message: string): Preflight => ({ isReady: false, message });
  if (isInside && isDestroy) return refused(text.destroysItself(environment));
  if (isInside && !hasRunner) return refused(text.removesItself(environment));
  if (endpoint === undefined) {
    const isNeeded = !isDestroy && !isInside && !isPublic;
    return isNeeded ? refused(text.firstFromLaptop(cluster)) : { isReady: true, message: text.nothingThere(cluster) };
  }
  const problem = (await connection(endpoint, seconds)) && (await connection(endpoint, seconds));
  return problem === undefined
    ? { isReady: true, message: text.reached(cluster) }
    : refused(text.unreachable(cluster, problem));
}

/** Connects to the host of a URL, by TCP. @returns why it failed; undefined if it did not */
async function connection(url: string, seconds: number): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 443) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(seconds * 1000) });
    return undefined;
  } catch (error) {
    const { code, message, name } = error as NodeJS.ErrnoException;
    return name === 'AbortError' ? texts.noResponse(seconds) : (code ?? message);
  } finally {
    socket.destroy();
  }
}
