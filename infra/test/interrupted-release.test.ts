/**
 * Helm is killed in the middle of a release on a real API server, and repaired by the commands of `docs/runbooks/upgrade.md`
 * as they are written there. The tests are consecutive steps.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { commands } from '../../test/support/runbooks.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { type Block, synthesise } from './support/synthesised.ts';
import { next, upgrade } from './support/upgrade.ts';

const driver = synthesise('dev').terraform.provider.helm?.[0]?.helm_driver;
/** The command of Helm with this name, such as `rollback`. */
const ofRunbook = (name: string): string => {
  const [command, ...others] = commands.filter((each) => / helm /.test(each) && each.split(' ').includes(name));
  if (command === undefined || others.length > 0) throw new Error(`The runbooks do not have one \`helm ${name}\``);
  return command;
};
/** It is about this release. */
const [, namespace = '', release = ''] = / -n (\S+) rollback (\S+) /.exec(ofRunbook('rollback')) ?? [];

/**
 * A chart whose version is `stuck` gets no node for its deployment, and one that is `unmigrated` none for the job before it,
 * as SigNoz's chart has one: Helm waits for both.
 */
const templates = {
  deployment: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" } }
    spec:
      nodeSelector: {{ if eq .Values.version "stuck" }} { nowhere: here } {{ else }} {} {{ end }}
      containers: [{ name: program, image: "example.com/program:{{ .Values.version }}" }]
`,
  job: `
apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}"
  annotations: { helm.sh/hook: "pre-install,pre-upgrade" }
spec:
  template:
    spec:
      restartPolicy: Never
      nodeSelector: {{ if eq .Values.version "unmigrated" }} { nowhere: here } {{ else }} {} {{ end }}
      containers: [{ name: program, image: "example.com/program:{{ .Values.version }}" }]
`,
};

describeWith('helm', findTool('helm'), 'Helm, killed while it waits', (helm) => {
  describeWithCluster('simulated', 'on a cluster with simulated nodes', () => {
    let folder: string;
    let chart: string;
    let cluster: Cluster;
    let env: NodeJS.ProcessEnv;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'interrupted-'));
      chart = join(folder, 'chart');
      await mkdir(join(chart, 'templates'), { recursive: true });
      await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: interrupted\nversion: 1.0.0\n');
      for (const [name, text] of Object.entries(templates)) {
        await writeFile(join(chart, 'templates', `${name}.yaml`), text);
      }
      cluster = await Cluster.start('simulated');
      const homes = ['CACHE', 'CONFIG', 'DATA'].map((each) => [`HELM_${each}_HOME`, join(folder, each)]);
      env = { ...cluster.env, ...Object.fromEntries(homes) };
      // Only the runbook's own commands say which driver it is.
      delete env.HELM_DRIVER;
    });
    afterAll(async () => {
      await cluster?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Like the provider, which waits unless it is told not to. */
    const argsOf = (action: string, ...rest: string[]) => [action, '-n', namespace, release, ...rest, '--wait'];
    const to = (version: string) => [chart, '--set', `version=${version}`];
    const ofProvider = () => ({ env: { ...env, HELM_DRIVER: driver } });
    const run = (...args: string[]): Promise<Outcome> => outcomeOf(promisify(execFile)(helm, args, ofProvider()));
    const status = async () => {
      const { output } = await run('status', '-n', namespace, release);
      return /^STATUS: (.*)$/m.exec(output)?.[1];
    };
    const versionOf = async (kind: keyof typeof templates) => {
      const { spec } = await cluster.get<Block>(kind, release, '-n', namespace);
      return String(spec.template.spec.containers[0].image).replace(/.*:/, '');
    };
    /** Kills Helm once it has begun to wait. */
    const interrupt = async (...args: string[]) => {
      const running = spawn(helm, args, { ...ofProvider(), stdio: 'ignore' });
      const exited = once(running, 'exit');
      await eventually(async () => {
        const versions = await Promise.all([versionOf('job'), versionOf('deployment').catch(() => 'none')]);
        return versions.some((version) => version === 'stuck' || version === 'unmigrated');
      });
      running.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);
    };
    /** Runs a command of the runbook as a person does who copies it. */
    const repair = async (name: string, revision = '') => {
      const command = ofRunbook(name).replace('<revisão>', revision);
      const { code, output } = await outcomeOf(promisify(execFile)('sh', ['-c', command], { env }));
      expect([command, code, output]).toEqual([command, 0, output]);
      return output;
    };
    /** The last good revision, by the runbook's own words. */
    const lastGood = async () => {
      const rows = (await repair('history')).split('\n').filter((row) => / *\tdeployed *\t/.test(row));
      expect(rows).toHaveLength(1);
      return String(rows[0]).split(/\s/)[0];
    };
    /** What `pnpm infra upgrade` finds in the way, in this cluster. */
    const inTheWay = () => {
      const connect = `for file; do [ "$before" = --kubeconfig ] && /bin/cp '${env.KUBECONFIG}' "$file"; before=$file; done`;
      const kubectl = `KUBECACHEDIR='${join(folder, 'kubectl')}' exec '${findTool('kubectl')}' "$@"`;
      const { output } = upgrade(['dev', next], { 'update-kubeconfig': connect }, kubectl);
      expect(output).not.toMatch(/^!/m);
      return output.match(/(?<=^✗ .*\n {2}).*/gm) ?? [];
    };
    /** Helm and `pnpm infra upgrade` refuse to go on, and the runbook's list shows the release. */
    const expectInterrupted = async (state: string, retry: readonly string[], refusal: string) => {
      expect(await status()).toBe(state);
      expect(await run(...retry)).toMatchObject({ code: 1, output: expect.stringContaining(refusal) });
      expect(inTheWay()).toEqual([expect.stringContaining(`in the middle of the release ${release}:`)]);
      expect(await repair('list')).toMatch(new RegExp(`^${release}\\s+${namespace}\\s.*\\s${state}\\s`, 'm'));
    };
    const expectRepaired = async (again: readonly string[], version: string) => {
      expect(inTheWay()).toEqual([]);
      expect(await run(...again)).toMatchObject({ code: 0 });
      expect([await versionOf('deployment'), await status()]).toEqual([version, 'deployed']);
    };

    test('in a first installation, for its pods: its half is taken away, and it is installed', async () => {
      const again = argsOf('install', ...to('first'));
      await interrupt(...argsOf('install', ...to('stuck')));
      await expectInterrupted('pending-install', again, 'cannot re-use a name that is still in use');
      expect(await repair('history')).not.toMatch(/\tdeployed/);
      await repair('uninstall');
      await expectRepaired(again, 'first');
    });

    test.each([
      ['an upgrade, for its pods', 'first', 'second', 'pending-upgrade', () => argsOf('upgrade', ...to('stuck'))],
      ['an upgrade, for its job', 'second', 'third', 'pending-upgrade', () => argsOf('upgrade', ...to('unmigrated'))],
      // To the revision that was interrupted first, which nothing forbids.
      ['a rollback, for its pods', 'third', 'fourth', 'pending-rollback', () => argsOf('rollback', '2')],
    ])('in %s: the %s version comes back, and then the %s', async (_, good, better, state, args) => {
      const again = argsOf('upgrade', ...to(better));
      expect(await versionOf('deployment')).toBe(good);
      await interrupt(...args());
      await expectInterrupted(state, again, 'another operation (install/upgrade/rollback) is in progress');
      await repair('rollback', await lastGood());
      expect(await versionOf('deployment')).toBe(good);
      // The interrupted revision itself stays as it is.
      expect(await repair('history')).toContain(`\t${state}`);
      await expectRepaired(again, better);
    });
  });
});
