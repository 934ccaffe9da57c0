import { GithubRefused } from '../../github-api.ts';

interface Body {
  readonly [key: string]: unknown;
}

/** A repository on GitHub behind its API, as far as the settings use it. */
export class FakeGithub {
  readonly variables: Record<string, string> = {};
  readonly environments: Record<string, Body> = {};
  /** Branches, and tags as `tags/NAME`. */
  readonly environmentBranches: Record<string, string[]> = {};
  readonly branches = new Map([['main', 'c0ffee']]);
  readonly labels = new Set<string>();
  readonly rulesets: Body[] = [];
  /** Those of the organization, which a repository shows among its own, and cannot change. */
  readonly organizationRulesets: Body[] = [];
  workflowToken: Body = { default_workflow_permissions: 'write', can_approve_pull_request_reviews: true };
  repository: Body = { default_branch: 'main', allow_merge_commit: false };
  /** Changes since the last look, as method and path. */
  readonly changes: string[] = [];
  readonly #isPrivate: boolean;
  readonly #isFree: boolean;

  /**
   * @param isPrivate whether it is a private repository of GitHub Team, which has no reviewers of environments
   * @param isFree whether it is one of GitHub Free, which has neither environments nor rules, and does not show them
   */
  constructor({ isFree = false, isPrivate = false } = {}) {
    this.#isFree = isFree;
    this.#isPrivate = isPrivate;
  }

  readonly api = (path: string, method = 'GET', body: unknown = {}): unknown => {
    if (path.startsWith('users/')) return { id: path.length, login: path.slice(6) };
    const [, base = ''] = /^repos\/owner\/name\/?(.*)/.exec(path) ?? [];
    if (method === 'GET') return this.#get(base);
    this.changes.push(`${method} ${base}`);
    // What GitHub gets and gives back is JSON.
    return this.#change(method, base, JSON.parse(JSON.stringify(body)));
  };

  #get(path: string): unknown {
    const { pathname, searchParams } = new URL(path, 'https://github.example');
    const base = pathname.slice(1);
    const asksForParents = searchParams.get('includes_parents') !== 'false';
    const [kind = '', name = '', rest = ''] = split(base);
    if (base === '') return { full_name: 'owner/name', ...this.repository };
    if (base === 'actions/permissions/workflow') return this.workflowToken;
    if (base.startsWith('actions/variables/')) {
      const value = this.variables[rest];
      return value === undefined ? undefined : { name: rest, value, created_at: '2026-01-01T00:00:00Z' };
    }
    if (kind === 'branches') {
      const sha = this.branches.get(name);
      return sha && { name, commit: { sha } };
    }
    if (kind === 'labels') {
      const label = decodeURIComponent(name);
      return this.labels.has(label) ? { name: label } : undefined;
    }
    if (kind === 'rulesets') {
      if (this.#isFree) throw new GithubRefused(`GET ${base}: Upgrade to GitHub Pro (HTTP 403)`);
      return name
        ? { id: Number(name), ...this.rulesets[Number(name)] }
        : [
            ...(asksForParents
              ? this.organizationRulesets.map(({ name }, index) => ({ id: 9_000 + index, name }))
              : []),
            ...this.rulesets.map(({ name }, id) => ({ id, name })),
          ];
    }
    if (kind !== 'environments') throw new Error(`GET ${base}`);
    const environment = this.environments[name];
    if (!environment) return undefined;
    if (rest) {
      const branches = this.environmentBranches[name] ?? [];
      return {
        branch_policies: inItsOrder(
          branches.map((name, id) => ({
            id,
            name: name.replace(/^tags\//, ''),
            type: name.startsWith('tags/') ? 'tag' : 'branch',
          })),
        ),
      };
    }
    const reviewers = environment.reviewers as readonly { type: string; id: number }[] | undefined;
    const rule = { reviewers: inItsOrder(reviewers ?? []).map(({ id, type }) => ({ type, reviewer: { id } })) };
    // Among the rules of an environment are some that have no reviewers.
    const branches = environment.deployment_branch_policy ? [{ id: 1, type: 'branch_policy' }] : [];
    return {
      ...environment,
      protection_rules: [...branches, ...(reviewers?.length ? [rule] : []), { id: 2, type: 'wait_timer' }],
    };
  }

  /** As strict as GitHub: what is there is not created again, and what is not there is not changed. */
  #change(method: string, base: string, body: Body): void {
    const [kind = '', name = '', rest = ''] = split(base);
    const text = (key: string) => String(body[key]);
    const refuse = (isRefused: boolean, reason: string) => {
      if (isRefused) throw new GithubRefused(`${method} ${base}: ${reason}`);
    };
    const known = (isKnown: boolean) => refuse(!isKnown, 'Not Found (HTTP 404)');
    const unknown = (isKnown: boolean) => refuse(isKnown, 'Already exists (HTTP 409)');
    refuse(this.#isFree && (kind === 'environments' || kind === 'rulesets'), 'Upgrade to GitHub Pro (HTTP 403)');
    switch (`${method} ${kind}`) {
      case 'PATCH ':
        this.repository = { ...this.repository, ...body };
        return;
      case 'PUT actions':
        known(base === 'actions/permissions/workflow');
        this.workflowToken = body;
        return;
      case 'POST actions':
      case 'PATCH actions': {
        const variable = text('name');
        known(base === (method === 'POST' ? 'actions/variables' : `actions/variables/${variable}`));
        if (method === 'POST') unknown(variable in this.variables);
        else known(variable in this.variables);
        this.variables[variable] = text('value');
        return;
      }
      case 'POST labels':
        unknown(this.labels.has(text('name')));
        this.labels.add(text('name'));
        return;
      case 'POST git':
        known(name === 'refs');
        this.#createBranch(text('ref'), text('sha'));
        return;
      case 'POST rulesets':
        unknown(this.rulesets.some((ruleset) => ruleset.name === body.name));
        this.rulesets.push(body);
        return;
      case 'PUT rulesets':
        known(this.rulesets[Number(name)] !== undefined);
        this.rulesets[Number(name)] = body;
        return;
      case 'PUT environments':
        refuse(this.#isPrivate && hasReviewers(body), 'Failed to create the environment protection rule (HTTP 422)');
        this.environments[name] = body;
        return;
      case 'POST environments': {
        known(rest === 'deployment-branch-policies' && name in this.environments);
        const branches = this.environmentBranches[name] ?? [];
        const policy = body.type === 'tag' ? `tags/${text('name')}` : text('name');
        unknown(branches.includes(policy));
        this.environmentBranches[name] = [...branches, policy];
        return;
      }
      case 'DELETE environments':
        known(this.environmentBranches[name]?.splice(Number(rest.split('/')[1]), 1).length === 1);
        return;
      default:
        throw new Error(`${method} ${base}`);
    }
  }

  #createBranch(ref: string, sha: string): void {
    const rules = this.rulesets.flatMap(
      ({ conditions }) => (conditions as { ref_name: { include: string[] } }).ref_name.include,
    );
    if (rules.includes(ref)) throw new GithubRefused('POST git/refs: Repository rule violations found (HTTP 422)');
    this.branches.set(ref.slice('refs/heads/'.length), sha);
  }
}

/** GitHub lists things in an order of its own. */
const inItsOrder = <T>(items: readonly T[]): readonly T[] => items.toReversed();

const hasReviewers = ({ reviewers }: Body) => Array.isArray(reviewers) && reviewers.length > 0;

/** The first two parts of a path, and the rest. */
function split(path: string): string[] {
  const [first = '', second = '', ...rest] = path.split('/');
  return [first, second, rest.join('/')];
}
