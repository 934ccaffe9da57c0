import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';
import type { NameServer } from './name-server.ts';

/** A replica of the site: nginx with the production configuration and the pages of one build. */
export interface Replica {
  readonly url: string;
  /** Used instead of /tmp, the only folder that nginx may write to. Its access.log and error.log are here, too. */
  readonly folder: string;
  stop(): Promise<void>;
}

/**
 * Starts a replica on a port of the loopback interface.
 *
 * @param nginx path of the program
 * @param pages the folder that `buildSite` returned
 * @param api port of an API to forward requests to, as in Compose, and the DNS server that knows its address
 */
export async function startReplica(
  nginx: string,
  pages: string,
  api?: { port: number; nameServer: NameServer },
): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const settings = await mkdtemp(join(tmpdir(), 'nginx-conf-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = join(settings, 'nginx.conf');
  await writeFile(file, await configuration(folder, settings, new URL(url).host, dirname(pages)));
  await mkdir(join(settings, 'server.d'));
  if (api) await writeFile(join(settings, 'server.d/backend.conf'), await forwardingTo(api.port, api.nameServer));
  // As root, nginx would switch to a user that must not read the files.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  const child = spawn(nginx, ['-c', file, '-e', 'stderr', ...user], { stdio: ['ignore', 'ignore', 'inherit'] });
  // An aborted test run leaves no process behind.
  process.once('exit', () => child.kill('SIGKILL'));
  await eventually(async () => (await fetch(url + paths.siteHealth)).ok);
  return {
    url,
    folder,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
      await Promise.all([folder, settings].map((path) => rm(path, { recursive: true })));
    },
  };
}

/** The production configuration with other folders, another port and shorter timeouts. */
async function configuration(folder: string, settings: string, address: string, built: string): Promise<string> {
  return changed('nginx.conf', [
    [/\/tmp\//g, `${folder}/`],
    [/listen 5000;/g, `listen ${address};`],
    [/root \/srv;/g, `root ${built};`],
    [/\/etc\/nginx\/pages\//g, `${built}/`],
    [/\/etc\/nginx\/server\.d\//g, `${settings}/server.d/`],
    [/include mime\.types;/g, 'include /etc/nginx/mime.types;'],
    [/error_log \/dev\/stderr/g, `error_log ${folder}/error.log`],
    [/access_log \/dev\/stdout/g, `access_log ${folder}/access.log`],
    // So that no test waits long.
    [/client_header_timeout 10s;/g, 'client_header_timeout 1s;'],
    [/client_body_timeout 10s;/g, 'client_body_timeout 1s;'],
    // Debian's nginx is older than the image's and does not support it. It only matters at shutdown.
    [/keepalive_min_timeout .*;/g, ''],
  ]);
}

/** The configuration that Compose adds, with another port, and a DNS server that is asked again after a second. */
function forwardingTo(port: number, nameServer: NameServer): Promise<string> {
  return changed('backend.conf', [
    [/resolver 127\.0\.0\.11 valid=5s;/g, `resolver ${nameServer.host} valid=1s;`],
    [/calculadora-api:7000/g, `calculadora-api:${port}`],
    // Debian's nginx does not support it.
    [/add_header_inherit off;/g, ''],
  ]);
}

async function changed(file: string, changes: [found: RegExp, put: string][]): Promise<string> {
  const production = await readFile(resolve(import.meta.dirname, '../../nginx', file), 'utf8');
  return changes.reduce((text, [found, put]) => {
    if (text.search(found) === -1) throw new Error(`${file} has no ${found}`);
    return text.replaceAll(found, put);
  }, production);
}
