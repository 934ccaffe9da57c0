/**
 * Puts the repository's channels, rules and dashboards into SigNoz. Runs as a job in the cluster, which Kubernetes
 * repeats if it fails.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withKey } from './access.ts';
import { apply } from './apply.ts';
import type { Definitions } from './definitions.ts';
import { Signoz, timeLimits } from './signoz.ts';

try {
  const signoz = new Signoz(setting('SIGNOZ_URL'));
  const user = { email: setting('EMAIL'), password: setting('PASSWORD'), organisation: setting('ORGANISATION') };
  const definitions = readDefinitions(setting('DEFINITIONS'));
  await signoz.untilUp(Number(process.env.START_LIMIT ?? timeLimits.start));
  await withKey(signoz, user, (withKey) => apply(withKey, definitions, console.log));
  const { channels, dashboards, rules } = definitions;
  console.log(`SigNoz has ${channels.length} channels, ${rules.length} rules and ${dashboards.length} dashboards.`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function readDefinitions(folder: string): Definitions {
  const read = (kind: keyof Definitions) => JSON.parse(readFileSync(join(folder, `${kind}.json`), 'utf8'));
  return { channels: read('channels'), rules: read('rules'), dashboards: read('dashboards') };
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing.`);
  return value;
}
