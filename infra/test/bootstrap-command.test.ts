/** `pnpm infra bootstrap` and the place of its state, with stand-ins for Terraform and the synthesis. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

let folder: string;
// The real file is for deployments from this folder.
const localState = () => join(folder, 'bootstrap.tfstate');
jest.unstable_mockModule('../stacks/bootstrap.ts', () => ({ localStateOf: localState, nameServersOutput: 'servers' }));
const { command } = await import('../commands/bootstrap.ts');

const before = { ...process.env };
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  const programs = {
    sh: 'exit 0',
    terraform: `[ "$1" != version ] || { echo Terraform v1.11.4; exit; }\nshift; echo "$*" >>'${folder}/asked'`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
  Object.assign(process.env, { PATH: folder, AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: '' });
  said.length = 0;
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  jest.mocked(console.log).mockRestore();
});

/** @returns what Terraform was asked first, and what was said */
async function bootstrap(args: string[], settings: Record<string, string>) {
  Object.assign(process.env, settings);
  expect(await command.run([...args, '--yes'])).toBe(0);
  return { init: readFileSync(join(folder, 'asked'), 'utf8').split('\n')[0], output: said.join('\n') };
}

test('a state on this machine is taken into the bucket, and never left behind for an empty one', async () => {
  writeFileSync(localState(), '{}');
  const { init, output } = await bootstrap([], { INFRA_BOOTSTRAP_STATE: 'bucket' });
  expect(init).toBe('init -input=false -migrate-state -force-copy');
  expect(output).toContain(`The old copy can be deleted: ${localState()}`);
});

test('a state that is in the bucket already is used as it is', async () => {
  const { init, output } = await bootstrap([], { INFRA_BOOTSTRAP_STATE: 'bucket' });
  expect(init).toBe('init -input=false');
  expect(output).toMatch(/Done\.$/);
});

test('while the state is on this machine, the command to run again is the one that was run', async () => {
  writeFileSync(localState(), '{}');
  const { init, output } = await bootstrap([], { INFRA_ACCOUNT_ID: '111122223333' });
  expect(init).toBe('init -input=false');
  expect(output).toMatch(/run again: pnpm infra bootstrap$/m);
  const accounts = JSON.stringify({ dev: '111122223333', prd: '444455556666' });
  delete process.env.INFRA_ACCOUNT_ID;
  const { output: ofTwo } = await bootstrap(['prd'], { INFRA_ACCOUNTS: accounts });
  expect(ofTwo).toMatch(/run again: pnpm infra bootstrap prd$/m);
  expect(ofTwo).toContain('Only after the bootstrap of both accounts');
});
