// One jest for the whole repository: `pnpm test`, or `pnpm test calculadora-api` for one part.
// The configuration is JavaScript, because jest would need another compiler to read it as TypeScript.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} folder @param {import('jest').Config} options */
const project = (folder, options = {}) => ({
  displayName: folder.split('/').at(-1),
  rootDir: folder,
  testMatch: ['<rootDir>/test/**/*.test.{ts,tsx}'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
  ...options,
});

/** The folders in a group of workspaces that have tests. @param {string} group */
const workspaces = (group) =>
  readdirSync(join(import.meta.dirname, group))
    .map((name) => `${group}/${name}`)
    .filter((folder) => existsSync(join(import.meta.dirname, folder, 'test')));

/** @type {import('jest').Config} */
export default {
  // Only to catch tests that hang: a busy machine is many times slower than an idle one. Tests of time limits measure
  // time themselves.
  testTimeout: 300_000,
  projects: [
    project('scripts'),
    ...['packages', 'apps'].flatMap((group) => workspaces(group)).map((folder) => project(folder)),
    project('test/limits', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/images', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/kubernetes', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/cluster', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('bench'),
    project('infra'),
    project('delivery'),
  ],
};
