/**
 * Answers whether IAM would allow requests: for each line of stdin, a simulation in JSON, a line of stdout with the
 * answers. Run as a program of its own and never imported, because the simulator is licensed under the AGPL and no
 * code of ours links to it.
 */
import { createInterface } from 'node:readline';
import { getDenialReasons, runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { Answer } from './simulator.ts';

type Policies = Pick<Simulation, 'identityPolicies' | 'permissionBoundaryPolicies'>;
type Request = Simulation['request'] & Pick<Simulation, 'resourcePolicy'>;

for await (const line of createInterface({ input: process.stdin })) {
  // The simulator drops context keys that it does not know. It knows `sub` and `aud` of Google's provider, not of GitHub's.
  const given = line.replaceAll('token.actions.githubusercontent.com:', 'accounts.google.com:');
  const { requests, ...policies }: Policies & { readonly requests: readonly Request[] } = JSON.parse(given);
  console.log(
    JSON.stringify(
      await Promise.all(
        requests.map((request) => answer(policies, request).catch((error: Error) => ({ error: error.message }))),
      ),
    ),
  );
}

async function answer(policies: Policies, { resourcePolicy, ...request }: Request): Promise<Answer> {
  const organization = { serviceControlPolicies: [], resourceControlPolicies: [] };
  const result = await runSimulation({ ...policies, ...organization, resourcePolicy, request }, {});
  if (result.resultType === 'error') return { error: JSON.stringify(result.errors) };
  if (result.overallResult === 'Allowed') return { isAllowed: true, by: [] };
  const [first] = result.resultType === 'single' ? [result.result] : result.results;
  const by = (first ? getDenialReasons(first.analysis) : []).flatMap((reason) =>
    reason.denialType === 'Explicit'
      ? [{ policy: reason.policyIdentifier ?? '', statement: reason.statementIndex - 1 }]
      : reason.policyType === 'pb'
        ? [{ policy: 'boundary' }]
        : [],
  );
  return { isAllowed: false, by };
}
