/** `pnpm infra bootstrap` and the place of its state, with stand-ins for Terraform and the synthesis. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

let folder: string;
// The real file is for deployments from this folder.
const localState = ({ bootstrap }: { readonly bootstrap: string } = { bootstrap: 'bootstrap' }) =>
  join(folder, `${bootstrap}.tfstate`);
jest.unstable_mockModule('../stacks/bootstrap.ts', () => ({ localStateOf: localState, nameServersOutput: 'servers' }));
const { command } = await import('../commands/bootstrap.ts');

const before = { ...process.env };
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  const programs = {
    sh: 'exit 0',
    terraform: `[ "$1" != version ] || { echo Terraform v1.11.4; exit; }
stack=\${1##*/}; shift; echo "$stack: $*" >>'${folder}/asked'
[ "$1" != output ] || echo '["ns-1.example", "ns-2.example"]'`,
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

/** @returns what Terraform was asked, first, and all that was said */
async function bootstrap(args: string[], settings: Record<string, string>) {
  Object.assign(process.env, settings);
  rmSync(join(folder, 'asked'), { force: true });
  said.length = 0;
  expect(await command.run([...args, '--yes'])).toBe(0);
  const calls = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
  return { calls, init: calls[0], output: said.join('\n') };
}
const workspaces = (...names: string[]) =>
  names.flatMap((name) => [`${name}: init -input=false`, `${name}: workspace select -or-create ${name}`]);
const applied = 'apply -input=false -auto-approve';

test('a state on this machine is taken into the bucket, and never left behind for an empty one', async () => {
  writeFileSync(localState(), '{}');
  const { init, output } = await bootstrap([], { INFRA_BOOTSTRAP_STATE: 'bucket' });
  expect(init).toBe('bootstrap: init -input=false -migrate-state -force-copy');
  expect(output).toContain(`The old copy can be deleted: ${localState()}`);
});

test('a state that is in the bucket already is used as it is', async () => {
  const { init, output } = await bootstrap([], { INFRA_BOOTSTRAP_STATE: 'bucket' });
  expect(init).toBe('bootstrap: init -input=false');
  expect(output).toMatch(/Done\.$/);
});

test('while the state is on this machine, the command to run again is the one that was run', async () => {
  writeFileSync(localState(), '{}');
  const { init, output } = await bootstrap([], { INFRA_ACCOUNT_ID: '111122223333' });
  expect(init).toBe('bootstrap: init -input=false');
  expect(output).toMatch(/run again: pnpm infra bootstrap$/m);
  expect(output).not.toContain('both accounts');
  const accounts = JSON.stringify({ dev: '111122223333', prd: '444455556666' });
  delete process.env.INFRA_ACCOUNT_ID;
  const { output: ofTwo } = await bootstrap(['prd'], { INFRA_ACCOUNTS: accounts });
  expect(ofTwo).toMatch(/run again: pnpm infra bootstrap prd$/m);
  expect(ofTwo).toContain('Only after the bootstrap of both accounts');
});

test('of one account, the workspaces of both environments are created, also if one was named', async () => {
  const { calls } = await bootstrap(['dev'], { INFRA_BOOTSTRAP_STATE: 'bucket' });
  expect(calls).toEqual(['bootstrap: init -input=false', `bootstrap: ${applied}`, ...workspaces('dev', 'prd')]);
});

const accounts = JSON.stringify({ dev: '111122223333', prd: '444455556666' });
const domain = (createZone: boolean) =>
  JSON.stringify({ zone: 'example.org', createZone, subdomains: { dev: 'dev', prd: 'app' } });

test.each([
  ['dev', 'dev.example.org'],
  ['prd', 'app.example.org'],
] as const)('of two accounts, that of %s alone is bootstrapped, with its own state and zone', async (name, zone) => {
  const given = { INFRA_ACCOUNTS: accounts, INFRA_DOMAIN: domain(true), INFRA_BOOTSTRAP_STATE: 'bucket' };
  const stack = `bootstrap-${name}`;
  // The state of the other account is no reason to move this one.
  writeFileSync(join(folder, `bootstrap-${name === 'dev' ? 'prd' : 'dev'}.tfstate`), '{}');
  const { calls, output } = await bootstrap([name], given);
  expect(calls).toEqual([
    `${stack}: init -input=false`,
    `${stack}: ${applied}`,
    `${stack}: output -json servers`,
    ...workspaces(name),
  ]);
  expect(output).toContain(`The zone ${zone} was created.`);
  expect(output).toContain('enter its name servers: ns-1.example, ns-2.example.');
  writeFileSync(join(folder, `${stack}.tfstate`), '{}');
  const moved = await bootstrap([name], given);
  expect(moved.init).toBe(`${stack}: init -input=false -migrate-state -force-copy`);
  expect(moved.output).toContain(`The old copy can be deleted: ${join(folder, `${stack}.tfstate`)}`);
});

test('of two accounts, none is chosen for a person', async () => {
  Object.assign(process.env, { INFRA_ACCOUNTS: accounts });
  await expect(command.run(['--yes'])).rejects.toThrow('say which one is meant, dev or prd');
});

test('a zone that is there already is not asked for its name servers', async () => {
  for (const more of [{}, { INFRA_DOMAIN: domain(false) }]) {
    const { calls, output } = await bootstrap([], { INFRA_BOOTSTRAP_STATE: 'bucket', ...more });
    expect(calls).toEqual([`bootstrap: init -input=false`, `bootstrap: ${applied}`, ...workspaces('dev', 'prd')]);
    expect(output.split('\n').at(-1)).toMatch(/^Done\.$/);
    expect(said).toHaveLength(1);
  }
});
