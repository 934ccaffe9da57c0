import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';

/** A replica of the site: nginx with the production's configuration, and the pages of one build. */
export interface Replica {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a replica on a port of the loopback interface.
 *
 * @param nginx the program
 * @param pages as `buildSite` returns it
 */
export async function startReplica(nginx: string, pages: string): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = join(folder, 'nginx.conf');
  await writeFile(file, await configuration(folder, new URL(url).host, dirname(pages)));
  // Run by root, it would read the files as a user who may not.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  const child = spawn(nginx, ['-c', file, '-e', 'stderr', ...user], { stdio: ['ignore', 'ignore', 'inherit'] });
  // A test run that is broken off leaves no process behind.
  process.once('exit', () => child.kill('SIGKILL'));
  await eventually(async () => (await fetch(url + paths.siteHealth)).ok);
  return {
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** The production's configuration with other folders and another port. */
async function configuration(folder: string, address: string, built: string): Promise<string> {
  const production = await readFile(resolve(import.meta.dirname, '../../nginx/nginx.conf'), 'utf8');
  const changes: [found: RegExp, put: string][] = [
    [/\/tmp\//g, `${folder}/`],
    [/listen 5000;/g, `listen ${address};`],
    [/root \/srv;/g, `root ${built};`],
    [/\/etc\/nginx\/pages\//g, `${built}/`],
    [/include mime\.types;/g, 'include /etc/nginx/mime.types;'],
    // In a worker of jest, standard error is a socket, which cannot be opened by its path.
    [/error_log \/dev\/stderr/g, 'error_log stderr'],
    // An access log says nothing to a test.
    [/access_log \/dev\/stdout json;/g, 'access_log off;'],
    // Debian's nginx, which is older than the image's, does not know it. It is about a stop alone.
    [/keepalive_min_timeout .*;/g, ''],
  ];
  return changes.reduce((text, [found, put]) => {
    if (text.search(found) === -1) throw new Error(`nginx.conf has no ${found}`);
    return text.replaceAll(found, put);
  }, production);
}
