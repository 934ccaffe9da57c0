import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { folderOf, pauseImage } from './build.ts';
import { lock } from './lock.ts';
import { execute, kubectl, type Programs } from './programs.ts';

/** Where Debian's package containernetworking-plugins puts them. */
export const networkPlugins = '/usr/lib/cni';

const bridge = 'pods0';
const podNetwork = '10.244.0.0/24';
/** This machine's address for the pods and the API server, where it also answers DNS queries. */
const machine = '10.244.0.1';

/** A real node. The pods' network and kubelet's ports exist only once on a machine. */
export interface RealNode {
  /** Options of containerd's client `ctr`, after its path. */
  readonly ctr: readonly string[];
  /** Removes pods, mounts and network. The programs must still run. */
  leave(): Promise<void>;
}

/** Joins this machine to a cluster as the node `real`, once no other real node runs. */
export async function joinNode(programs: Programs, folder: string, kubeconfig: string): Promise<RealNode> {
  const release = await lock(join(tmpdir(), 'kubernetes-real-node.lock'));
  const file = (name: string) => join(folder, name);
  const program = (name: string) => join(folderOf('node'), name);
  // containerd looks for runc and its shim on the PATH.
  const env = { PATH: `${folderOf('node')}:${process.env.PATH}` };
  const ctr = [program('ctr'), `--address=${file('containerd.sock')}`, '--namespace=k8s.io'] as const;
  const runCtr = (...args: string[]) => execute(ctr[0], [...ctr.slice(1), ...args]);

  await mkdir(file('cni'));
  await writeFile(file('cni/pods.conflist'), JSON.stringify(network));
  await writeFile(file('containerd.toml'), containerdSettings(folder));
  programs.start('containerd', program('containerd'), [`--config=${file('containerd.toml')}`], env);
  await programs.until('containerd', async () => (await runCtr('version')) !== '');
  await runCtr('image', 'import', program('pause.tar'));

  // The network plugin would create the bridge for the first pod, but kubelet and the DNS server need its address now. A
  // run that was killed may have left one.
  await attempt(execute('ip', ['link', 'delete', bridge]));
  await execute('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await execute('ip', ['address', 'add', `${machine}/24`, 'dev', bridge]);
  await execute('ip', ['link', 'set', bridge, 'up']);

  await writeFile(file('kubelet.yaml'), JSON.stringify(kubeletSettings(folder)));
  programs.start(
    'kubelet',
    program('kubelet'),
    [
      `--kubeconfig=${kubeconfig}`,
      `--config=${file('kubelet.yaml')}`,
      `--root-dir=${file('kubelet')}`,
      `--cert-dir=${file('kubelet/pki')}`,
      '--hostname-override=real',
      `--node-ip=${machine}`,
      `--node-labels=${[
        'eks.amazonaws.com/capacityType=SPOT',
        'topology.kubernetes.io/region=us-east-1',
        'topology.kubernetes.io/zone=us-east-1a',
      ].join()}`,
    ],
    env,
  );
  await writeFile(file('kube-proxy.yaml'), JSON.stringify(proxySettings(kubeconfig)));
  const proxyOptions = [`--config=${file('kube-proxy.yaml')}`];
  programs.start('kube-proxy', program('kube-proxy'), proxyOptions);

  await writeFile(file('Corefile'), dnsSettings(kubeconfig));
  programs.start('coredns', program('coredns'), ['-conf', file('Corefile')]);

  return {
    ctr,
    async leave() {
      const workloads = 'deployments,statefulsets,daemonsets,jobs,pods';
      const now = ['--all', '--all-namespaces', '--grace-period=0', '--force', '--wait=false'];
      await attempt(kubectl(kubeconfig, ['delete', workloads, ...now]));
      // kubelet stops the pods' containers and removes their network, the containers of the namespaces last.
      const tasks = async () => (await runCtr('tasks', 'ls', '--quiet')).split('\n').filter(Boolean);
      await attempt(eventually(async () => (await tasks()).length === 0, 30_000));
      for (const task of await tasks().catch(() => []))
        await attempt(runCtr('tasks', 'kill', '--signal=SIGKILL', task));
      await attempt(execute(program('kube-proxy'), [...proxyOptions, '--cleanup']));
      await unmountBelow(folder);
      await attempt(execute('ip', ['link', 'delete', bridge]));
      release();
    },
  };
}

/** A step of tidying up. If it fails, the next ones are still worth a try. */
async function attempt(step: Promise<unknown>): Promise<void> {
  await step.catch(() => undefined);
}

async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts
    .filter((path) => path.startsWith(folder))
    .sort()
    .reverse()) {
    await attempt(execute('umount', ['--lazy', mount]));
  }
}

const network = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge,
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

function containerdSettings(folder: string): string {
  return `version = 3
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pauseImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${networkPlugins}"]
    conf_dir = "${folder}/cni"
`;
}

function kubeletSettings(folder: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    // Where the API server forwards ports to pods. Only this machine and its pods reach it.
    address: machine,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
    clusterDNS: [machine],
    clusterDomain: 'cluster.local',
    // By default no pod starts once the disk has less than 15 % free, which on a large disk is plenty for the tests.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1Gi', 'imagefs.available': '1Gi' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}

function proxySettings(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig },
    hostnameOverride: 'real',
    clusterCIDR: podNetwork,
    // The machine's own limits of connections stay as they are.
    conntrack: { maxPerCore: 0, min: 0 },
  };
}

function dnsSettings(kubeconfig: string): string {
  return `.:53 {
  bind ${machine}
  kubernetes cluster.local {
    kubeconfig ${kubeconfig} loopback
  }
}
`;
}
