import { defineCommand, Refused, requireProgram } from 'command-line';
import { configMaps, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { readSeconds, secondsForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { get } from '../kubectl.ts';
import { smoke } from '../smoke-checks.ts';

export const command = defineCommand({
  description: {
    pt: 'roda os smoke tests de todas as aplicações, no endereço público',
    en: 'runs the smoke tests of all applications, at the public address',
  },
  words: {},
  options: {
    address: {
      value: 'URL',
      description: {
        pt: 'sem a opção, o endereço que o cluster informa',
        en: 'by default the address that the cluster names',
      },
    },
    timeout: {
      value: secondsForm,
      default: '60',
      read: readSeconds,
      description: { pt: 'por quanto tempo tentar; sem a opção, 60', en: 'for how long to try; 60 by default' },
    },
  },
  async run(_, { address: given, timeout }) {
    const address = (given ?? (await addressOfEnvironment())).replace(/\/+$/, '');
    const results = await smoke(applications, address, timeout * 1_000);
    for (const { name, found } of results) {
      say(found === undefined ? texts.smoke.passed(name) : texts.smoke.failed(name, found));
    }
    const isRight = results.every(({ found }) => found === undefined);
    say(isRight ? texts.smoke.allRight(address) : texts.smoke.notRight(address));
    return isRight ? 0 : 1;
  },
});

async function addressOfEnvironment(): Promise<string> {
  requireProgram('kubectl');
  const config = await get<{ data?: Readonly<Record<string, string>> }>(
    'configmap',
    configMaps.environment,
    `--namespace=${namespaces.applications}`,
  );
  const address = config?.data?.SITE_ADDRESS;
  if (!address) throw new Refused(texts.smoke.noAddress);
  return address;
}
