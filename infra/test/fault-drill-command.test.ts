/** `pnpm infra drill` with a fault, through the command line: a stand-in for dev is behind the programs `aws` and `kubectl`. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Refused } from 'command-line';
import { eventually } from '../../test/support/eventually.ts';
import { command } from '../commands/drill.ts';
import { answering } from './support/aws-answers.ts';
import { infra } from './support/command.ts';
import { startDrill, writeProgram } from './support/drill-process.ts';
import { World } from './support/fault-world.ts';
import { PublicAddress } from './support/public-address.ts';
import { expectTranscript } from './support/transcripts.ts';

const controller = 'aws-load-balancer-controller';

/** Asks the test what to print. */
const program = (name: string, port: number) => `
const body = JSON.stringify({ program: '${name}', args: process.argv.slice(2), kubeconfig: process.env.KUBECONFIG });
require('node:http')
  .request({ port: ${port}, method: 'POST' }, (answer) => {
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
    answer.pipe(answer.statusCode === 200 ? process.stdout : process.stderr);
  })
  .end(body);
`;

let folder: string;
let world: World;
let cloud: Server;
let address: PublicAddress;
/** How many sums are still refused. */
let toFail = 0;
/** The cloud answers after it. */
let held: Promise<void> | undefined;
/** All questions to AWS, with all options. */
const asked: string[] = [];

beforeAll(async () => {
  address = await PublicAddress.open(() => toFail-- > 0);
  cloud = createServer(async (request, response) => {
    const { program, args, kubeconfig } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (program === 'aws') asked.push(args.join(' '));
    await held;
    try {
      if (args[1] === 'update-kubeconfig') writeFileSync(args[args.indexOf('--kubeconfig') + 1], '{}');
      // kubectl is asked with the drill's own kubeconfig, and never with that of the person.
      if (program === 'kubectl' && !kubeconfig?.startsWith(join(folder, 'tmp'))) throw new Error('no kubeconfig');
      response.end(await world.run(program, args));
    } catch (error) {
      response.writeHead(400).end((error as Error).message);
    }
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
});
afterAll(() => {
  address.close();
  cloud.close().closeAllConnections();
});

beforeEach(() => {
  world = new World();
  world.address = address.url;
  toFail = 0;
  held = undefined;
  asked.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'fault-drill-'));
  const { port } = cloud.address() as AddressInfo;
  for (const name of ['aws', 'kubectl']) writeProgram(folder, name, program(name, port));
});

const start = (...args: readonly string[]) => startDrill(folder, ...args);

/** @param answer what the person types */
function drill(args: readonly string[], answer = '') {
  const { child, ended } = start(...args);
  child.stdin.end(answer);
  return ended;
}

test('a person who agrees sees what happens, step by step, a table of the requests, and when all was back', async () => {
  world.onChange = (call) => {
    if (call.includes('reboot')) toFail = 2;
  };
  const out = join(folder, 'report.json');
  const { code, errors, output } = await drill(['failover', 'dev', '--out', out], 'dev\n');
  expect(errors).toBe('');
  expect([code, output]).toEqual([1, expect.stringMatching(/did not pass: 2 of \d+ requests failed\. All is back\./)]);
  expect(output).toMatch(/desafio-aws-dev-mysql has no standby.*To confirm, type dev/s);
  expect(output).toMatch(/^! .* \/ The database desafio-aws-dev-mysql was only restarted/m);
  for (const step of ['check the environment', 'wait for right answers', 'cause the fault', 'wait until all is back']) {
    expect(output).toMatch(new RegExp(`^✓ .* / ${step}: \\d+ s$`, 'm'));
  }
  expect(output).toMatch(/^POST \/backend +\d+ +2 .* 503: 2$/m);
  expect(output).toMatch(/ \/ replicas available +\d+ s$/m);
  const report = JSON.parse(readFileSync(out, 'utf8'));
  expect(report).toMatchObject({
    ...{ fault: 'failover', environment: 'dev', target: 'desafio-aws-dev-mysql (us-east-1a)', passed: false },
    notes: [{ en: expect.stringContaining('was only restarted') }],
    steps: ['look', 'answers', 'play', 'recover'].map((name) => ({ name, isDone: true })),
  });
  const [caller, connect, ...rest] = asked;
  expect(caller).toBe('sts get-caller-identity --output json');
  expect(connect).toMatch(
    /^eks update-kubeconfig --name desafio-aws-dev --kubeconfig \S+ --region sa-east-1 --output json$/,
  );
  expect(rest.length).toBeGreaterThan(5);
  for (const question of rest) expect(question).toMatch(/ --region sa-east-1 --output json$/);
  expect(report.requests[1]).toMatchObject({ application: 'calculadora-api', request: 'POST /backend', failed: 2 });
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expectTranscript('pnpm infra drill failover dev', output);
});

test.each(['spot', 'zone', 'controller'])('a drill that passes, %s, prints what its page shows', async (fault) => {
  const { code, output } = await drill([fault, 'dev', '--yes']);
  expect([code, output]).toEqual([0, expect.stringContaining(`The drill ${fault} of dev passed`)]);
  expectTranscript(`pnpm infra drill ${fault} dev --yes`, output);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a zone is connected again after %s, also if somebody is impatient',
  async (signal) => {
    const before = world.state;
    const { child, ended } = start('zone', 'dev', '--yes');
    const toldOf = once(child.stderr, 'data');
    await eventually(async () => world.changes.some((call) => call.includes('replace-network-acl-association')));
    const goOn = Promise.withResolvers<void>();
    held = goOn.promise;
    child.kill(signal);
    await toldOf;
    // The drill has noticed the first, and has not ended: it waits for the cloud.
    child.kill(signal);
    goOn.resolve();
    const { code, errors, output } = await ended;
    expect([code, output]).toEqual([1, expect.stringContaining('The drill was interrupted.')]);
    expect(errors).toMatch(/^Interrompido: .*\nInterrupted: .*\n$/);
    expect(output.match(/Interrupted: the fault is being undone/g)).toHaveLength(1);
    expect(world.state).toEqual(before);
    expect(world.changes.at(-1)).toBe('aws ec2 delete-network-acl --network-acl-id acl-1');
    expect(world.changes[0]).toContain('{"Key":"owner","Value":"somebody"}');
  },
);

test('a person is asked about the zone that was given, before anything happens', async () => {
  const { code, output } = await drill(['zone', 'dev', '--zone', 'us-east-1a'], 'prd\n');
  expect([code, output]).toEqual([
    2,
    expect.stringContaining('The zone us-east-1a will have no network for 10 minutes'),
  ]);
  expect(world.changes).toEqual([]);
});

test('a node that is being drained is opened again if the drill is ended, and goes on', async () => {
  const before = world.state;
  world.drainHangs = true;
  const { child, ended } = start('spot', 'dev', '--yes');
  await eventually(async () => world.changes.some((call) => call.includes(' drain ')));
  child.kill('SIGTERM');
  const { code } = await ended;
  expect([code, world.state]).toEqual([1, before]);
  expect(world.calls.join()).not.toContain('terminate');
});

test('--clean undoes what a killed drill left, and says so', async () => {
  world.replicas[controller] = 0;
  world.controllerMarks = { 'drill-replicas': '2', 'drill-end': '2100-01-01T00:00:00.000Z' };
  expect(await drill(['controller', 'dev', '--clean'])).toEqual({
    code: 0,
    output: expect.stringContaining(`Undone: ${controller}.`),
    errors: '',
  });
  expect([world.replicas[controller], world.controllerMarks]).toEqual([2, {}]);
});

test.each<[string, () => unknown, number, string, string[]?]>([
  ['without kubectl', () => rmSync(join(folder, 'kubectl')), 1, 'Install kubectl'],
  ['without kubectl, also a restore', () => rmSync(join(folder, 'kubectl')), 1, 'Install kubectl', ['restore', 'dev']],
  ['without the AWS CLI', () => rmSync(join(folder, 'aws')), 1, 'Install aws'],
  ['without the AWS CLI, also a restore', () => rmSync(join(folder, 'aws')), 1, 'Install aws', ['restore', 'dev']],
  [
    'without the AWS CLI, also to clean',
    () => rmSync(join(folder, 'aws')),
    1,
    'Install aws',
    ['restore', 'dev', '--clean'],
  ],
  ['in another account', () => (world.account = '210987654321'), 2, 'belong to account 210987654321'],
  ['without a person who agrees', () => undefined, 2, 'Nothing was done.'],
  ['while answers are wrong', () => (toFail = Number.POSITIVE_INFINITY), 2, 'First repair: POST /backend: 503 "no".'],
])(
  'a drill is refused %s, and changes nothing',
  async (_, change, expected, told, args = ['failover', 'dev']) => {
    change();
    const out = join(folder, 'report.json');
    const { code, output } = await drill([...args, '--out', out], toFail > 0 ? 'dev\n' : '');
    expect([code, output]).toEqual([expected, expect.stringContaining(told)]);
    expect([world.changes, existsSync(out)]).toEqual([[], false]);
  },
  120_000,
);

test.each([
  ['in prd', ['spot', 'prd', '--yes'], 'pnpm infra drill spot dev. To try a redundancy'],
  ['in prd, also to clean', ['zone', 'prd', '--clean'], 'pnpm infra drill zone dev. To try a redundancy'],
  ['with a fault that nobody knows', ['flood', 'dev'], 'Unknown command: flood.'],
  ['with a time, which only a restore has', ['spot', 'dev', '--to', '2026-01-31T12:00Z'], '--to is only for: restore'],
  ['with a zone, which a restore has not', ['restore', 'dev', '--zone', 'a'], '--zone is only for: zone'],
  ['with a zone, which other faults have not', ['spot', 'dev', '--zone', 'a'], '--zone is only for: zone'],
])('a drill is refused %s, before anybody is asked', async (_, args, told) => {
  await expect(command.run(args)).rejects.toThrow(told);
  await expect(command.run(args)).rejects.toBeInstanceOf(Refused);
});

test.each([
  ['dev', 'prd'],
  ['prd', 'dev'],
] as const)('the credentials of %s are refused for a drill of %s, which has an account of its own', (own, other) => {
  const accounts = { dev: '111122223333', prd: '444455556666' };
  const caller = { Account: accounts[own], Arn: `arn:aws:iam::${accounts[own]}:user/somebody` };
  const env = { INFRA_ACCOUNTS: JSON.stringify(accounts) };
  const aws = answering({ 'get-caller-identity': caller, 'describe-db-instances': { DBInstances: [] } });
  const { output, status } = infra(['drill', 'restore', other, '--clean'], env, { aws });
  const told = `belong to account ${accounts[own]}, but infra/settings.json names ${accounts[other]}.`;
  expect([status, output]).toEqual([2, expect.stringContaining(told)]);
  expect(infra(['drill', 'restore', own, '--clean'], env, { aws })).toMatchObject({
    status: 0,
    output: expect.stringContaining('No copy was left.'),
  });
});

test('without an account in the settings, those of any account are taken', () => {
  const aws = answering({
    'get-caller-identity': { Account: '210987654321', Arn: 'arn:aws:iam::210987654321:user/somebody' },
    'describe-db-instances': { DBInstances: [] },
  });
  const { output, status } = infra(['drill', 'restore', 'dev', '--clean'], {}, { aws });
  expect([status, output]).toEqual([0, expect.stringContaining('No copy was left.')]);
});
