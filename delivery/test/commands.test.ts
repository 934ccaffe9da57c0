import { resolve } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { runProgram } from 'command-line';
import { testEveryCommand } from '../../packages/command-line/test/support/every-command.ts';
import { commands } from '../all-commands.ts';
import { delivery } from './support/delivery.ts';

// jest cannot load modules that import each other at the same time.
for (const load of Object.values(commands)) await load();

testEveryCommand('pnpm delivery', resolve(import.meta.dirname, '../commands'), run);

/** Runs a command in this process. */
async function run(...args: string[]) {
  const printed = { log: '', error: '' };
  const spies = (['log', 'error'] as const).map((stream) =>
    jest.spyOn(console, stream).mockImplementation((text: string) => {
      printed[stream] += `${text}\n`;
    }),
  );
  try {
    const code = await runProgram('pnpm delivery', commands, args);
    return { code, stdout: printed.log, stderr: printed.error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test.each([
  ['plan', 'hml'],
  ['release', 'calculadora-api', 'hml', '--image', `registry.example/api@sha256:${'a'.repeat(64)}`],
])('%s refuses an unknown environment with the sentence of pnpm infra', async (...args) => {
  const { code, output } = await delivery(args);
  expect([code, output]).toEqual([
    2,
    'O ambiente hml não existe: use dev ou prd.\nThere is no environment hml: use dev or prd.\n',
  ]);
});

test.each([
  ['an environment for the smoke test', ['smoke', 'magic-calculator', 'dev'], 'Superfluous: dev.'],
  ['an option of another command', ['image', 'calculadora-api', 'dev', '--timeout', '5'], 'no option --timeout'],
  ['a missing fingerprint', ['apply', 'dev'], '--fingerprint is missing.'],
])('%s is refused with the usage', async (_, args, message) => {
  const { code, output } = await delivery(args);
  expect(code).toBe(2);
  expect(output).toContain(message);
  expect(output).toContain(`Usage: pnpm delivery ${args[0]}`);
});

test.each([
  ['timeout', ['smoke', '--timeout', 'soon'], 'pass a number of seconds'],
  ['timeout', ['smoke', '--timeout', ''], 'pass a number of seconds'],
  ['fingerprint', ['apply', 'dev', '--fingerprint', 'abc'], 'Pass the fingerprint of the approved plan'],
  ['version', ['smoke', 'calculadora-api', '--version', 'dev 1'], 'is not a valid version'],
])('an invalid %s is refused in both languages: %j', async (_, args, message) => {
  const { code, output } = await delivery(args);
  expect(code).toBe(2);
  expect(output).toContain(message);
  expect(output).toMatch(/[Ii]nforme|não é/);
});

describe('On a machine without programs,', () => {
  const image = `registry.example/calculadora-api@sha256:${'a'.repeat(64)}`;

  test.each([
    ['release', 'kubectl', ['calculadora-api', 'dev', '--image', image]],
    ['rollback', 'kubectl', ['calculadora-api', '--to', '1']],
    ['smoke', 'kubectl', []],
    ['versions', 'kubectl', ['calculadora-api']],
    ['connect', 'aws', ['dev']],
    ['await', 'gh', ['calculadora-api', 'dev', '--commit', 'c0ffee']],
    ['image', 'docker', ['calculadora-api', 'dev']],
    ['accept', 'docker', [image, 'dev', '--version', 'dev-1']],
    ['supersede', 'gh', []],
    ['drift', 'gh', ['dev', '--drifted', 'true', '--plan', 'plan.json', '--run', 'https://github.example/run/1']],
    ['settings', 'gh', ['owner/name', '--reviewer', 'somebody']],
  ])('%s says to install %s', async (command, program, args) => {
    const { code, output } = await delivery([command, ...args], { PATH: '/nowhere', DOCKERHUB_USERNAME: 'team' });
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Instale o ${program}: ele não`));
    expect(output).toContain(`Install ${program}: it is not on the PATH.`);
    expect(output).not.toContain('ENOENT');
  });

  test.each([
    ['plan', ['dev']],
    ['apply', ['dev', '--fingerprint', '0'.repeat(64)]],
  ])('%s says to install Terraform or OpenTofu', async (command, args) => {
    const { code, output } = await delivery([command, ...args], { PATH: '/nowhere' });
    expect(code).toBe(1);
    expect(output).toMatch(/^Instale o Terraform 1.11 ou mais recente, ou o OpenTofu/);
    expect(output).toContain('Install Terraform 1.11 or later, or OpenTofu 1.10 or later');
    expect(output).not.toContain('ENOENT');
  });
});
