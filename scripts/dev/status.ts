import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Application } from 'platform';
import { applications } from 'platform/applications';
import { partsOf } from '../../infra/constructs/status/parts.ts';
import { bundle } from '../../infra/functions/bundle.ts';
import {
  addMeasurement,
  type Content,
  type Figures,
  type Measurement,
} from '../../infra/functions/status/src/figures.ts';
import { pageFiles } from '../../infra/functions/status/src/files.ts';

/** Milliseconds. Shorter than in an environment, where the function runs every minute. */
const measureEvery = 5_000;
const answerTimeout = 2_000;
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

/** Serves the status page of the applications on this machine, and measures them. */
export async function startStatusPage(port: number, addressOf: (application: string) => string): Promise<void> {
  const parts = partsOf(applications, '', []).map(({ content }) => content);
  const content: Content = { environment: 'local', timeZone, parts };
  let figures: Figures | undefined;
  const measure = async () => {
    figures = addMeasurement(figures, await measureAll(addressOf), new Date(), timeZone);
  };
  setInterval(measure, measureEvery).unref();
  await serveStatusPage(port, {
    '/content.json': () => content,
    '/figures.json': () => figures,
    '/incidents.json': () => [],
  });
}

/**
 * Serves the page below `/status`, as CloudFront does.
 *
 * @param data the JSON files. Undefined: missing
 */
export async function serveStatusPage(
  port: number,
  data: Readonly<Record<string, () => object | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const [isBelow, path = ''] = /^\/status(\/[^?]*)?(\?|$)/.exec(url) ?? [];
    const json = data[path]?.();
    const file = isBelow === undefined ? undefined : pageFiles.find((some) => some.path === path);
    if (json) response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
    else if (file) {
      // Bundled on the first visit, because it takes most of a second.
      const body = readFileSync(`${bundle('status/page')}/${file.file}`);
      response.writeHead(200, { 'content-type': file.type, ...headers }).end(body);
    } else response.writeHead(404).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The state of each application, and of the database: an application with one is healthy only while that answers. */
export async function measureAll(
  addressOf: (application: string) => string,
  all: readonly Application[] = applications,
): Promise<Record<string, Measurement>> {
  const measured = await Promise.all(
    all.map(async (application) => [application, await isHealthy(application, addressOf)] as const),
  );
  const stateOf = (isUp: boolean): Measurement => ({ state: isUp ? 'works' : 'out', alarms: [] });
  return {
    ...Object.fromEntries(measured.map(([{ name }, isUp]) => [name, stateOf(isUp)])),
    database: stateOf(measured.every(([{ database }, isUp]) => database === undefined || isUp)),
  };
}

/** Without a database, by its page: the site's health path is nginx's, which does not run here. */
function isHealthy({ database, dev, healthPath, name }: Application, addressOf: (application: string) => string) {
  const path = database === undefined ? (dev.pages[0]?.path ?? healthPath) : healthPath;
  return fetch(addressOf(name) + path, { signal: AbortSignal.timeout(answerTimeout) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
