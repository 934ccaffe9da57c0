/**
 * All that people get to read from `pnpm infra`, as it is: a wrong account or command costs more than in code. After a
 * change that is meant, `pnpm test infra/test/whole-texts -u` writes the snapshot again: read its diff like the code's.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { commandUsage } from '../../packages/command-line/src/usage.ts';
import { shown, told } from '../../packages/command-line/test/support/told.ts';
import { texts } from '../command-texts.ts';

expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const root = resolve(import.meta.dirname, '../..');
const { oldEngine, ...doctor } = texts.doctor;
// The version that it names is of one of the engines, and no sample.
const ofTerraform = (found: string) => oldEngine('Terraform', found);
const chart = { name: '«name»', version: '«version»' };
const taken = { alias: '«alias»', distribution: '«distribution»' };
const all = told('', {
  ...texts,
  doctor: { ...doctor, oldEngine: ofTerraform },
  crds: { ...texts.crds, first: () => texts.crds.first([chart]) },
  secondRegion: { ...texts.secondRegion, takenNames: () => texts.secondRegion.takenNames([taken]) },
});
const whole = all.map(([, text]) => text).join('\n');
const found = (pattern: RegExp) => {
  const names = [...whole.matchAll(pattern)].map(([, ...groups]) => groups.map((group) => group ?? ''));
  expect(names.length).toBeGreaterThan(0);
  return names;
};

test('every text, with samples in the places of what differs', () => {
  expect(all.length).toBeGreaterThan(150);
  expect(whole).not.toMatch(/undefined|\[object|NaN/);
  expect(all.map(([path, text]) => shown(path, text)).join('\n')).toMatchSnapshot();
});

test('the usage of every command', async () => {
  const folder = join(root, 'infra/commands');
  const usages: string[] = [];
  for (const file of readdirSync(folder)) {
    const { command } = await import(join(folder, file));
    usages.push(commandUsage(`pnpm infra ${basename(file, '.ts')}`, command));
  }
  expect(usages.length).toBeGreaterThan(10);
  expect(usages.join('\n\n')).toMatchSnapshot();
});

test('both languages name the same values and commands, unless the English refers to what is above', () => {
  const commands = /(?:aws [a-z0-9-]+ [a-z]+-|gh api )[^.;,\n]*|(?:pnpm infra|terraform) [a-z][\w-]*(?: --?[a-z-]+)*/g;
  const named = (text: string) =>
    [...new Set([...(text.match(/«\w+»/g) ?? []), ...(text.match(commands) ?? [])])].toSorted();
  const pairs = all.flatMap(([path, text]) => {
    const [pt = '', en, ...more] = text.trimEnd().split('\n');
    return en === undefined || more.length > 0 || / above\.?/.test(en) ? [] : [{ path, pt, en }];
  });
  expect(pairs.length).toBeGreaterThan(80);
  expect(pairs.map(({ path, pt }) => [path, named(pt)])).toEqual(pairs.map(({ path, en }) => [path, named(en)]));
});

test('what a text names is there: commands and their options, pages and files', async () => {
  for (const [name = '', options = ''] of found(/pnpm infra ([a-z-]+)((?: --[a-z-]+)*)/g)) {
    const file = join(root, 'infra/commands', `${name}.ts`);
    expect([name, existsSync(file)]).toEqual([name, true]);
    const { command } = await import(file);
    for (const option of options.match(/[a-z-]{3,}/g) ?? []) {
      expect(Object.keys(command.options)).toContain(option.replace(/^--/, ''));
    }
  }
  const files = found(/((?:docs|infra)\/[\w«»./-]+\.(?:example\.json|pt-BR\.md|md|ts))/g).flatMap(([path = '']) =>
    environmentNames.map((environment) => path.replace(/«(environment|name)»/, environment)),
  );
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
