import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { texts } from '../command-texts.ts';

const run = promisify(execFile);

export interface PublishedChart {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
}

/**
 * The charts of others that a stack releases, by themselves or as a dependency of one of `infra/charts`.
 *
 * @param folder the stack's, as `synthesise` writes it
 */
export function publishedCharts(folder: string): PublishedChart[] {
  const { resource } = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  const releases: { chart: string; repository?: string; version: string }[] = Object.values(resource.helm_release);
  return releases.flatMap(({ chart, repository, version }) =>
    repository === undefined
      ? (parse(readFileSync(join(folder, chart, 'Chart.yaml'), 'utf8')).dependencies ?? [])
      : [{ name: chart, repository, version }],
  );
}

/**
 * Brings the definitions (CRDs) of charts in the cluster to the charts' versions. Helm creates them, and never changes
 * them: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
 *
 * @throws Error with what Helm or kubectl says. The charts before are done then, and doing them again changes nothing.
 */
export async function updateDefinitions(charts: readonly PublishedChart[], kubeconfig: string): Promise<void> {
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
