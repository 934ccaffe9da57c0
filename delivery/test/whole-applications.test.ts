/**
 * What each application gives to Docker, Kubernetes and nginx, whole: the diff of a pull request shows what a change does
 * to its image, its pods and their limits. After a change that is meant, `pnpm test whole-applications -u` writes the snapshot
 * again: read its diff like the code's. That the values are right is for the other tests.
 *
 * Left out are applications that `pnpm new application` made of the API's files, so that a new one changes no snapshot.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { root } from './support/workflows.ts';

// As people read it, instead of jest's own form.
expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const isCopy = (application: string) => /^# The reasons .* are in the /.test(read(`apps/${application}/Dockerfile`));

const applications = readdirSync(join(root, 'apps')).filter(
  (name) => existsSync(join(root, 'apps', name, 'Dockerfile')) && !isCopy(name),
);
const files = [
  '.dockerignore',
  ...applications.flatMap((name) =>
    readdirSync(join(root, 'apps', name), { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => /^(Dockerfile|(k8s|nginx)\/.*\.\w+)$/.test(file))
      .map((file) => `apps/${name}/${file}`)
      .toSorted(),
  ),
];

/** The content without comments: as objects, or line by line. */
function contentOf(file: string): string {
  const text = read(file);
  if (file.endsWith('.yaml')) {
    const documents = parseAllDocuments(text).map((document) => document.toJS());
    return documents.map((object) => stringify(object, { lineWidth: 0, sortMapEntries: true })).join('---\n');
  }
  const lines = text.replaceAll(/^ *#.*\n/gm, '').replaceAll(/\s*\\\n\s*/g, ' ');
  return lines.replaceAll(/^\n/gm, '');
}

test('there are Dockerfiles, manifests, settings and a configuration of nginx', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'apps/calculadora-api/Dockerfile',
      'apps/calculadora-api/k8s/base/deployment.yaml',
      'apps/calculadora-api/k8s/base/settings.env',
      'apps/calculadora-api/k8s/overlays/prd/kustomization.yaml',
      'apps/magic-calculator/nginx/nginx.conf',
    ]),
  );
});

test.each(files)('%s is the one in the snapshot', (file) => {
  // Renovate raises the versions of base images, and cannot write the snapshot.
  const bases = /^(FROM [^:]+):\d+\.\d+\.\d+([\w.-]*)(?:@sha256:[0-9a-f]{64})?/gm;
  expect(contentOf(file).replaceAll(bases, '$1:(version)$2')).toMatchSnapshot();
});

test('the services and volumes of Compose are those in the snapshot', () => {
  const { services, volumes, ...others } = parse(read('docker-compose.yml'));
  const own = ['mysql', ...applications].map((name) => [name, services[name]]);
  const version = /(?<=image: [\w./-]+:)\d+\.\d+\.\d+/g;
  const shown = { ...others, services: Object.fromEntries(own), 'mysql-data': volumes['mysql-data'] };
  expect(stringify(shown, { lineWidth: 0 }).replaceAll(version, '(version)')).toMatchSnapshot();
});

test('the scripts of the applications, and the settings of pnpm, are those in the snapshot', () => {
  const scripts = applications.map((name) => [name, JSON.parse(read(`apps/${name}/package.json`)).scripts]);
  // Versions change with each update.
  const { catalog, nodeVersion, overrides, ...settings } = parse(read('pnpm-workspace.yaml'));
  expect(Object.keys(catalog).length).toBeGreaterThan(10);
  expect([nodeVersion, Object.keys(overrides)]).toEqual([expect.any(String), expect.any(Array)]);
  expect(stringify({ scripts: Object.fromEntries(scripts), settings }, { lineWidth: 0 })).toMatchSnapshot();
});

test('all stages of one base image have the same version', () => {
  const bases = files
    .filter((file) => file.endsWith('/Dockerfile'))
    .flatMap((file) => [...read(file).matchAll(/^FROM (?:--\S+ )?([^\s:]+):(\S+)/gm)])
    .map(([, image = '', tag = '']) => ({ image, tag }));
  const images = new Set(bases.map(({ image }) => image));
  expect(bases.length).toBeGreaterThan(images.size);
  expect(new Set(bases.map(({ image, tag }) => `${image}:${tag}`)).size).toBe(images.size);
});
