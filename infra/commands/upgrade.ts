/** `pnpm infra upgrade`: raises the versions of a cluster that an environment file pins. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand, environmentWord, Refused } from 'command-line';
import type { EnvironmentName } from 'platform';
import { texts } from '../command-texts.ts';
import { askIn } from '../doctor/aws.ts';
import { environments } from '../environments/all.ts';
import { addons, type ClusterChoices } from '../environments/environment.ts';
import { hasAws, requireCaller } from '../prerequisites.ts';
import { readSettings } from '../settings.ts';
import { preflight } from '../upgrade/preflight.ts';
import {
  newer,
  newestAutoscaler,
  type Raise,
  raises,
  recommended,
  refusalOfStep,
  type Versions,
  withRaised,
} from '../upgrade/versions.ts';

const text = texts.upgrade;

export const command = defineCommand({
  description: {
    pt: 'mostra que versões do cluster podem subir, e o que impediria; --write muda o arquivo do ambiente',
    en: 'shows which versions of the cluster can be raised, and what is in the way; --write changes the environment file',
  },
  words: {
    environment: environmentWord,
    version: { name: { pt: 'versão-do-kubernetes', en: 'kubernetes-version' }, optional: true, read: readVersion },
  },
  options: {
    write: {
      description: { pt: 'muda infra/environments/<ambiente>.ts', en: 'changes infra/environments/<environment>.ts' },
    },
    'skip-cluster': {
      description: { pt: 'não pergunta nada ao cluster', en: 'asks the cluster nothing' },
    },
  },
  run: ({ environment, version }, { write, 'skip-cluster': skipsCluster }) =>
    upgrade(environment, version, { writes: write, skipsCluster }),
});

function readVersion(given: string): string {
  if (!/^1\.\d\d$/.test(given)) throw new Refused(text.noVersion(given));
  return given;
}

/**
 * dev gets what AWS recommends. prd gets what dev has, so that nothing reaches prd that dev did not run first.
 *
 * @param folder the environment files
 * @returns 1 if something is in the way, and then nothing is written
 */
export async function upgrade(
  environment: EnvironmentName,
  given: string | undefined,
  { writes, skipsCluster }: { readonly writes: boolean; readonly skipsCluster: boolean },
  folder = resolve(import.meta.dirname, '../environments'),
): Promise<number> {
  const settings = readSettings();
  const pinned = environments[environment].cluster;
  const version = given ?? (environment === 'prd' ? environments.dev.cluster.version : pinned.version);
  const refusal = refusalOfStep(environment, pinned.version, version);
  if (refusal) throw new Refused(refusal);
  const ask = askIn(settings.region);
  if (environment === 'dev' || !skipsCluster) requireAws();
  const wanted = environment === 'prd' ? ofDev(version) : await ofAws(pinned, version, ask);
  const all = raises(pinned, wanted);
  console.log(`${environment}: Kubernetes ${pinned.version}${version === pinned.version ? '' : ` → ${version}`}`);
  for (const { from, path, to } of all) console.log(`  ${path.padEnd(30)} ${from} → ${to}`);
  if (all.length === 0) console.log(`  ${text.nothingToRaise.replace('\n', '\n  ')}`);
  const notes = all.find(({ path }) => path === 'nodeRelease');
  if (notes) console.log(`  ${releaseNotes(notes)}`);
  const findings = skipsCluster || all.length === 0 ? [] : await preflight(environment, wanted, settings, ask);
  for (const { blocks, text: found } of findings) console.log(`\n${blocks ? '✗' : '!'} ${found.replace('\n', '\n  ')}`);
  if (findings.some(({ blocks }) => blocks)) {
    console.log(`\n${text.inTheWay}`);
    return 1;
  }
  if (all.length === 0) return 0;
  if (writes) {
    const file = resolve(folder, `${environment}.ts`);
    writeFileSync(file, withRaised(readFileSync(file, 'utf8'), all));
    console.log(`\n${text.written(environment)}`);
  } else console.log(`\n${text.toWrite(environment, version === pinned.version ? undefined : version, skipsCluster)}`);
  return 0;
}

function requireAws(): void {
  if (!hasAws()) throw new Refused(texts.doctor.noAws);
  requireCaller();
}

function ofDev(version: string): Versions {
  const { dev } = environments;
  if (dev.cluster.version !== version) throw new Refused(text.devFirst(version, dev.cluster.version));
  return dev.cluster;
}

async function ofAws(pinned: ClusterChoices, version: string, ask: ReturnType<typeof askIn>): Promise<Versions> {
  const [{ nodeRelease, addons: found }, image] = await Promise.all([
    recommended(pinned, version, ask),
    newestAutoscaler(version),
  ]);
  const unanswered = [...(nodeRelease ? [] : ['nodeRelease']), ...addons.filter((name) => found[name] === undefined)];
  if (nodeRelease === undefined || unanswered.length > 0) throw new Refused(text.unanswered(version, unanswered));
  // The registry is not AWS's: without its answer, AWS's security fixes are still raised.
  if (image === undefined && version !== pinned.version) throw new Refused(text.noAutoscaler(version));
  if (image === undefined) console.log(`! ${text.sameAutoscaler(pinned.autoscaler).replace('\n', '\n  ')}\n`);
  const autoscaler = newer(pinned.autoscaler, image ?? pinned.autoscaler);
  return { version, nodeRelease, autoscaler, addons: { ...pinned.addons, ...found } };
}

/** AWS tells there which security fixes an image brings. */
const releaseNotes = ({ to }: Raise): string =>
  `https://github.com/awslabs/amazon-eks-ami/releases/tag/v${to.split('-')[1]}`;
