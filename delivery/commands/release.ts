import { defineCommand, environmentWord, Refused, requireProgram } from 'command-line';
import { applicationWord, readSeconds, secondsForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { imageForm, readImage } from '../image-argument.ts';
import { release } from '../rollout.ts';

export const command = defineCommand({
  description: {
    pt: 'põe uma imagem em serviço e, se isso falhar, volta à versão anterior',
    en: 'releases an image, and rolls back if that fails',
  },
  words: { application: applicationWord, environment: environmentWord },
  options: {
    image: { value: imageForm, required: true, read: readImage, description: { pt: 'a imagem', en: 'the image' } },
    timeout: {
      value: secondsForm,
      read: readTimeout,
      description: {
        pt: 'limite de cada espera; sem a opção, um pouco mais que o progressDeadlineSeconds da aplicação',
        en: "limit of each wait; by default a little more than the application's progressDeadlineSeconds",
      },
    },
    'without-trial': {
      description: {
        pt: 'não testa o primeiro pod antes que os usuários cheguem a ele',
        en: 'does not test the first pod before users reach it',
      },
    },
  },
  async run({ application, environment }, { image, timeout, 'without-trial': withoutTrial }) {
    requireProgram('kubectl');

    // When a workflow is cancelled, GitHub signals only the step's first process. That must be this one, so the step's
    // shell has to `exec` it. GitHub kills it ten seconds later: by then the rollback has started in the cluster, which
    // finishes it.
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
    const { previous, succeeded } = await release({
      application,
      hasTrial: !withoutTrial,
      environment,
      image,
      ...(timeout !== undefined && { timeout }),
      signal: interruption.signal,
    });
    setOutputs({ previous: previous?.revision ?? '' });
    return succeeded ? 0 : 1;
  },
});

/** Reads the timeout. Kubernetes takes 0 for no limit. */
function readTimeout(given: string): number {
  const seconds = readSeconds(given);
  if (seconds === 0) throw new Refused(texts.needsSeconds(given));
  return seconds;
}
