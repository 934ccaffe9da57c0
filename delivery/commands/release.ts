import { parseArgs } from 'node:util';
import { applicationOf, environmentOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { parseImage } from '../manifests.ts';
import { release } from '../rollout.ts';

/** Seconds. Longer than the deployments' `progressDeadlineSeconds`, so that Kubernetes reports a failure first. */
const defaultTimeout = 600;

export const command: Command = {
  usage:
    'APPLICATION ENVIRONMENT --image REPOSITORY@sha256:… [--timeout SECONDS]   releases an image, and rolls back if that fails',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { image: { type: 'string' }, timeout: { type: 'string', default: String(defaultTimeout) } },
    });
    const application = applicationOf(positionals[0]).name;
    const environment = environmentOf(positionals[1]);
    const image = parseImage(values.image ?? '');
    if (!image) throw new Refused(texts.release.needsDigest(values.image ?? '?'));
    const timeout = Number(values.timeout);
    if (!(timeout > 0)) throw new Refused(`--timeout ${values.timeout}: a number of seconds`);

    // When a workflow is cancelled, GitHub signals only the step's first process. That must be this one, so the step's
    // shell has to `exec` it. GitHub kills it ten seconds later: by then the rollback has started in the cluster, which
    // finishes it.
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
    const { previous, succeeded } = await release({
      application,
      environment,
      image,
      timeout,
      signal: interruption.signal,
    });
    setOutputs({ previous: previous?.revision ?? '' });
    return succeeded ? 0 : 1;
  },
};
