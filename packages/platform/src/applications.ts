import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Application } from './application.ts';

/** All applications of this repository, sorted by name: each folder in `apps` with an `application.ts`. */
export const applications: readonly Application[] = await applicationsIn(join(import.meta.dirname, '../../../apps'));

/** Path of the page that `/` shows. */
export const homePage = applications.find((application) => application.homePage)?.homePage ?? '/';

/** @throws Error that names the file, if it does not describe the application of its folder */
export function applicationsIn(folder: string): Promise<Application[]> {
  return Promise.all(
    readdirSync(folder)
      .map((name) => ({ name, file: join(folder, name, 'application.ts') }))
      .filter(({ file }) => existsSync(file))
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(({ name, file }) => read(name, file)),
  );
}

async function read(name: string, file: string): Promise<Application> {
  const { application } = (await import(pathToFileURL(file).href)) as { readonly application?: Application };
  if (application?.name !== name) {
    throw new Error(`apps/${name}/application.ts does not export an application named ${name}`);
  }
  return application;
}
