/** What each command asks Terraform, in order, with stand-ins for Terraform, the AWS CLI and the synthesis. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { answering, completeSettings } from './support/aws-answers.ts';
import { infra } from './support/command.ts';
import { root } from './support/program.ts';

let asked: string;
beforeEach(() => {
  asked = join(mkdtempSync(join(tmpdir(), 'asked-')), 'asked');
});

const out = join(root, 'cdktf.out');
/** One line for each call: the stack, what the variables of workspaces and versions say, and the arguments. */
function run(args: string[], { fails = 'nothing', input = '', ...env }: Record<string, string> = {}) {
  const programs = {
    terraform: `case "$*" in
version) echo "version asks its maker: \${CHECKPOINT_DISABLE:-yes}" >>'${asked}'; echo Terraform v1.11.4; exit;;
esac
stack=\${1#-chdir=${out}/stacks/}; shift
echo "$stack: $*\${TF_WORKSPACE+ in another workspace}" >>'${asked}'
case "$*" in
${fails}*) exit 5;;
'output -json name_servers') echo '["ns-1.example", "ns-2.example"]';;
esac`,
    aws: answering({}),
    // The synthesis runs in a shell.
    sh: `echo "synthesis in $CDKTF_OUTDIR: $2" >>'${asked}'`,
  };
  const variables = { ...completeSettings, AWS_ACCESS_KEY_ID: 'key', TF_WORKSPACE: 'prd', ...env };
  const { output, status } = infra(args, variables, programs, input);
  const calls = existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : [];
  return { output, status, calls: calls.filter((call) => !call.startsWith('version')), all: calls };
}

const { app } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'));
const synthesis = `synthesis in ${out}: ${app}`;
const prepared = (name: string) => [
  synthesis,
  `${name}: init -input=false`,
  `${name}: workspace select -or-create ${name}`,
];

test.each<[string, string[], string, string]>([
  ['a plan', ['plan', 'prd'], '', 'prd: plan -input=false'],
  ['the outputs', ['output', 'prd'], '', 'prd: output'],
  ['a deployment', ['deploy', 'dev'], '', 'dev: apply'],
  ['a confirmed destroy', ['destroy', 'dev', '--yes'], '', 'dev: destroy -input=false -auto-approve'],
  ['a destroy whose name was typed', ['destroy', 'dev'], ' dev \n', 'dev: destroy -input=false -auto-approve'],
])(
  '%s initialises the stack, selects its workspace, whatever TF_WORKSPACE says, and asks once',
  (_, args, input, call) => {
    const { all, calls, status } = run(args, { input });
    expect([status, calls]).toEqual([0, [...prepared(args[1] ?? ''), call]]);
    // Otherwise Terraform asks its maker for a newer version.
    expect(all[0]).toBe('version asks its maker: 1');
  },
);

test('a deployment ends with what only people can do: confirm the e-mails, and activate the tags', () => {
  const { calls, output, status } = run(['deploy', 'dev', '--yes']);
  expect([status, calls]).toEqual([0, [...prepared('dev'), 'dev: apply -input=false -auto-approve']]);
  expect(output).toContain('without the click, the address gets no alarm');
  expect(output).toContain('activate the tags "environment", "Name", "application"');
  expect(output).toContain(
    'TagKey=environment,Status=Active TagKey=Name,Status=Active TagKey=application,Status=Active',
  );
});

test.each(['', 'prd\n', 'yes\n'])('nothing is destroyed unless the name of the environment is typed (%j)', (input) => {
  const { calls, output, status } = run(['destroy', 'dev'], { input });
  expect([status, calls]).toEqual([2, []]);
  expect(output).toContain('all its data. To confirm, type dev: ');
  expect(output).toContain('Nothing was deleted.');
});

test.each<[string, string, string[]]>([
  ['plan', 'init', prepared('dev').slice(0, 2)],
  ['plan', 'workspace', prepared('dev')],
  ['deploy', 'apply', [...prepared('dev'), 'dev: apply']],
])('a %s ends with the exit code of Terraform where its %s fails', (command, fails, expected) => {
  const { calls, output, status } = run([command, 'dev'], { fails });
  expect([status, calls]).toEqual([5, expected]);
  // What comes after a deployment is not said of one that failed.
  expect(output).not.toContain('activate the tag');
});

test('a deployment asks Terraform nothing while something is missing', () => {
  const { calls, output, status } = run(['deploy', 'prd', '--yes'], { INFRA_ACCOUNT_ID: '210987654321' });
  expect([status, calls]).toEqual([1, []]);
  expect(output).toContain('The credentials belong to account 123456789012');
});

test('the bootstrap applies, shows the name servers of a new zone, and creates the workspaces', () => {
  const { calls, output, status } = run(['bootstrap', '--yes'], {
    INFRA_DOMAIN: '{"zone": "example.org", "createZone": true}',
  });
  expect([status, calls]).toEqual([
    0,
    [
      synthesis,
      'bootstrap: init -input=false',
      'bootstrap: apply -input=false -auto-approve',
      'bootstrap: output -json name_servers',
      ...[...prepared('dev'), ...prepared('prd')].filter((call) => call !== synthesis),
    ],
  ]);
  expect(output).toContain('The zone example.org was created.');
  expect(output).toContain('enter its name servers: ns-1.example, ns-2.example.');
  expect(output).toMatch(/on this machine \(bootstrap\.tfstate\).*run again: pnpm infra bootstrap$/m);
  expect(output).not.toContain('both accounts');
});

test('a bootstrap that fails creates no workspaces, and does not say that it is done', () => {
  const { calls, output, status } = run(['bootstrap'], { fails: 'apply' });
  expect([status, calls]).toEqual([5, [synthesis, 'bootstrap: init -input=false', 'bootstrap: apply']]);
  expect(output).not.toContain('bootstrap.tfstate');
});
