import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireProgram } from 'command-line';
import { type EnvironmentName, names } from 'platform';
import { parse, parseAllDocuments } from 'yaml';
import { texts } from '../command-texts.ts';
import { withCluster } from '../kubeconfig.ts';
import { readSettings } from '../settings.ts';

const run = promisify(execFile);

export interface PublishedChart {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
}

interface Release {
  readonly chart: string;
  /** Undefined for a chart of `infra/charts`. */
  readonly repository?: string;
  readonly version: string;
}

/** Terraform's state as JSON, as far as it is needed here. */
export interface State {
  readonly values?: {
    readonly root_module: {
      readonly resources?: readonly { readonly type: string; readonly name: string; readonly values: unknown }[];
    };
  };
}

/**
 * The charts of others that a stack releases, by themselves or as a dependency of one of `infra/charts`.
 *
 * @param folder the stack's, as `synthesise` writes it
 */
export function publishedCharts(folder: string): PublishedChart[] {
  return Object.values(releasesIn(folder)).flatMap((release) => chartsOf(release, folder));
}

/**
 * Those whose version a deployment changes. What it installs for the first time is not among them: Helm creates its
 * definitions. One of `infra/charts` counts as changed if anything in it is: its copy has a name that tells.
 *
 * @param state what is deployed
 * @param folder the stack's, as `synthesise` writes it
 */
export function changedCharts(state: State, folder: string): PublishedChart[] {
  const deployed = (state.values?.root_module.resources ?? []).filter(({ type }) => type === 'helm_release');
  if (deployed.length === 0) return [];
  const wanted = releasesIn(folder);
  return deployed.flatMap(({ name, values }) => {
    const [before, after] = [values as Release, wanted[name]];
    if (after === undefined) return [];
    const isSame = before.chart === after.chart && (!after.repository || before.version === after.version);
    return isSame ? [] : chartsOf(after, folder);
  });
}

function releasesIn(folder: string): Record<string, Release> {
  return JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8')).resource.helm_release;
}

function chartsOf({ chart, repository, version }: Release, folder: string): PublishedChart[] {
  return repository === undefined
    ? (parse(readFileSync(join(folder, chart, 'Chart.yaml'), 'utf8')).dependencies ?? [])
    : [{ name: chart, repository, version }];
}

/** @throws Error that names the one which is missing */
export function requirePrograms(): void {
  for (const program of ['aws', 'helm', 'kubectl']) requireProgram(program);
}

/**
 * Updates the definitions of charts in the cluster of an environment, with the credentials of the caller.
 *
 * @throws Error that says what is missing, or with what a program says
 */
export async function updateInCluster(environment: EnvironmentName, charts: readonly PublishedChart[]): Promise<void> {
  requirePrograms();
  const { region } = readSettings();
  await withCluster(names(environment).cluster, region, (file) => updateDefinitions(charts, file));
}

/**
 * Brings the definitions (CRDs) of charts in the cluster to the charts' versions. Helm creates them, and never changes
 * them: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
 *
 * @throws Error with what Helm or kubectl says. The charts before are done then, and doing them again changes nothing.
 */
async function updateDefinitions(charts: readonly PublishedChart[], kubeconfig: string): Promise<void> {
  for (const { name, repository, version } of charts) {
    const { stdout } = await run('helm', ['show', 'crds', name, '--repo', repository, '--version', version], {
      timeout: 120_000,
      maxBuffer: 64 * 1024 ** 2,
    });
    const definitions = parseAllDocuments(stdout).flatMap((document) => document.toJS()?.metadata.name ?? []);
    if (definitions.length > 0) await apply(stdout, kubeconfig);
    console.log(texts.crds.applied(`${name} ${version}`, definitions));
  }
}

async function apply(definitions: string, kubeconfig: string): Promise<void> {
  // By the server, because a definition is too long for the annotation of other applies. The fields are Helm's until then.
  const options = ['--server-side', '--force-conflicts', '--field-manager=infra-crds', `--kubeconfig=${kubeconfig}`];
  const running = run('kubectl', ['apply', ...options, '--filename=-'], { timeout: 120_000 });
  // A kubectl that ends before it has read them says why by its error.
  running.child.stdin?.on('error', () => undefined).end(definitions);
  await running;
}
