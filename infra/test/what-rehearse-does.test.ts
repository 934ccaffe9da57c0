/** What `pnpm infra rehearse` rehearses, and how it ends, with a stand-in for the rehearsal. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as real from '../rehearse/stage.ts';
import { StepRefused } from '../rehearse/terminal.ts';
import { root } from './support/program.ts';

/** Takes the place of `cdktf.out`, which does not exist in a new clone. */
let out: string;
const inOut = (file: unknown) => String(file).replace(join(root, 'cdktf.out'), out);
jest.unstable_mockModule('node:fs/promises', () => ({
  ...files,
  mkdir: (folder: unknown, ...rest: []) => files.mkdir(inOut(folder), ...rest),
  writeFile: (file: unknown, text: string) => files.writeFile(inOut(file), text),
}));

const did: string[] = [];
let refused: Error | undefined;
const taking = (seconds: number, type: string, isCritical: boolean) => {
  const node = { address: `${type}.one`, type, dependsOn: [] };
  const steps = [{ node, start: 0, end: seconds, isMaximum: false }];
  return { seconds, steps, criticalPath: isCritical ? steps : [], unknownTypes: {} };
};
const nothing = { actions: new Set(), requests: 0, undecided: new Set(), unknownTypes: new Set() };
jest.unstable_mockModule('../rehearse/stage.ts', () => ({
  ...real,
  Stage: class {
    static async start(): Promise<object> {
      return new this();
    }
    async live(...given: unknown[]) {
      did.push(given.join(' ').trim());
      if (refused) throw refused;
      const times = { creation: taking(185, 'aws_vpc', true), destruction: taking(65, 'aws_lb', false) };
      return { nodes: [], ...times, failures: [], warnings: [], asked: nothing };
    }
    constructs = async (name: string) => ({
      get: (address: string) => (address === 'aws_vpc.one' ? { path: `network/vpc of ${name}`, calls: [] } : undefined),
      addressAt: () => '',
    });
    stop = async () => void did.push('stop');
  },
}));
const { command } = await import('../commands/rehearse.ts');

const said: string[] = [];
const path = process.env.PATH;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  writeFileSync(join(folder, 'terraform'), '#!/bin/sh\necho Terraform v1.11.4\n', { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
  out = join(folder, 'cdktf.out');
  [did.length, said.length] = [0, 0];
  refused = undefined;
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  process.env.PATH = path;
  jest.mocked(console.log).mockRestore();
});

test.each([
  [[], ['dev', 'prd']],
  [['prd'], ['prd']],
  [['dev', '--fail', 'helm_release/delete', '--role', 'plan'], ['dev helm_release/delete plan']],
  [['dev', '--fail', 'aws_route53_record/create', '--role', 'apply'], ['dev aws_route53_record/create apply']],
  [['dev', '--fail', 'aws_lb/update'], ['dev aws_lb/update']],
])('rehearse %j rehearses %j, and cleans up', async (args, lives) => {
  expect(await command.run(args)).toBe(0);
  expect(did).toEqual([...lives, 'stop']);
  const pages = lives.map((life) => join(root, 'cdktf.out', `rehearsal-${life.split(' ')[0]}.html`));
  const told = [...said.join('\n').matchAll(/Page with the timeline: (.+)$/gm)].map(([, page]) => page);
  expect(told).toEqual(pages);
  for (const [index, page] of pages.entries()) {
    const html = readFileSync(inOut(page), 'utf8');
    expect(html).toContain(`<h1>${lives[index]?.split(' ')[0]}: Tempo na AWS`);
    // The summary is said, and is on the page, too.
    const summary = `${lives[index]?.split(' ')[0]}: 0 recursos / resources\n`;
    expect([html, said.at(2 * index + 1)]).toEqual([
      expect.stringContaining(summary),
      expect.stringContaining(summary),
    ]);
    expect(said[2 * index]).toBe(`\n${lives[index]?.split(' ')[0]}`);
    // Each title with its own time.
    const titles = [...html.matchAll(/<h2>(.+)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual(['primeiro deploy / first deployment: 3 min 5 s', 'destroy: 1 min 5 s']);
    const name = lives[index]?.split(' ')[0];
    const bars = [...html.matchAll(/<li( class="critical")?><span class="name">(.+?)<\/span>/g)];
    expect(bars.map(([, critical = '', text]) => text + critical)).toEqual([
      ...[`aws_vpc network/vpc of ${name} class="critical"`, 'aws_lb aws_lb.one'],
    ]);
    expect(html.match(/<p class="key">Caminho crítico \/ Critical path</g)).toHaveLength(2);
  }
});

test('what is refused ends the command with its reasons and a page about them, and cleans up', async () => {
  const ended = { code: 1, stdout: 'no <right>', stderr: '', errors: [] };
  refused = new StepRefused({ pt: 'plano', en: 'plan' }, ended, undefined as never);
  await expect(command.run([])).rejects.toBe(refused);
  expect(refused.message).toContain('no <right>');
  expect(did).toEqual(['dev', 'stop']);
  const page = join(root, 'cdktf.out', 'rehearsal-dev.html');
  expect(said.at(-1)?.split('\n').at(-1)).toContain(`Page with the refusals: ${page}`);
  const html = readFileSync(inOut(page), 'utf8');
  expect(html).toContain('no &lt;right&gt;');
  for (const part of ['title', 'h1']) {
    expect(html).toMatch(new RegExp(`<${part}>dev: [^<]*plano[^<]*the step &quot;plan&quot; failed[^<]*</${part}>`));
  }
});

test('what ends it otherwise is told as it is, without a page, and without an engine nothing begins', async () => {
  refused = new Error('no space left');
  await expect(command.run(['dev'])).rejects.toBe(refused);
  expect([did, said.join('\n')]).toEqual([['dev', 'stop'], expect.not.stringContaining('Page with')]);
  did.length = 0;
  process.env.PATH = mkdtempSync(join(tmpdir(), 'nothing-'));
  await expect(command.run(['dev'])).rejects.toThrow('terraform was not found');
  expect(did).toEqual([]);
});
