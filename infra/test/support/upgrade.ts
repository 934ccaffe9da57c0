/** `pnpm infra upgrade` with an AWS that has newer versions. */
import { dev } from '../../environments/dev.ts';
import { addons } from '../../environments/environment.ts';
import { answering } from './aws-answers.ts';
import { infra } from './command.ts';

const { cluster } = dev;
export const next = `1.${Number(cluster.version.split('.')[1]) + 1}`;
export const afterNext = `1.${Number(cluster.version.split('.')[1]) + 2}`;
export const group = 'desafio-aws-dev-spot-1';

/** An add-on with AWS's default version, among older ones. */
export const offered = (version: string, preset: string, ...others: string[]) => ({
  addons: [
    {
      addonVersions: [preset, ...others].map((addonVersion) => ({
        addonVersion,
        compatibilities: [{ clusterVersion: version, defaultVersion: addonVersion === preset }],
      })),
    },
  ],
});

/** AWS with newer versions, and a cluster that can be upgraded. Own answers come first. */
export const answers = (version: string, own: Record<string, object | string> = {}) => ({
  ...own,
  ...usual(version),
  ...own,
});

const usual = (version: string) => ({
  'get-parameter': { Parameter: { Value: `${version}.9-20261110` } },
  ...Object.fromEntries(
    addons.map((name) => [
      `--kubernetes-version ${version} --addon-name ${name} `,
      offered(version, name === 'kube-proxy' ? `v${version}.9-eksbuild.1` : 'v9.9.9-eksbuild.9', cluster.addons[name]),
    ]),
  ),
  'describe-cluster --name desafio-aws-dev': { cluster: { version: cluster.version, status: 'ACTIVE' } },
  'list-insights': { insights: [{ name: 'Kubelet version skew', insightStatus: { status: 'PASSING' } }] },
  'list-nodegroups': { nodegroups: [group] },
  'describe-nodegroup': { nodegroup: { status: 'ACTIVE', health: { issues: [] } } },
  'get-service-quota': { Quota: { Value: 64 } },
  'update-kubeconfig': 'true',
});

/** Images of the autoscaler, as its registry lists them: sorted as texts, and not only what was released. */
export const images = ['1.35', cluster.version, next].flatMap((version) =>
  ['.0', '.10', '.11-rc.1', '.9'].map((patch) => `v${version}${patch}`),
);

/** A PodDisruptionBudget as kubectl lists it. */
export const budget = (name: string, disruptionsAllowed: number, expectedPods: number) => ({
  metadata: { name, namespace: 'applications' },
  status: { disruptionsAllowed, expectedPods },
});

/** A stand-in for kubectl: a shell script. */
export function kubectl(budgets: object[] = [budget('api', 1, 2)], releases: object[] | null = []): string {
  // An answer can be long: a release has up to a megabyte.
  return `printf '%2000000s'
case "$*" in
  *poddisruptionbudgets*) echo '${JSON.stringify({ items: budgets })}';;
  *customresourcedefinitions*) echo '{"items":[]}';;
  *configmaps*owner=helm*) ${releases ? `echo '${JSON.stringify({ items: releases })}'` : 'exit 1'};;
esac`;
}

/** @param inside kubectl, as a shell script */
export function upgrade(
  args: string[],
  own: Record<string, object | string> = {},
  inside = kubectl(),
  env: Record<string, string> = { TEST_AUTOSCALER_IMAGES: images.join(',') },
) {
  const version = args[1] ?? cluster.version;
  return infra(['upgrade', ...args], env, { aws: answering(answers(version, own)), kubectl: inside });
}
