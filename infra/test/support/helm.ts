import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Block } from './synthesised.ts';

const run = promisify(execFile);

/** Helm without the user's own repositories and plugins. */
export async function helm(
  program: string,
  args: readonly string[],
  { timeout = 120_000 }: { timeout?: number } = {},
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'helm-'));
  const env = {
    ...process.env,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
  };
  try {
    return (await run(program, [...args], { env, timeout, maxBuffer: 64 * 1024 ** 2 })).stdout;
  } finally {
    await rm(home, { recursive: true });
  }
}

/** Another text for each kind of value, so that none can take the place of another. */
const standIn = (reference: string): string => {
  const [type, attribute] = [reference.split('.')[0], reference.split('.').at(-1)];
  return `${type}-${attribute}`.replaceAll('_', '-');
};

/**
 * The values of a release, the later overriding the earlier.
 *
 * @param computed returns a stand-in for a value that only Terraform knows, given its reference to it
 */
export function valuesOf(release: Block, computed = standIn): string[] {
  return release.values.map((text: string) =>
    text
      .replaceAll(/(?<!\$)\$\{([^}]*)\}/g, (_, reference: string) => computed(reference))
      // Terraform reads two dollars as one.
      .replaceAll('$${', '${'),
  );
}

/** Kinds of objects that are in no namespace. */
const clusterWide = /^(APIService|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|\w+WebhookConfiguration)$/;

export interface Rendering {
  /** Folder or archive of the chart. */
  readonly chart: string;
  readonly values: readonly string[];
  /** The cluster's, such as 1.36. */
  readonly kubernetes: string;
  /** Whether the release exists already. */
  readonly isUpgrade?: boolean;
}

/**
 * The objects that Helm would create of a release, its hooks and the definitions of its custom resources included, each
 * with its namespace.
 */
export async function render(program: string, release: Block, rendering: Rendering): Promise<Block[]> {
  // Helm would read the settings below in ways that `valuesOf` does not.
  if (release.set !== undefined) throw new Error(`${release.name} has values in \`set\``);
  const folder = await mkdtemp(join(tmpdir(), 'values-'));
  try {
    const files = rendering.values.map((_, index) => join(folder, `${index}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, rendering.values[index] ?? '')));
    const yaml = await helm(program, [
      ...['template', release.name, rendering.chart, '--namespace', release.namespace],
      ...['--kube-version', `${rendering.kubernetes}.0`, '--include-crds', '--skip-tests'],
      ...(rendering.isUpgrade ? ['--is-upgrade'] : []),
      ...files.flatMap((file) => ['--values', file]),
    ]);
    // Helm reads 0755 as Kubernetes means it, which YAML 1.2 does not.
    const objects = parseAllDocuments(yaml, { version: '1.1' }).map((document) => {
      if ('errors' in document && document.errors[0]) throw document.errors[0];
      return document.toJS();
    });
    return objects
      .filter((object) => object !== null)
      .map(({ kind, metadata, ...rest }) => {
        const namespace = clusterWide.test(kind) ? {} : { namespace: release.namespace };
        return { ...rest, kind, metadata: { ...namespace, ...metadata } };
      });
  } finally {
    await rm(folder, { recursive: true });
  }
}
