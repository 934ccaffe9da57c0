// One jest for the whole repository: `pnpm test`, or `pnpm test calculadora-api` for one part.
// The configuration is JavaScript, because jest would need another compiler to read it as TypeScript.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root, workspaces } from './test/support/workspaces.ts';

/** @param {string} folder @param {import('jest').Config} options */
const project = (folder, options = {}) => ({
  displayName: basename(folder),
  rootDir: folder,
  testMatch: ['<rootDir>/test/**/*.test.{ts,tsx}'],
  testEnvironment: 'node',
  setupFilesAfterEnv: [join(root, 'test/support/equality.ts')],
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

/** @type {import('jest').Config} */
export default {
  // Only to catch tests that hang: a busy machine is many times slower than an idle one. Tests of time limits measure
  // time themselves.
  testTimeout: 900_000,
  projects: [
    project('scripts'),
    project('bench'),
    ...workspaces.filter((folder) => existsSync(join(root, folder, 'test'))).map((folder) => project(folder)),
    project('test/limits', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/images', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/kubernetes', { testMatch: ['<rootDir>/*.test.ts'] }),
    project('test/cluster', { testMatch: ['<rootDir>/*.test.ts'] }),
  ],
};
