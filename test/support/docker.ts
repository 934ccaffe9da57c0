import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findTool } from './find-tool.ts';

const root = join(import.meta.dirname, '../..');

/** Path of Docker's client, if it reaches an engine. */
export function usableDocker(): string | undefined {
  const docker = findTool('docker');
  return docker !== undefined && spawnSync(docker, ['version'], { stdio: 'ignore' }).status === 0 ? docker : undefined;
}

/**
 * Builds an application's image from a copy of the repository. Its tag is the application's name by default.
 *
 * Base images are taken by their tags, without digests: a machine without an image registry has stand-ins under the tags.
 */
export async function buildImage(application: string, tag = application, repository = root): Promise<void> {
  const dockerfile = await readFile(join(repository, 'apps', application, 'Dockerfile'), 'utf8');
  const input = dockerfile.replaceAll(/^(FROM .*?)@sha256:[0-9a-f]{64}/gm, '$1');
  await build(['--network=host', '--file=-', `--tag=${tag}`, '.'], repository, input);
}

/** Builds an image from another one and the lines of a Dockerfile. */
export async function deriveImage(from: string, tag: string, ...lines: readonly string[]): Promise<void> {
  await build([`--tag=${tag}`, '-'], root, `FROM ${from}\n${lines.join('\n')}\n`);
}

async function build(args: readonly string[], cwd: string, input = ''): Promise<void> {
  const env = { ...process.env, DOCKER_BUILDKIT: '1' };
  const child = spawn('docker', ['build', ...args], { cwd, env, stdio: 'pipe' });
  child.stdin.end(input);
  const [errors, , [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`docker build ${args.join(' ')} exited with ${code}:\n${errors}`);
}
