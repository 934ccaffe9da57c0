/** `node test/kubernetes/build.ts`: builds Kubernetes with Go, once. The programs are kept in the user's cache folder. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../support/find-tool.ts';
import { lock } from './lock.ts';
import { execute } from './programs.ts';

const here = import.meta.dirname;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubernetes-for-tests');

/** `control-plane` needs Go alone. `node`, the programs of a real node, also needs a C compiler and libseccomp. */
export type Part = 'control-plane' | 'node';
const parts: readonly Part[] = ['control-plane', 'node'];

/** Name of the image in `pause.tar`. Its container holds the namespaces of a pod. */
export const pauseImage = 'docker.io/local/pause:1';

/** Changes with the sources, so that a change builds the programs again. */
const key = hashOf('go.mod', 'go.sum', 'build.ts', 'pause/main.go');

/** Folder with the programs of a part. */
export function folderOf(part: Part): string {
  return join(cache, `${key}-${part}`);
}

export function isBuilt(part: Part): boolean {
  return existsSync(folderOf(part));
}

/** Builds a part, unless it is there. Several processes may ask at once: one builds, the others wait. */
export async function build(part: Part): Promise<void> {
  if (isBuilt(part)) return;
  await mkdir(cache, { recursive: true });
  const release = await lock(join(cache, 'lock'));
  try {
    if (isBuilt(part)) return;
    const missing = missingToBuild(part);
    if (missing !== undefined) throw new Error(`Kubernetes cannot be built here without ${missing}`);
    console.error(`Building Kubernetes (${part}) with Go. This takes several minutes, once.`);
    const folder = await mkdtemp(join(cache, 'building-'));
    try {
      await builders[part](folder);
      await rename(folder, folderOf(part));
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  } finally {
    release();
  }
}

/** What this machine lacks to build a part, and how to get it. A missing header would only show after minutes. */
function missingToBuild(part: Part): string | undefined {
  if (findTool('go') === undefined) return 'Go: https://go.dev/doc/install';
  if (part === 'control-plane') return undefined;
  if (findTool('gcc') === undefined || findTool('pkg-config') === undefined) {
    return 'a C compiler and pkg-config: apt-get install gcc libc6-dev pkg-config';
  }
  const hasSeccomp = spawnSync('pkg-config', ['--exists', 'libseccomp']).status === 0;
  return hasSeccomp ? undefined : 'the headers of libseccomp: apt-get install libseccomp-dev';
}

const builders: Readonly<Record<Part, (folder: string) => Promise<void>>> = {
  async 'control-plane'(folder) {
    const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    await buildTools(folder, ['go.etcd.io/etcd/server/v3', 'sigs.k8s.io/kwok/cmd/kwok'], kubernetes);
  },
  async node(folder) {
    await buildTools(folder, [], ['kubelet', 'kube-proxy']);
    // Not in go.mod, because their dependencies are not compatible with those of Kubernetes.
    const install = (...args: string[]) => go(['install', '-trimpath', ...args], { GOBIN: folder });
    const containerd = ['containerd', 'containerd-shim-runc-v2', 'ctr'];
    await install(...containerd.map((name) => `github.com/containerd/containerd/v2/cmd/${name}@v2.4.2`));
    await install('-tags', 'seccomp', 'github.com/opencontainers/runc@v1.5.2');
    await install('github.com/coredns/coredns@v1.15.0');
    await go(['build', '-C', 'pause', '-trimpath', '-o', join(folder, 'pause'), '.'], { CGO_ENABLED: '0' });
    await archiveImage(folder);
  },
};

/** Builds programs of the modules in go.mod. */
async function buildTools(folder: string, packages: readonly string[], kubernetes: readonly string[]): Promise<void> {
  const version = moduleVersion('k8s.io/kubernetes');
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const variables = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
  const set = variables.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`).join(' ');
  const all = [...packages, ...kubernetes.map((name) => `k8s.io/kubernetes/cmd/${name}`)];
  await go(['build', '-trimpath', '-ldflags', `-s -w ${set}`, '-o', `${folder}/`, ...all]);
}

/** Writes an image archive, as `docker save` does, whose only file is the program `pause`. */
async function archiveImage(folder: string): Promise<void> {
  const tar = (archive: string, ...files: string[]) => execute('tar', ['-C', folder, '-cf', archive, ...files]);
  const layer = join(folder, 'layer.tar');
  await tar(layer, 'pause');
  const digest = createHash('sha256')
    .update(await readFile(layer))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }];
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await tar(join(folder, 'pause.tar'), 'config.json', 'layer.tar', 'manifest.json');
}

/** Version of a module in go.mod, such as `v1.36.3`. */
export function moduleVersion(module: string): string {
  const found = new RegExp(`^\\s+${module} (v\\S+)`, 'm').exec(readFileSync(join(here, 'go.mod'), 'utf8'));
  if (!found?.[1]) throw new Error(`go.mod does not name ${module}`);
  return found[1];
}

async function go(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn('go', args, { cwd: here, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`go ${args[0]} exited with ${code}`);
}

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  return hash.digest('hex').slice(0, 16);
}

if (import.meta.main) for (const part of parts) await build(part);
