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

/** Real nodes. The pods' network exists only once on a machine, so all are of one cluster. */
export interface RealNodes {
  /** Options of containerd's client `ctr`, after its path, for the first node. */
  readonly ctr: readonly string[];
  /** Kills the second node: its programs and everything that runs on it. */
  lose(): Promise<void>;
  /** A new node joins in place of the lost one. */
  join(): Promise<void>;
  /** Removes pods, mounts and network. The programs must still run. */
  leave(): Promise<void>;
}

/** One node of this machine. */
interface Node {
  readonly name: string;
  /** Comes before the names of its programs. */
  readonly prefix: string;
  /** Letter of its zone in us-east-1. */
  readonly zone: string;
  readonly capacityType: 'ON_DEMAND' | 'SPOT';
  /** Of kubelet: where the API server forwards ports to pods, and where it tells its health. */
  readonly ports: { readonly kubelet: number; readonly health: number };
  /** Whether its pods' memory is also counted for each pod. Two nodes would delete each other's groups. */
  readonly hasPodGroups: boolean;
}

const single: Node = {
  name: 'real',
  prefix: '',
  zone: 'a',
  capacityType: 'SPOT',
  ports: { kubelet: 10250, health: 10248 },
  hasPodGroups: true,
};
/** As in prd: one on demand, the other on spot. */
const pair: readonly Node[] = [
  { ...single, capacityType: 'ON_DEMAND' },
  {
    name: 'second',
    prefix: 'second-',
    zone: 'b',
    capacityType: 'SPOT',
    ports: { kubelet: 10260, health: 10258 },
    hasPodGroups: false,
  },
];

/** Joins this machine to a cluster as the node `real`, or as two, once no other real node runs. */
export async function joinNodes(
  programs: Programs,
  folder: string,
  kubeconfig: string,
  isPair: boolean,
): Promise<RealNodes> {
  const release = await lock(join(tmpdir(), 'kubernetes-real-node.lock'));
  const file = (name: string) => join(folder, name);
  const program = (name: string) => join(folderOf('node'), name);
  // containerd looks for runc and its shim on the PATH.
  const env = { PATH: `${folderOf('node')}:${process.env.PATH}` };
  const nodes = isPair ? pair : [single];
  const ctrOf = (node: Node) =>
    [program('ctr'), `--address=${file(`${node.prefix}containerd.sock`)}`, '--namespace=k8s.io'] as const;
  const runCtr = (node: Node, ...args: string[]) => {
    const [ctr, ...options] = ctrOf(node);
    return execute(ctr, [...options, ...args]);
  };

  await mkdir(file('cni'));
  await writeFile(file('cni/pods.conflist'), JSON.stringify(network));
  // The network plugin would create the bridge for the first pod, but kubelet and the DNS server need its address now. A
  // run that was killed may have left one.
  await attempt(execute('ip', ['link', 'delete', bridge]));
  await execute('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await execute('ip', ['address', 'add', `${machine}/24`, 'dev', bridge]);
  await execute('ip', ['link', 'set', bridge, 'up']);

  for (const node of nodes) {
    const { prefix, ports } = node;
    await writeFile(file(`${prefix}containerd.toml`), containerdSettings(folder, prefix));
    const options = [`--config=${file(`${prefix}containerd.toml`)}`];
    programs.start(`${prefix}containerd`, program('containerd'), options, env);
    await programs.until('containerd', async () => (await runCtr(node, 'version')) !== '');
    await runCtr(node, 'image', 'import', program('pause.tar'));
    await writeFile(file(`${prefix}kubelet.yaml`), JSON.stringify(kubeletSettings(folder, node)));
    programs.start(
      `${prefix}kubelet`,
      program('kubelet'),
      [
        `--kubeconfig=${kubeconfig}`,
        `--config=${file(`${prefix}kubelet.yaml`)}`,
        `--root-dir=${file(`${prefix}kubelet`)}`,
        `--cert-dir=${file(`${prefix}kubelet/pki`)}`,
        `--hostname-override=${node.name}`,
        `--node-ip=${machine}`,
        `--node-labels=${[
          `eks.amazonaws.com/capacityType=${node.capacityType}`,
          'topology.kubernetes.io/region=us-east-1',
          `topology.kubernetes.io/zone=us-east-1${node.zone}`,
        ].join()}`,
      ],
      env,
    );
    // Else the second one could take the first one's ports before it listens.
    await programs.until('kubelet', async () => (await fetch(`http://127.0.0.1:${ports.health}/healthz`)).ok);
  }
  await writeFile(file('kube-proxy.yaml'), JSON.stringify(proxySettings(kubeconfig)));
  const proxyOptions = [`--config=${file('kube-proxy.yaml')}`];
  programs.start('kube-proxy', program('kube-proxy'), proxyOptions);

  await writeFile(file('Corefile'), dnsSettings(kubeconfig));
  programs.start('coredns', program('coredns'), ['-conf', file('Corefile')]);

  const tasks = async (node: Node) => (await runCtr(node, 'tasks', 'ls', '--quiet')).split('\n').filter(Boolean);
  const killTasks = async (node: Node) => {
    for (const task of await tasks(node).catch(() => []))
      await attempt(runCtr(node, 'tasks', 'kill', '--signal=SIGKILL', task));
  };
  const second = () => {
    const [, node] = nodes;
    if (node === undefined) throw new Error('There is only one node');
    return node;
  };

  return {
    ctr: ctrOf(single),
    async lose() {
      // kubelet first: it would start the containers again.
      await programs.end(`${second().prefix}kubelet`);
      await killTasks(second());
      await programs.end(`${second().prefix}containerd`);
    },
    async join() {
      programs.startAgain(`${second().prefix}containerd`);
      await eventually(async () => (await runCtr(second(), 'version')) !== '');
      programs.startAgain(`${second().prefix}kubelet`);
    },
    async leave() {
      const workloads = 'deployments,statefulsets,daemonsets,jobs,pods';
      const now = ['--all', '--all-namespaces', '--grace-period=0', '--force', '--wait=false'];
      await attempt(kubectl(kubeconfig, ['delete', workloads, ...now]));
      for (const node of nodes) {
        // kubelet stops the pods' containers and removes their network, the containers of the namespaces last.
        await attempt(eventually(async () => (await tasks(node)).length === 0, 30_000));
        await killTasks(node);
      }
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

function containerdSettings(folder: string, prefix: string): string {
  return `version = 3
root = "${folder}/${prefix}root"
state = "${folder}/${prefix}state"
[grpc]
  address = "${folder}/${prefix}containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pauseImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${networkPlugins}"]
    conf_dir = "${folder}/cni"
`;
}

function kubeletSettings(folder: string, { hasPodGroups, ports, prefix }: Node): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    // Where the API server forwards ports to pods. Only this machine and its pods reach it.
    address: machine,
    port: ports.kubelet,
    healthzPort: ports.health,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${folder}/${prefix}containerd.sock`,
    ...(!hasPodGroups && { cgroupsPerQOS: false, enforceNodeAllocatable: [] }),
    // kubelet deletes the logs of pods that are not its own.
    ...(prefix !== '' && { podLogsDir: `${folder}/${prefix}logs` }),
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
