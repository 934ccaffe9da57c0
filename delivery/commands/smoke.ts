import { parseArgs } from 'node:util';
import { configMaps, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { get } from '../kubectl.ts';
import { smoke } from '../smoke-checks.ts';

export const command: Command = {
  usage: '[--address URL] [--timeout SECONDS]   sends every application its users’ requests, at the public address',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { address: { type: 'string' }, timeout: { type: 'string', default: '60' } },
    });
    const address = (values.address ?? (await addressOfEnvironment())).replace(/\/+$/, '');
    const timeout = Number(values.timeout);
    if (!(timeout >= 0)) throw new Refused(`--timeout ${values.timeout}: a number of seconds`);
    const results = await smoke(applications, address, timeout * 1_000);
    for (const { name, found } of results) {
      say(found === undefined ? texts.smoke.passed(name) : texts.smoke.failed(name, found));
    }
    const isRight = results.every(({ found }) => found === undefined);
    say(isRight ? texts.smoke.allRight(address) : texts.smoke.notRight(address));
    return isRight ? 0 : 1;
  },
};

async function addressOfEnvironment(): Promise<string> {
  const config = await get<{ data?: Readonly<Record<string, string>> }>(
    'configmap',
    configMaps.environment,
    `--namespace=${namespaces.applications}`,
  );
  const address = config?.data?.SITE_ADDRESS;
  if (!address) throw new Refused(texts.smoke.noAddress);
  return address;
}
