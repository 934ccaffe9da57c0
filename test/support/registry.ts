import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

/** An image registry on this machine, for one test. Docker and containerd use plain HTTP with it. */
export interface Registry {
  /** Host and port, the first part of an image's name. */
  readonly address: string;
  /** Pushes a local image of Docker. @returns its name with digest, from which a cluster can pull it */
  push(image: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a registry that keeps its images in memory. @throws if `crane` is not installed or does not answer */
export async function startRegistry(): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn('crane', ['registry', 'serve', '--address', address], { stdio: 'ignore' });
  await once(server, 'spawn');
  await eventually(async () => (await fetch(`http://${address}/v2/`)).ok);

  return {
    address,
    async push(image) {
      const name = `${address}/${image}`;
      await promisify(execFile)('docker', ['tag', image, name]);
      const { stdout } = await promisify(execFile)('docker', ['push', name]);
      const digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1];
      if (digest === undefined) throw new Error(`Docker reported no digest:\n${stdout}`);
      return `${name.replace(/:[^:/]+$/, '')}@${digest}`;
    },
    async stop() {
      const exited = once(server, 'exit');
      server.kill();
      await exited;
    },
  };
}
