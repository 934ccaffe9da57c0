import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('every image that comes from a registry has an exact version, so that a commit always builds the same', () => {
  const dockerfiles = readdirSync(join(root, 'apps'))
    .map((name) => `apps/${name}/Dockerfile`)
    .filter((file) => existsSync(join(root, file)));
  const bases = dockerfiles.map((file) => {
    const stages = [...read(file).matchAll(/^FROM (?:--\S+ )*(\S+)(?: AS (\S+))?$/gim)];
    const own = stages.map(([, , name]) => name);
    return stages.map(([, image = '']) => image).filter((image) => !own.includes(image));
  });
  const compose = parse(read('docker-compose.yml')) as { services: Record<string, { image: string; build?: object }> };
  const pulled = Object.values(compose.services).filter(({ build }) => build === undefined);
  for (const found of [dockerfiles, pulled, ...bases]) expect(found).not.toEqual([]);

  const images = [...bases.flat(), ...pulled.map(({ image }) => image)];
  expect(images.filter((image) => !/^[^:@]+:\d+\.\d+\.\d+(?:-|$)/.test(image))).toEqual([]);
});
