import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { helm } from './helm.ts';
import type { Block, Synthesised } from './synthesised.ts';

/** A chart of others, in the version that we use. */
export interface PublishedChart {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
}

const ours = resolve(import.meta.dirname, '../../charts');

/** Our charts, by the releases that use them. */
const localCharts: Readonly<Record<string, string>> = {
  signoz: 'signoz',
  'signoz-binding': 'target-group-binding',
  'signoz-maintenance': 'signoz-maintenance',
};

/** The folder of the chart of ours that a release uses. Undefined, if its chart is published by others. */
export function localChart(release: Block): string | undefined {
  if (release.repository !== undefined) return undefined;
  const chart = localCharts[release.name];
  if (chart === undefined) throw new Error(`Which folder has the chart of ${release.name}? Add it to \`localCharts\``);
  return join(ours, chart);
}

/** The charts of others that the releases of a stack use, by themselves or as the dependency of a chart of ours. */
export async function publishedChartsOf(stack: Synthesised): Promise<PublishedChart[]> {
  const charts = await Promise.all(
    stack.some('helm_release').map(async ({ chart, repository, version, ...release }) => {
      const folder = localChart({ repository, ...release });
      if (folder === undefined) return [{ name: chart, repository, version }];
      return (await readYaml(join(folder, 'Chart.yaml'))).dependencies ?? [];
    }),
  );
  return charts.flat();
}

/** Helm's repositories cannot be reached from here. */
export class Unreachable extends Error {}

/**
 * A chart's archive, from the folder `HELM_CHARTS` if that is set, else from the user's cache, else from its repository.
 *
 * @throws Unreachable if its repository does not answer; Error if it answers that it has no such chart or version
 */
export async function fetchChart(
  program: string,
  { name, repository, version }: PublishedChart,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const file = `${name}-${version}.tgz`;
  if (env.HELM_CHARTS !== undefined) {
    const given = resolve(env.HELM_CHARTS);
    if (!(await readdir(given)).includes(file)) throw new Error(`HELM_CHARTS=${given} has no ${file}`);
    return join(given, file);
  }
  const cache = join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'helm-charts-for-tests');
  await mkdir(cache, { recursive: true });
  const cached = join(cache, file);
  // A published version never changes.
  if ((await readdir(cache)).includes(file)) return cached;
  const folder = await mkdtemp(join(tmpdir(), 'chart-'));
  try {
    const options = ['--repo', repository, '--version', version, '--destination', folder];
    await helm(program, ['pull', name, ...options], { timeout: 30_000 });
  } catch (error) {
    const { killed, stderr = '' } = error as { killed?: boolean; stderr?: string };
    // A repository that is not there any more answers 404.
    const isAway =
      killed || (/cannot be reached|dial tcp|timeout|failed to fetch/i.test(stderr) && !/\b404\b/.test(stderr));
    throw isAway ? new Unreachable(`${repository} does not answer`) : error;
  }
  // Whole or not at all, for other tests that read it meanwhile.
  const partial = join(cache, `${file}-${process.pid}`);
  await copyFile(join(folder, file), partial);
  await rename(partial, cached);
  return cached;
}

/** Charts as folders, each with its dependencies below `charts`, as Helm needs them to render. */
export class ChartFolders {
  readonly #program: string;
  readonly #folders = new Map<string, Promise<string>>();

  constructor(program: string) {
    this.#program = program;
  }

  of(release: Block): Promise<string> {
    const found = this.#folders.get(release.name) ?? this.#unpack(release);
    this.#folders.set(release.name, found);
    return found;
  }

  async #unpack(release: Block): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'chart-'));
    const local = localChart(release);
    if (local === undefined) {
      const { chart, repository, version } = release;
      return this.#extract({ name: chart, repository, version }, folder);
    }
    await cp(local, folder, { recursive: true });
    const { dependencies = [] } = await readYaml(join(folder, 'Chart.yaml'));
    for (const dependency of dependencies) await this.#extract(dependency, join(folder, 'charts'));
    return folder;
  }

  async #extract(chart: PublishedChart, folder: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    const archive = await fetchChart(this.#program, chart);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', folder]);
    return join(folder, chart.name);
  }
}

export async function readYaml(file: string): Promise<Block> {
  return parse(await readFile(file, 'utf8')) ?? {};
}
