/**
 * Answers whether IAM would allow requests: simulations as JSON on stdin, results as JSON on stdout. Run as a program of
 * its own and never imported, because the simulator is licensed under the AGPL and no code of ours links to it.
 */
import { text } from 'node:stream/consumers';
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';

// The simulator drops context keys that it does not know. It knows `sub` and `aud` of Google's provider, not of GitHub's.
const input = (await text(process.stdin)).replaceAll('token.actions.githubusercontent.com:', 'accounts.google.com:');
const simulations: Simulation[] = JSON.parse(input);
const answers = [];
for (const simulation of simulations) {
  const result = await runSimulation(simulation, {});
  answers.push(result.resultType === 'error' ? JSON.stringify(result.errors) : result.overallResult);
}
console.log(JSON.stringify(answers));
