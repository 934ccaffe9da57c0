/**
 * The script of a NAT instance, run for real as root: a host in a private subnet reaches a server of the internet
 * through it. Network namespaces of Linux stand for the hosts, and a router between them for the VPC's route tables.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../test/support/eventually.ts';
import { ended, type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { natScript } from '../constructs/network/nat-script.ts';

const script = natScript({
  cidr: '10.0.0.0/16',
  autoScalingGroup: 'desafio-aws-dev-nat-1',
  lifecycleHook: 'ready',
  region: 'sa-east-1',
});
const run = promisify(execFile);

describeWith('shellcheck', findTool('shellcheck'), "a NAT instance's script", (shellcheck) => {
  test('has no findings of shellcheck', async () => {
    const checking = run(shellcheck, ['--severity=style', '-']);
    checking.child.stdin?.end(script);
    expect(await outcomeOf(checking)).toEqual({ code: 0, output: '' });
  });
});

const unshare = process.getuid?.() === 0 ? findTool('unshare') : undefined;
const mayMakeNetworks =
  unshare !== undefined && findTool('ip') && findTool('nft')
    ? (await ended(run(unshare, ['--net', '--mount', 'true']))).code === 0
    : false;

describeWith('root, ip and nft', mayMakeNetworks ? unshare : undefined, 'a NAT instance', () => {
  /** Namespaces have names of the whole machine. */
  const space = (host: string) => `nat-${process.pid}-${host}`;
  const addresses = { private: '10.0.1.10', nat: '10.0.101.10', internet: '203.0.113.10' } as const;
  type Host = keyof typeof addresses;
  const hosts = Object.keys(addresses) as Host[];
  let folder: string;
  let server: ChildProcess;

  const ip = (...args: string[]) => run('ip', args);
  const within = (host: Host | 'router', program: string, ...args: string[]) =>
    run('ip', ['netns', 'exec', space(host), program, ...args]);

  beforeAll(async () => {
    await ip('netns', 'add', space('router'));
    for (const [index, host] of hosts.entries()) {
      const network = addresses[host].replace(/\d+$/, '');
      const [inside, outside] = [`h${index}-${process.pid}`, `r${index}-${process.pid}`];
      await ip('netns', 'add', space(host));
      await ip('link', 'add', inside, 'netns', space(host), 'type', 'veth', 'peer', outside, 'netns', space('router'));
      await within('router', 'ip', 'address', 'add', `${network}1/24`, 'dev', outside);
      await within('router', 'ip', 'link', 'set', outside, 'up');
      await within(host, 'ip', 'address', 'add', `${addresses[host]}/24`, 'dev', inside);
      for (const device of ['lo', inside]) await within(host, 'ip', 'link', 'set', device, 'up');
      // The internet knows no way back to private addresses: without translation there is no answer.
      if (host === 'internet') await within(host, 'ip', 'route', 'add', '10.0.101.0/24', 'via', `${network}1`);
      else await within(host, 'ip', 'route', 'add', 'default', 'via', `${network}1`);
    }
    await within('router', 'sysctl', '--write', 'net.ipv4.ip_forward=1');
    // The route table of the private subnets.
    const privateTable = ['table', '100'];
    await within('router', 'ip', 'route', 'add', '10.0.1.0/24', 'dev', `r0-${process.pid}`, ...privateTable);
    await within('router', 'ip', 'route', 'add', 'default', 'via', addresses.nat, ...privateTable);
    await within('router', 'ip', 'rule', 'add', 'iif', `r0-${process.pid}`, ...privateTable);

    const program =
      "require('node:http').createServer((q, s) => s.end(q.socket.remoteAddress)).listen(80, '203.0.113.10')";
    server = spawn('ip', ['netns', 'exec', space('internet'), process.execPath, '--eval', program]);
    await eventually(async () => (await within('internet', 'curl', '--silent', addresses.internet)).stdout !== '');
  });

  afterAll(async () => {
    server?.kill();
    for (const host of [...hosts, 'router']) await ended(ip('netns', 'delete', space(host)));
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nat-'));
    await mkdir(join(folder, 'bin'));
    await within('nat', 'sysctl', '--write', 'net.ipv4.ip_forward=0');
    await within('nat', 'nft', 'flush', 'ruleset');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Stands for a program of the instance that would change this machine, and records its calls. */
  async function standIn(name: string, effect = ''): Promise<void> {
    const text = `#!/bin/bash\necho "${name} $*" >> ${folder}/calls\n${effect}\n`;
    await writeFile(join(folder, 'bin', name), text, { mode: 0o755 });
  }

  /** @param failures how often the package manager fails */
  async function start(failures: number): Promise<Outcome & { calls: string[] }> {
    for (const name of ['aws', 'chmod', 'dd', 'mkswap', 'sleep', 'swapon']) await standIn(name);
    await standIn('dnf', `[ "$(grep -c ^dnf ${folder}/calls)" -gt ${failures} ] && touch ${folder}/installed`);
    await standIn(
      'systemctl',
      `[ -e ${folder}/installed ] || exit 5; [ "$1" != restart ] || nft -f /etc/sysconfig/nftables.conf`,
    );
    // `ip netns exec` has a file system of its own, so nothing here reaches that of the machine.
    const instance = [
      `mkdir ${folder}/etc`,
      `cp --recursive /etc/nftables* /etc/sysctl.d /etc/passwd ${folder}/etc 2>/dev/null || true`,
      `mkdir ${folder}/etc/sysconfig`,
      `mount --bind ${folder}/etc /etc`,
      'mount -t tmpfs tmpfs /var/lib',
      'mkdir --parents /var/lib/cloud/data',
      'echo i-0123 > /var/lib/cloud/data/instance-id',
      `export PATH=${folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      `exec bash ${folder}/script`,
    ].join(' && ');
    await writeFile(join(folder, 'script'), script);
    const outcome = await outcomeOf(within('nat', 'bash', '-c', instance));
    return { ...outcome, calls: (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n') };
  }

  const seen = () => ended(within('private', 'curl', '--silent', '--max-time', '3', addresses.internet));
  const ready = expect.stringMatching(/^aws .*--lifecycle-action-result CONTINUE --instance-id i-0123$/);
  const programsOf = (calls: readonly string[]) => calls.map((call) => call.split(' ')[0]);

  test('without the package it stops after three attempts, says nothing to the group, and forwards nothing', async () => {
    const { calls, code } = await start(3);
    expect(code).not.toBe(0);
    expect(programsOf(calls).filter((name) => name === 'dnf')).toHaveLength(3);
    expect(programsOf(calls)).not.toContain('aws');
    expect((await seen()).stdout).toBe('');
  });

  test('a private host then reaches the internet with the address of the instance', async () => {
    const { calls, code, output } = await start(2);
    expect([code, output]).toEqual([0, expect.any(String)]);
    expect(programsOf(calls).filter((name) => name === 'dnf')).toHaveLength(3);
    expect(calls.at(-1)).toEqual(ready);
    expect(calls.at(-1)).toContain('--auto-scaling-group-name desafio-aws-dev-nat-1 --lifecycle-hook-name ready');
    expect(await seen()).toMatchObject({ code: 0, stdout: addresses.nat });
  });

  test('there is swap before the package manager runs, and the rules survive a restart', async () => {
    const { calls } = await start(0);
    expect(programsOf(calls).indexOf('swapon')).toBeGreaterThan(-1);
    expect(programsOf(calls).indexOf('swapon')).toBeLessThan(programsOf(calls).indexOf('dnf'));
    expect(calls).toContain('systemctl enable nftables');
  });
});
