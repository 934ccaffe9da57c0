import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';
import { folderOf } from './build.ts';
import { kubectl, type Programs } from './programs.ts';

/**
 * Starts a control plane on the loopback interface.
 *
 * @param folder for its data
 * @returns the path of a kubeconfig with all rights
 */
export async function startControlPlane(programs: Programs, folder: string): Promise<string> {
  const program = (name: string) => join(folderOf('control-plane'), name);
  const file = (name: string) => join(folder, name);
  const [clients, peers] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const port = await freePort();
  const token = randomUUID();
  const kubeconfig = file('kubeconfig');
  const key = file('service-account.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(file('tokens.csv'), `${token},admin,admin,system:masters\n`);
  await writeFile(kubeconfig, JSON.stringify(configuration(port, token)));

  programs.start('etcd', program('server'), [
    `--data-dir=${file('etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
  ]);
  programs.start('kube-apiserver', program('kube-apiserver'), [
    `--etcd-servers=${clients}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${file('certificates')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged',
    '--kubelet-preferred-address-types=InternalIP',
  ]);
  await programs.until('The API server', async () => (await kubectl(kubeconfig, ['get', '--raw=/readyz'])) === 'ok');
  const common = [`--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1', '--secure-port=0', '--leader-elect=false'];
  programs.start('kube-controller-manager', program('kube-controller-manager'), [
    ...common,
    `--service-account-private-key-file=${key}`,
    `--root-ca-file=${join(file('certificates'), 'apiserver.crt')}`,
  ]);
  programs.start('kube-scheduler', program('kube-scheduler'), common);
  return kubeconfig;
}

/** A kubeconfig. The API server makes its own certificate, which nothing signs. */
function configuration(port: number, token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'loopback', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'loopback', context: { cluster: 'loopback', user: 'admin' } }],
    'current-context': 'loopback',
  };
}
