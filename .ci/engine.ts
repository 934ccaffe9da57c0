import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './processes.ts';

/** Plugins of Docker's client that Debian has not, or in a version without `up --wait`. */
const plugins = [
  { name: 'docker-compose', source: 'github.com/docker/compose/v2/cmd', version: 'v2.40.3' },
  { name: 'docker-buildx', source: 'github.com/docker/buildx/cmd/buildx', version: 'v0.38.2' },
] as const;

/** A Docker engine of this run's own. */
export interface Engine {
  /** What programs need in their environment to reach it, and its client's plugins. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts a Docker engine that shares nothing with one that may run on the machine already: neither data, socket and
 * bridge nor rules of the firewall. So its containers reach each other and this machine, but no other network.
 *
 * @param folder where its data and its log go
 * @throws if it does not answer within 60 s
 */
export async function startEngine(folder: string): Promise<Engine> {
  const host = `unix://${join(folder, 'docker.sock')}`;
  const config = join(folder, 'config');
  const env = {
    DOCKER_HOST: host,
    DOCKER_CONFIG: config,
    DOCKER_BUILDKIT: '1',
    // Debian's client can build with BuildKit by itself; a newer one found before it would ask for a plugin.
    PATH: `/usr/bin:${process.env.PATH}`,
  };
  await mkdir(folder, { recursive: true });
  const log = openSync(join(folder, 'dockerd.log'), 'w');
  const engine = spawn(
    'dockerd',
    [
      `--host=${host}`,
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const exited = once(engine, 'exit');
  const stop = async () => {
    engine.kill('SIGTERM');
    await exited;
  };
  for (const deadline = Date.now() + 60_000; ; await sleep(250)) {
    try {
      await run('docker', ['version'], { env });
      break;
    } catch (error) {
      if (engine.exitCode === null && Date.now() < deadline) continue;
      await stop();
      throw new Error(`The Docker engine did not start; see ${join(folder, 'dockerd.log')}`, { cause: error });
    }
  }
  return { env, stop };
}

/** Builds Compose and buildx and makes them known to this engine's client. */
export async function installPlugins(engine: Engine, folder: string): Promise<void> {
  for (const { name, source, version } of plugins) {
    const plugin = join(engine.env.DOCKER_CONFIG as string, 'cli-plugins', name);
    const module = join(folder, name);
    await mkdir(module, { recursive: true });
    await run('go', ['mod', 'init', name], { cwd: module });
    await run('go', ['get', '-tool', `${source}@${version}`], { cwd: module });
    await run('go', ['build', '-o', plugin, source], { cwd: module });
  }
}
