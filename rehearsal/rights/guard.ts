import type { Change, Refusal, Resource, Values } from '../rules/index.ts';
import { dataRequestsOf, type Request, readingRequestsOf, requestsOf } from './requests.ts';
import { type Role, roleOf } from './roles.ts';
import { type Answer, type Denial, type Policy, Simulator } from './simulator.ts';
import { accountId } from './targets.ts';

/** What a guard has asked. */
export interface Asked {
  /** Requests, each counted as often as it was made. */
  readonly requests: number;
  readonly actions: ReadonlySet<string>;
  /** Terraform's types of AWS for which it is not known what they need. */
  readonly unknownTypes: ReadonlySet<string>;
  /** Actions that the simulator cannot decide, with its reason. They are not refused. */
  readonly undecided: ReadonlySet<string>;
}

/** Refuses what the role that makes a change may not do. Without a role, everything is allowed. */
export class Guard {
  #simulator: Simulator | undefined;
  /** By what a role may do, and by request. */
  readonly #answers = new Map<string, Map<string, Answer>>();
  #asked = nothing();
  /** The name of the role. Undefined for a person with all rights. */
  role: string | undefined;

  /** What it has asked since the last call. */
  takeAsked(): Asked {
    const asked = this.#asked;
    this.#asked = nothing();
    return asked;
  }

  change(change: Change, world: readonly Resource[]): Promise<Refusal[]> {
    return this.#refusals(change.type, world, () => requestsOf(change, world));
  }

  read(type: string, values: Values, world: readonly Resource[]): Promise<Refusal[]> {
    return this.#refusals(type, world, () => readingRequestsOf(type, values, world));
  }

  readData(type: string, values: Values, world: readonly Resource[]): Promise<Refusal[]> {
    return this.#refusals(type, world, () => dataRequestsOf(type, values));
  }

  stop(): Promise<void> {
    return this.#simulator?.stop() ?? Promise.resolve();
  }

  async #refusals(
    type: string,
    world: readonly Resource[],
    requestsOf: () => Request[] | undefined,
  ): Promise<Refusal[]> {
    const { role } = this;
    if (role === undefined || !type.startsWith('aws_')) return [];
    const requests = requestsOf();
    if (requests === undefined) {
      this.#asked.unknownTypes.add(type);
      return [];
    }
    const callers = Map.groupBy(requests, ({ as }) => as);
    const refusals = [...callers].map(([as, own]) => this.#ask(roleOf(as?.split('/').at(-1) ?? role, world), own));
    return (await Promise.all(refusals)).flat();
  }

  async #ask(role: Role, requests: readonly Request[]): Promise<Refusal[]> {
    const rights = JSON.stringify(role);
    const answers = this.#answers.get(rights) ?? new Map<string, Answer>();
    this.#answers.set(rights, answers);
    const all = new Map(requests.map((request) => [JSON.stringify(request), request]));
    const open = new Map([...all].filter(([key]) => !answers.has(key)));
    const found = open.size === 0 ? [] : await this.#simulate(role, [...open.values()]);
    [...open.keys()].forEach((key, index) => {
      const answer = found[index];
      if (answer) answers.set(key, answer);
    });
    return [...all].flatMap(([key, request]) => {
      this.#asked.requests += 1;
      this.#asked.actions.add(request.action);
      const answer = answers.get(key);
      if (!answer || 'error' in answer) {
        this.#asked.undecided.add(`${request.action}: ${answer?.error}`);
        return [];
      }
      return answer.isAllowed ? [] : [refusal(role, request, answer.by)];
    });
  }

  #simulate({ boundary, name, policies }: Role, requests: readonly Request[]): Promise<Answer[]> {
    this.#simulator ??= new Simulator();
    return this.#simulator.ask({
      identityPolicies: policies,
      ...(boundary && { permissionBoundaryPolicies: [boundary] }),
      requests: requests.map(({ action, context, resource, resourcePolicy }) => ({
        principal: `arn:aws:sts::${accountId}:assumed-role/${name}/session`,
        action,
        resource: { resource, accountId },
        contextVariables: context,
        ...(resourcePolicy && { resourcePolicy }),
      })),
    });
  }
}

const nothing = () => ({
  requests: 0,
  actions: new Set<string>(),
  unknownTypes: new Set<string>(),
  undecided: new Set<string>(),
});

/** In AWS's words, and then the reason: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function refusal(role: Role, { action, resource, source }: Request, by: readonly Denial[]): Refusal {
  const [first] = by;
  const policy =
    first && [...role.policies, ...(role.boundary ? [role.boundary] : [])].find(({ name }) => name === first.policy);
  const user = `arn:aws:sts::${accountId}:assumed-role/${role.name}/session`;
  return {
    code: 'AccessDenied',
    message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reasonOf(role, first, policy)}`,
    source,
  };
}

function reasonOf(role: Role, denial: Denial | undefined, policy: Policy | undefined): string {
  if (denial?.statement !== undefined && policy) {
    return `with an explicit deny in the policy ${policy.name}: ${JSON.stringify(statementsOf(policy)[denial.statement])}`;
  }
  if (denial) return `because the permissions boundary ${role.boundary?.name} does not allow it`;
  return `because no statement of its policies allows it (${role.policies.map(({ name }) => name).join(', ')})`;
}

function statementsOf({ policy }: Policy): readonly unknown[] {
  const { Statement: statements } = policy as { readonly Statement?: unknown };
  return [statements].flat();
}
