import { execFileSync } from 'node:child_process';
import { branches, type EnvironmentName, environmentNames, githubEnvironments } from 'platform';
import { accountOf } from '../infra/accounts.ts';
import type { Settings } from '../infra/settings.ts';
import { texts } from './delivery-texts.ts';

const text = texts.settings;

/** One setting on GitHub. */
export interface GithubSetting {
  /** For people, in both languages. */
  readonly name: string;
  readonly wanted: unknown;
  /** The current value, which may have more fields than `wanted`. Undefined if it does not exist. */
  read(): unknown;
  write(current: unknown): void;
}

export interface GithubSettingsProps {
  /** `OWNER/NAME`. */
  readonly repository: string;
  readonly settings: Settings;
  /** Logins of the people who approve deployments to prd and cost increases. */
  readonly reviewers: readonly string[];
  readonly dockerHubUser: string | undefined;
}

/** The job of pull-request.yml that passes only if no other job failed. */
const requiredCheck = 'result';
/** Id of the GitHub Actions app. A check of the same name from another app does not count. */
const actionsApp = 15_368;

/** All repository settings that the workflows need. */
export function githubSettings(props: GithubSettingsProps): GithubSetting[] {
  const { dockerHubUser, repository, reviewers, settings } = props;
  const base = `repos/${repository}`;
  const variables = {
    // For each environment, although it may be the same.
    ...Object.fromEntries(environmentNames.map((name) => [accountVariable(name), accountOf(settings, name).id])),
    AWS_REGION: settings.region,
    IMAGE_REGISTRY: settings.imageRegistry,
    DOCKERHUB_USERNAME: settings.imageRegistry === 'docker-hub' ? dockerHubUser : undefined,
    INFRA_SETTINGS: JSON.stringify(settings),
  };
  const defined = Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const approved = reviewers.map((login) => ({ type: 'User', id: (api(`users/${login}`) as { id: number }).id }));
  return [
    ...defined.map(({ name, value }) => variable(base, name, value)),
    ...environmentNames.flatMap((environment) => {
      const approvers = environment === 'prd' ? approved : [];
      return [
        ...environmentSettings(base, githubEnvironments.release(environment), [branches[environment]], approvers),
        ...environmentSettings(
          base,
          githubEnvironments.infrastructure(environment),
          [branches[environment]],
          approvers,
        ),
      ];
    }),
    ...environmentSettings(base, githubEnvironments.images, Object.values(branches), []),
    protection(base, githubEnvironments.costs, approved, null),
    ruleset(base),
    {
      name: text.token,
      wanted: { default_workflow_permissions: 'read', can_approve_pull_request_reviews: false },
      read: () => api(`${base}/actions/permissions/workflow`),
      write() {
        api(`${base}/actions/permissions/workflow`, 'PUT', this.wanted);
      },
    },
  ];
}

/** The variable with the account of an environment. */
const accountVariable = (environment: EnvironmentName) => `AWS_ACCOUNT_ID_${environment.toUpperCase()}`;

function variable(base: string, name: string, value: string): GithubSetting {
  const path = `${base}/actions/variables`;
  return {
    name: text.variable(name),
    wanted: { value },
    read: () => api(`${path}/${name}`),
    write: (current) =>
      void (current === undefined
        ? api(path, 'POST', { name, value })
        : api(`${path}/${name}`, 'PATCH', { name, value })),
  };
}

interface Reviewer {
  readonly type: string;
  readonly id: number;
}

/** A job gets an environment's role and secrets only on its branches and, if there are reviewers, after approval. */
function environmentSettings(
  base: string,
  name: string,
  allowed: readonly string[],
  reviewers: readonly Reviewer[],
): GithubSetting[] {
  const path = `${base}/environments/${name}/deployment-branch-policies`;
  return [
    protection(base, name, reviewers, { protected_branches: false, custom_branch_policies: true }),
    {
      name: text.environmentBranches(name, allowed),
      wanted: { branch_policies: allowed.map((branch) => ({ name: branch })) },
      read: () => api(path),
      write(current) {
        const known =
          (current as { branch_policies: { id: number; name: string }[] } | undefined)?.branch_policies ?? [];
        for (const branch of allowed.filter((branch) => !known.some(({ name }) => name === branch))) {
          api(path, 'POST', { name: branch });
        }
        for (const { id } of known.filter(({ name }) => !allowed.includes(name))) api(`${path}/${id}`, 'DELETE');
      },
    },
  ];
}

function protection(base: string, name: string, reviewers: readonly Reviewer[], policy: object | null): GithubSetting {
  const path = `${base}/environments/${name}`;
  return {
    name: text.environment(name),
    wanted: { deployment_branch_policy: policy, reviewers },
    read() {
      const found = api(path) as
        | {
            deployment_branch_policy: unknown;
            protection_rules?: { reviewers?: { type: string; reviewer: { id: number } }[] }[];
          }
        | undefined;
      const rules = found?.protection_rules?.flatMap(({ reviewers = [] }) => reviewers) ?? [];
      return (
        found && {
          deployment_branch_policy: found.deployment_branch_policy,
          reviewers: rules.map(({ type, reviewer }) => ({ type, id: reviewer.id })),
        }
      );
    },
    write() {
      api(path, 'PUT', this.wanted);
    },
  };
}

function ruleset(base: string): GithubSetting {
  const name = text.ruleset;
  const wanted = {
    name,
    target: 'branch',
    enforcement: 'active',
    conditions: { ref_name: { include: Object.values(branches).map((branch) => `refs/heads/${branch}`), exclude: [] } },
    rules: [
      { type: 'deletion' },
      { type: 'non_fast_forward' },
      {
        type: 'pull_request',
        parameters: {
          required_approving_review_count: 1,
          dismiss_stale_reviews_on_push: true,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: false,
        },
      },
      {
        type: 'required_status_checks',
        parameters: {
          // A branch need not be up to date: `main` is always one merge commit ahead of `develop`. A strict rule would
          // block every promotion after the first.
          strict_required_status_checks_policy: false,
          required_status_checks: [{ context: requiredCheck, integration_id: actionsApp }],
        },
      },
    ],
  };
  return {
    name: text.branchRules(Object.values(branches)),
    wanted,
    read() {
      const known = (api(`${base}/rulesets`) ?? []) as { id: number; name: string }[];
      const id = known.find((ruleset) => ruleset.name === name)?.id;
      return id === undefined ? undefined : api(`${base}/rulesets/${id}`);
    },
    write: (current) =>
      void (current === undefined
        ? api(`${base}/rulesets`, 'POST', wanted)
        : api(`${base}/rulesets/${(current as { id: number }).id}`, 'PUT', wanted)),
  };
}

/** Whether `found` contains all of `wanted`. It may have more: GitHub adds URLs, ids and timestamps. */
export function isPartOf(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === found;
  if (typeof found !== 'object' || found === null) return false;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((item) => found.some((other) => isPartOf(item, other)))
    );
  }
  return Object.entries(wanted).every(([key, value]) => isPartOf(value, (found as Record<string, unknown>)[key]));
}

/** Calls GitHub's API with its CLI. @returns undefined for a GET that finds nothing @throws with GitHub's message */
function api(path: string, method = 'GET', body?: unknown): unknown {
  const input = body === undefined ? [] : ['--input', '-'];
  try {
    const options = { encoding: 'utf8' as const, input: body === undefined ? '' : JSON.stringify(body) };
    const output = execFileSync('gh', ['api', path, '--method', method, ...input], { ...options, stdio: 'pipe' });
    return output.trim() === '' ? undefined : JSON.parse(output);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    if (method === 'GET' && stderr.includes('HTTP 404')) return undefined;
    throw new Error(`${method} ${path}: ${stderr.trim() || (error as Error).message}`);
  }
}
