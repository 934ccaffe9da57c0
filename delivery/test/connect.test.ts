import { describe, expect, test } from '@jest/globals';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

describe('With stand-ins for the programs of AWS, Kubernetes and GitHub,', () => {
  const standIns = new Programs();
  /** Runs a command with programs that are shell scripts. */
  async function run(args: readonly string[], programs: Readonly<Record<string, string>>) {
    for (const [name, script] of Object.entries(programs)) standIns.shell(name, script);
    return delivery(args, standIns.env);
  }
  const fails = (message: string) => `cat >&2 <<'end'\n${message}\nend\nexit 1`;
  /** kubectl looks up what the API has, five times, before it says why it failed. */
  const unanswered = (reason: string, message: string) =>
    fails(
      [
        ...Array(5).fill(
          `E1128 01:15:30.123456    4321 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: ${reason}"`,
        ),
        message,
      ].join('\n'),
    );
  const config = (address: string) => `echo '{"data":{"SITE_ADDRESS":"${address}"}}'`;

  test.each(['dev', 'prd'])('a release to %s connects to its cluster, and reports its address', async (environment) => {
    // A cluster that does not answer must not hold the job.
    const kubectl = `case "$*" in *--request-timeout=20s*) ${config('https://site.example')};; *) exit 1;; esac`;
    const programs = { aws: `echo "$@" > ${standIns.folder}/log`, kubectl };
    const { code, outputs } = await run(['connect', environment], programs);
    expect([code, outputs]).toEqual([0, { address: 'https://site.example' }]);
    expect(standIns.read('log')).toBe(`eks update-kubeconfig --name desafio-aws-${environment}\n`);
  });

  const connected = 'exit 0';
  test.each([
    [
      'no cluster',
      fails(
        '\nAn error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: desafio-aws-dev.',
      ),
      connected,
      'not there yet',
    ],
    ['an empty cluster', connected, connected, 'not there yet'],
    [
      'a cluster that gives our role no rights',
      connected,
      fails('Error from server (Forbidden): configmaps "infra-environment" is forbidden: User "x" cannot get resource'),
      'not there yet',
    ],
    [
      'a cluster without our roles',
      connected,
      unanswered(
        'the server has asked for the client to provide credentials',
        'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
      ),
      'not there yet',
    ],
    ['no address yet', connected, config(''), 'not there yet'],
    ...[
      'dial tcp 10.0.0.1:443: i/o timeout',
      'dial tcp: lookup ab12.gr7.us-east-1.eks.amazonaws.com on 127.0.0.53:53: no such host',
      'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    ].map((reason): [string, string, string, string] => [
      `no way to the cluster (${reason})`,
      connected,
      unanswered(`Get "https://ab12.gr7.us-east-1.eks.amazonaws.com/api": ${reason}`, `Unable to connect: ${reason}`),
      '0006-cluster-api-endpoint',
    ]),
  ])('with %s it says so in both languages', async (_, aws, kubectl, message) => {
    const { code, output } = await run(['connect', 'dev'], { aws, kubectl });
    expect(code).toBe(2);
    expect(output).toContain(message);
    expect(output).toMatch(/ainda não existe|não responde/);
    // People read the reason, and not kubectl's log.
    expect(output).not.toContain('memcache');
  });

  test('a release does not go on to another cluster if AWS refuses to name its own', async () => {
    const programs = { aws: fails('The security token is expired'), kubectl: config('https://other.example') };
    const { code, output, outputs } = await run(['connect', 'dev'], programs);
    expect([code, outputs]).toEqual([1, {}]);
    expect(output).toContain('The security token is expired');
  });

  const succeeded = `echo '[{"status":"completed","conclusion":"success","url":"https://run"}]'`;
  const answers = (infra: string, api = succeeded) =>
    `case "$*" in *--workflow=infra-prd.yml*--commit=c0ffee*) ${infra};; *--workflow=api-prd-calculadora-api.yml*) ${api};; *) exit 1;; esac`;

  test.each([
    ['all that comes before has succeeded', answers(succeeded), 0, 'api-prd-calculadora-api.yml: done'],
    ['this commit changes nothing else', answers("echo '[]'", "echo '[]'"), 0, 'this commit does not run it'],
    [
      'the API has failed',
      answers(succeeded, succeeded.replace('success', 'failure')),
      1,
      'api-prd-calculadora-api.yml did not succeed for this commit',
    ],
    [
      'the infrastructure was cancelled',
      answers(succeeded.replace('success', 'cancelled')),
      1,
      'infra-prd.yml did not succeed for this commit',
    ],
    [
      'the infrastructure waits for its approval',
      answers(succeeded.replace('completed', 'waiting').replace('success', '')),
      1,
      'infra-prd.yml has not finished yet',
    ],
  ])('the site’s release knows that %s', async (_, gh, code, message) => {
    const args = ['await', 'magic-calculator', 'prd', '--commit', 'c0ffee', '--timeout', '0'];
    expect(await run(args, { gh })).toMatchObject({ code, output: expect.stringContaining(message) });
  });
});
