/** What `pnpm infra rehearse` rehearses, and how it ends, with a stand-in for the rehearsal. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as real from '../rehearse/stage.ts';
import { StepRefused } from '../rehearse/terminal.ts';
import { root } from './support/program.ts';

const did: string[] = [];
let refused: Error | undefined;
const timeline = { seconds: 0, steps: [], criticalPath: [], unknownTypes: {} };
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
      return { nodes: [], creation: timeline, destruction: timeline, failures: [], warnings: [], asked: nothing };
    }
    constructs = async () => ({ get: () => undefined, addressAt: () => '' });
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
])('rehearse %j rehearses %j, and cleans up', async (args, lives) => {
  expect(await command.run(args)).toBe(0);
  expect(did).toEqual([...lives, 'stop']);
  expect(said.join('\n').match(/Page with the timeline: .*rehearsal-\w+\.html/g)).toHaveLength(lives.length);
});

test('what is refused ends the command with its reasons and a page about them, and cleans up', async () => {
  const ended = { code: 1, stdout: 'no <right>', stderr: '', errors: [] };
  refused = new StepRefused({ pt: 'plano', en: 'plan' }, ended, undefined as never);
  await expect(command.run([])).rejects.toBe(refused);
  expect(refused.message).toContain('no <right>');
  expect(did).toEqual(['dev', 'stop']);
  const page = join(root, 'cdktf.out', 'rehearsal-dev.html');
  expect(said.at(-1)?.split('\n').at(-1)).toContain(`Page with the refusals: ${page}`);
  expect(readFileSync(page, 'utf8')).toContain('no &lt;right&gt;');
});
