/** `node test/kubernetes/with.ts [--real] COMMAND…`: runs a command with KUBECONFIG of a cluster that ends with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Cluster } from '../support/cluster.ts';

const isReal = process.argv[2] === '--real';
const [command, ...args] = process.argv.slice(isReal ? 3 : 2);
if (command === undefined) {
  console.error('node test/kubernetes/with.ts [--real] COMMAND…');
  process.exit(2);
}
const cluster = await Cluster.start(isReal ? 'real' : 'simulated');
const [code] = await once(spawn(command, args, { env: cluster.env, stdio: 'inherit' }), 'exit');
await cluster.stop();
process.exitCode = code ?? 1;
