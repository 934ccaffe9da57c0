import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as { packages: Record<string, object> };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The manifests of all installed packages. */
function installed(): Manifest[] {
  const store = join(root, 'node_modules/.pnpm');
  return readdirSync(store).flatMap((entry) => {
    const folder = join(store, entry, 'node_modules');
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((part) => join(name, part)) : [name],
    );
    // Symbolic links are the package's dependencies.
    const own = names.filter((name) => name !== '.bin' && !lstatSync(join(folder, name)).isSymbolicLink());
    return own.map((name) => JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as Manifest);
  });
}

test('the lockfile has the binaries for every platform that a package supports', () => {
  const offered = installed().flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies));
  // Packages pin their own platform binaries to an exact version.
  const programs = offered.filter(([, version]) => /^\d+\.\d+\.\d+$/.test(version));
  for (const platform of ['darwin-arm64', 'linux-x64', 'win32-x64']) {
    expect(programs.map(([name]) => name)).toContainEqual(expect.stringContaining(`@biomejs/cli-${platform}`));
  }
  const missing = programs.filter(([name, version]) => !(`${name}@${version}` in lock.packages));
  expect(missing).toEqual([]);
});

test('a release is installed once it is a day old, and only the programs that need it run a script for it', () => {
  const { catalog, nodeVersion, overrides, packages, ...rules } = parse(
    readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'),
  );
  // What is not named here, such as an exception for a package, is not there.
  expect(rules).toEqual({
    verifyDepsBeforeRun: 'install',
    pmOnFail: 'ignore',
    minimumReleaseAge: 24 * 60,
    allowBuilds: { node: true, '@parcel/watcher': false, '@swc/core': true, protobufjs: false },
  });
});
