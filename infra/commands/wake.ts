/** `pnpm infra wake`: ends the night of an environment that sleeps. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand, environmentWord, requireProgram } from 'command-line';
import type { EnvironmentName } from 'platform';
import { aws } from '../doctor/aws.ts';
import { environments } from '../environments/all.ts';
import { readSettings } from '../settings.ts';
import { wake } from '../wake.ts';

/** Milliseconds between two questions, and until it gives up: database and nodes take five to ten minutes. */
const interval = 10_000;
const limit = 20 * 60_000;

export const command = defineCommand({
  description: {
    pt: 'acorda um ambiente que dorme à noite, e espera até que responda',
    en: 'wakes an environment that sleeps at night, and waits until it answers',
  },
  words: { environment: environmentWord },
  options: {
    'without-applications': {
      description: {
        pt: 'não espera pelas aplicações, só pelas máquinas e pelo banco',
        en: 'waits for nodes and database alone, and not for the applications',
      },
    },
  },
  async run({ environment }, options) {
    return (await wakeAndTell(environment, !options['without-applications'])) ? 0 : 1;
  },
});

/** @returns whether the environment is awake, or there is none. Otherwise it has said what did not come back in time. */
export async function wakeAndTell(name: EnvironmentName, forApplications: boolean): Promise<boolean> {
  requireProgram('aws');
  const { region } = readSettings();
  const deadline = Date.now() + limit;
  return wake({
    name,
    cluster: environments[name].cluster,
    call: (...args) => aws(...args, '--region', region, '--output', 'json'),
    say: (message) => console.log(message),
    pause: async () => {
      await sleep(interval);
      return Date.now() < deadline;
    },
    forApplications,
  });
}
