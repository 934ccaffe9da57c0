import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Application } from './application.ts';

const folder = join(import.meta.dirname, '../../../apps');

/** All applications of this repository, sorted by name: each folder in `apps` with an `application.ts`. */
export const applications: readonly Application[] = await Promise.all(
  readdirSync(folder)
    .map((name) => ({ name, file: join(folder, name, 'application.ts') }))
    .filter(({ file }) => existsSync(file))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ name, file }) => read(name, file)),
);

/** Path of the page that `/` shows. */
export const homePage = applications.find((application) => application.homePage)?.homePage ?? '/';

async function read(name: string, file: string): Promise<Application> {
  const { application } = (await import(pathToFileURL(file).href)) as { readonly application?: Application };
  if (application?.name !== name) {
    throw new Error(`apps/${name}/application.ts does not export an application named ${name}`);
  }
  return application;
}
