import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../../../test/support/eventually.ts';
import { findTool } from '../../../../test/support/find-tool.ts';
import { freePort } from '../../../../test/support/ports.ts';

/** Path of Toxiproxy, if it is installed. */
export const toxiproxy = findTool('toxiproxy-server');

/** A network connection with injected faults. */
export interface Network {
  readonly host: string;
  readonly port: number;
  /** Adds a fault, such as `latency` with `{ latency: 300 }` (milliseconds), in both directions. */
  add(type: string, attributes: Record<string, number>): Promise<void>;
  /** Closes all connections and accepts no new ones. */
  cut(): Promise<void>;
  /** Removes all faults and accepts connections again. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Toxiproxy in front of a server. */
export async function startNetwork(upstream: { host: string; port: number }): Promise<Network> {
  const host = '127.0.0.1';
  const [control, port] = [await freePort(), await freePort()];
  const server: ChildProcess = spawn(toxiproxy ?? '', ['-host', host, '-port', String(control)], { stdio: 'ignore' });
  const killAtExit = () => server.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ask = async (path: string, body?: object) => {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`http://${host}:${control}${path}`, init);
    if (!answer.ok) throw new Error(`Toxiproxy answered ${answer.status} ${await answer.text()}`);
  };
  await eventually(async () => {
    await ask('/version');
    return true;
  });
  const name = 'database';
  await ask('/proxies', { name, listen: `${host}:${port}`, upstream: `${upstream.host}:${upstream.port}` });
  return {
    host,
    port,
    async add(type, attributes) {
      for (const stream of ['upstream', 'downstream']) {
        await ask(`/proxies/${name}/toxics`, { name: `${type}_${stream}`, type, stream, attributes });
      }
    },
    cut: () => ask(`/proxies/${name}`, { enabled: false }),
    restore: () => ask('/reset', {}),
    async stop() {
      process.off('exit', killAtExit);
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      await exited;
    },
  };
}
