import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './processes.ts';

/** Docker CLI plugins that Debian lacks, or has only in a version without `up --wait`. */
const plugins = [
  { name: 'docker-compose', source: 'github.com/docker/compose/v2/cmd', version: 'v2.40.3' },
  { name: 'docker-buildx', source: 'github.com/docker/buildx/cmd/buildx', version: 'v0.38.2' },
] as const;

/** A Docker engine for this run only. */
export interface Engine {
  /** Environment variables that programs need to use the engine and its CLI plugins. */
  readonly env: Record<string, string>;
}

/**
 * Starts a Docker engine that shares no data, socket, bridge or firewall rules with one that may already run on the
 * machine. Its containers reach each other and this machine, but no other network.
 *
 * @param folder for its data and its log
 * @param cleanUp gets what stops it, before it answers
 * @throws if it does not answer within 60 s
 */
export async function startEngine(folder: string, cleanUp: (() => Promise<void>)[]): Promise<Engine> {
  const host = `unix://${join(folder, 'docker.sock')}`;
  const config = join(folder, 'config');
  const env = {
    DOCKER_HOST: host,
    DOCKER_CONFIG: config,
    DOCKER_BUILDKIT: '1',
    // Debian's client has BuildKit built in. A newer client earlier on PATH would need a plugin.
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
  // A program that is missing has an exit code, too.
  const exited = once(engine, 'exit').catch(() => undefined);
  cleanUp.push(async () => {
    engine.kill('SIGTERM');
    await exited;
  });
  for (const deadline = Date.now() + 60_000; ; await sleep(250)) {
    try {
      await run('docker', ['version'], { env });
      break;
    } catch (error) {
      if (engine.exitCode === null && Date.now() < deadline) continue;
      throw new Error(`The Docker engine did not start; see ${join(folder, 'dockerd.log')}`, { cause: error });
    }
  }
  return { env };
}

/** Builds Compose and buildx, and installs them as CLI plugins for this engine. */
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
