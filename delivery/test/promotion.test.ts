/** Which image prd takes, with a stand-in for Docker that keeps the tags of a registry. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { Application } from 'platform';
import { applications } from 'platform/applications';
import { contentTag } from '../images.ts';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

const [api] = applications as readonly [Application];
const repository = `registry.example/${api.name}`;
const [digest, another] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const passed = `passed-dev-${'a'.repeat(16)}`;

/** `docker buildx imagetools`. It refuses to set the tag that a file names, and all that it is asked if that is `*`. */
const docker = String.raw`
const { readFileSync, writeFileSync } = require('node:fs');
const read = (name) => JSON.parse(readFileSync(__dirname + '/' + name, 'utf8'));
const fail = (message) => { console.error('ERROR: ' + message); process.exit(1); };
const [tags, refused] = [read('tags.json'), read('refused.json')];
const args = process.argv.slice(2).join(' ');
const [, asked] = /^buildx imagetools inspect --format=\S+ \S+:(\S+)$/.exec(args) ?? [];
const [, tag, digest] = /^buildx imagetools create --prefer-index=false --tag=\S+:(\S+) \S+@(\S+)$/.exec(args) ?? [];
if (refused === '*' || (tag && refused === tag)) fail('unauthorized: access denied');
else if (tag) writeFileSync(__dirname + '/tags.json', JSON.stringify({ ...tags, [tag]: digest }));
else if (!tags[asked]) fail(asked + ': not found');
else console.log(tags[asked]);
`;

let programs: Programs;
const set = (file: string, value: unknown) => writeFileSync(join(programs.folder, file), JSON.stringify(value));
const tags = (): Record<string, string> => JSON.parse(programs.read('tags.json'));
const run = (...args: string[]) => delivery(args, { ...programs.env, IMAGE_REGISTRY: 'registry.example' });
const name = (environment: string) => run('image', api.name, environment);
const accept = (environment: string, version = `${environment}-1`) =>
  run('accept', `${repository}@${digest}`, environment, '--version', version);

beforeEach(() => {
  programs = new Programs().node('docker', docker);
  set('tags.json', {});
  set('refused.json', '');
});

test('prd takes only an image that was built for dev and passed its smoke test there', async () => {
  const tag = await contentTag(api);
  expect(await name('prd')).toMatchObject({
    code: 2,
    outputs: {},
    output: expect.stringContaining('There is no image'),
  });
  // It was built, but its release to dev has failed.
  set('tags.json', { [tag]: digest });
  const refusal = { code: 2, outputs: {}, output: expect.stringContaining('did not pass') };
  expect(await name('dev')).toMatchObject({ code: 0, outputs: { repository, tag, digest, passed: 'false' } });
  expect(await name('prd')).toMatchObject(refusal);
  // Neither the tag of another image nor a pass in prd says that it passed in dev.
  set('tags.json', { [tag]: digest, [passed]: another });
  expect(await name('prd')).toMatchObject(refusal);
  set('tags.json', { [tag]: digest });
  expect((await accept('prd')).code).toBe(0);
  expect(await name('prd')).toMatchObject(refusal);
  expect((await accept('dev')).code).toBe(0);
  expect(await name('prd')).toMatchObject({ code: 0, outputs: { repository, tag, digest, passed: 'true' } });
});

test('an image that serves is tagged as passed first, and as latest last', async () => {
  expect((await accept('dev')).code).toBe(0);
  expect(Object.entries(tags())).toEqual([passed, 'dev-1', 'latest'].map((tag) => [tag, digest]));
});

test('a tag that the registry refuses fails, and latest does not move', async () => {
  set('tags.json', { latest: another });
  set('refused.json', 'dev-1');
  expect(await accept('dev')).toMatchObject({ code: 1, output: expect.stringContaining('access denied') });
  expect(tags()).toEqual({ latest: another, [passed]: digest });
});

test('the tag of an earlier version does not move', async () => {
  set('tags.json', { 'dev-1': another });
  expect((await accept('dev')).code).toBe(0);
  expect(tags()).toEqual({ 'dev-1': another, [passed]: digest, 'dev-1-aaaaaaa': digest, latest: digest });
});

test('a registry that refuses to answer is not one without the image', async () => {
  set('refused.json', '*');
  expect(await name('dev')).toMatchObject({ code: 1, outputs: {}, output: expect.stringContaining('access denied') });
});
