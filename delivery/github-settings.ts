import { Refused } from 'command-line';
import { branches, type EnvironmentName, environmentNames, githubEnvironments } from 'platform';
import { accountOf } from '../infra/accounts.ts';
import { environments } from '../infra/environments/all.ts';
import type { Environment } from '../infra/environments/environment.ts';
import type { Settings } from '../infra/settings.ts';
import { texts } from './delivery-texts.ts';
import { type Api, GithubRefused, type List } from './github-api.ts';
import { requiredCheck } from './github-run.ts';
import { acceptedRisk } from './risks.ts';

const text = texts.settings;

/** The label by which `wake-dev.yml` is asked to wake dev. */
export const wakeLabel = 'wake dev';

/** One setting on GitHub. */
export interface GithubSetting {
  /** For people, in both languages. */
  readonly name: string;
  readonly wanted: unknown;
  /** The current value, which may have more fields than `wanted`. Undefined if it does not exist. */
  read(): unknown;
  /** @throws {GithubRefused} */
  write(current: unknown): void;
}

export interface GithubSettingsProps {
  /** `OWNER/NAME`. */
  readonly repository: string;
  readonly settings: Settings;
  /** Logins of the people who approve deployments to prd and cost increases. */
  readonly reviewers: readonly string[];
  /** Whether an administrator may merge a pull request that nobody else has approved, as in a team of one. */
  readonly isAlone: boolean;
  readonly dockerHubUser: string | undefined;
  readonly api: Api;
  readonly list: List;
  /** What is deployed, by its files. */
  readonly deployed?: Readonly<Record<EnvironmentName, Pick<Environment, 'runner'>>>;
}

/** Id of the GitHub Actions app. A check of the same name from another app does not count. */
const actionsApp = 15_368;

/** All repository settings that the workflows need. @throws {Refused} if GitHub does not know a reviewer */
export function githubSettings(props: GithubSettingsProps): GithubSetting[] {
  const { api, deployed = environments, dockerHubUser, isAlone, list, repository, reviewers, settings } = props;
  const at = { api, list, base: `repos/${repository}` };
  const { base } = at;
  const variables = {
    // For each environment, although it may be the same.
    ...Object.fromEntries(environmentNames.map((name) => [accountVariable(name), accountOf(settings, name).id])),
    AWS_REGION: settings.region,
    IMAGE_REGISTRY: settings.imageRegistry,
    DOCKERHUB_USERNAME: settings.imageRegistry === 'docker-hub' ? dockerHubUser : undefined,
    INFRA_SETTINGS: JSON.stringify(settings),
    // GitHub has no empty variables.
    CODEBUILD_RUNNERS: environmentNames.filter((name) => deployed[name].runner).join(' ') || 'none',
  };
  const defined = Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const approved = reviewers.map((login) => ({ type: 'User', id: idOf(login, api) }));
  return [
    ...defined.map(({ name, value }) => variable(at, name, value)),
    ...environmentNames.flatMap((environment) => {
      const approvers = environment === 'prd' ? approved : [];
      return [
        ...environmentSettings(at, githubEnvironments.release(environment), [branches[environment]], approvers),
        ...environmentSettings(at, githubEnvironments.infrastructure(environment), [branches[environment]], approvers),
      ];
    }),
    ...environmentSettings(at, githubEnvironments.images, Object.values(branches), []),
    protection(at, githubEnvironments.costs, approved, null),
    // Before the rules, which would refuse a push that creates it.
    branch(at, branches.dev),
    mergeCommits(at),
    label(at, acceptedRisk, 'd73a4a', text.riskLabel),
    label(at, wakeLabel, 'fbca04', text.wakeLabel),
    // Squashed promotions would make the branches' histories differ more with each one.
    ruleset(at, branches.dev, ['merge', 'squash', 'rebase'], isAlone),
    ruleset(at, branches.prd, ['merge'], isAlone),
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

/** GitHub's number of a person. @throws {Refused} if there is no such person */
function idOf(login: string, api: Api): number {
  const found = api(`users/${encodeURIComponent(login)}`) as { readonly id: number } | undefined;
  if (!found) throw new Refused(text.unknownReviewer(login));
  return found.id;
}

/** The variable with the account of an environment. */
const accountVariable = (environment: EnvironmentName) => `AWS_ACCOUNT_ID_${environment.toUpperCase()}`;

interface Repository {
  readonly api: Api;
  readonly list: List;
  /** Path of the repository in GitHub's API. */
  readonly base: string;
}

function variable({ api, base }: Repository, name: string, value: string): GithubSetting {
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
  { api, base, list }: Repository,
  name: string,
  allowed: readonly string[],
  reviewers: readonly Reviewer[],
): GithubSetting[] {
  const path = `${base}/environments/${name}/deployment-branch-policies`;
  return [
    protection({ api, base, list }, name, reviewers, { protected_branches: false, custom_branch_policies: true }),
    {
      name: text.environmentBranches(name, allowed),
      wanted: allowed.map((branch) => ({ type: 'branch', name: branch })),
      read: () => list(path, 'branch_policies'),
      write(current) {
        const known = (current ?? []) as readonly { id: number; name: string; type: string }[];
        // A tag may have a branch's name, and anyone who may push sets a tag.
        const kept = known.filter(({ name, type }) => type === 'branch' && allowed.includes(name));
        for (const branch of allowed.filter((branch) => !kept.some(({ name }) => name === branch))) {
          api(path, 'POST', { type: 'branch', name: branch });
        }
        for (const { id } of known.filter((policy) => !kept.includes(policy))) api(`${path}/${id}`, 'DELETE');
      },
    },
  ];
}

function protection(
  { api, base }: Repository,
  name: string,
  reviewers: readonly Reviewer[],
  policy: object | null,
): GithubSetting {
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
      try {
        api(path, 'PUT', this.wanted);
      } catch (error) {
        // A private repository may have environments, but no reviewers. Its branches are limited all the same.
        if (reviewers.length > 0) api(path, 'PUT', { deployment_branch_policy: policy });
        throw error;
      }
    },
  };
}

/** A branch that begins where the default branch is. */
function branch({ api, base }: Repository, name: string): GithubSetting {
  return {
    name: text.branch(name),
    wanted: { name },
    read: () => api(`${base}/branches/${name}`),
    write() {
      const { default_branch } = api(base) as { default_branch: string };
      const { commit } = api(`${base}/branches/${default_branch}`) as { commit: { sha: string } };
      api(`${base}/git/refs`, 'POST', { ref: `refs/heads/${name}`, sha: commit.sha });
    },
  };
}

function mergeCommits({ api, base }: Repository): GithubSetting {
  return {
    name: text.mergeCommits,
    wanted: { allow_merge_commit: true },
    read: () => api(base),
    write() {
      api(base, 'PATCH', this.wanted);
    },
  };
}

/** @param color six hexadecimal digits */
function label({ api, base }: Repository, name: string, color: string, description: string): GithubSetting {
  return {
    name: text.label(name),
    wanted: { name },
    read: () => api(`${base}/labels/${encodeURIComponent(name)}`),
    write() {
      api(`${base}/labels`, 'POST', { name, color, description });
    },
  };
}

/** Id of GitHub's role of a repository's administrators in the actors of a ruleset. */
const administrators = 5;

function ruleset(
  { api, base, list }: Repository,
  branch: string,
  methods: readonly string[],
  isAlone: boolean,
): GithubSetting {
  const name = text.ruleset(branch);
  const wanted = {
    name,
    target: 'branch',
    enforcement: 'active',
    // Nobody can approve their own pull request. Checks and pushes are not bypassed, only the approval of one.
    bypass_actors: isAlone
      ? [{ actor_id: administrators, actor_type: 'RepositoryRole', bypass_mode: 'pull_request' }]
      : [],
    conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
    rules: [
      { type: 'deletion' },
      { type: 'non_fast_forward' },
      {
        type: 'pull_request',
        parameters: {
          required_approving_review_count: 1,
          allowed_merge_methods: methods,
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
    name: text.branchRules(branch),
    wanted,
    read() {
      // Without those of the organization, which only its owners change, and which may have the same name.
      const known = list<{ id: number; name: string }>(`${base}/rulesets?includes_parents=false`);
      const id = known?.find((ruleset) => ruleset.name === name)?.id;
      return id === undefined ? undefined : api(`${base}/rulesets/${id}`);
    },
    write: (current) =>
      void (current === undefined
        ? api(`${base}/rulesets`, 'POST', wanted)
        : api(`${base}/rulesets/${(current as { id: number }).id}`, 'PUT', wanted)),
  };
}

/** What a comparison with GitHub found. */
export interface Updated {
  /** Settings that differed. */
  readonly different: number;
  /** Settings that GitHub refused to show or to change. */
  readonly refused: number;
}

/** Prints the settings that differ, and changes them if asked to. One that GitHub refuses does not stop the others. */
export function update(all: readonly GithubSetting[], apply: boolean): Updated {
  let different = 0;
  let refused = 0;
  for (const setting of all) {
    try {
      const current = setting.read();
      if (isPartOf(setting.wanted, current)) continue;
      different++;
      console.log(`${current === undefined ? '+' : '~'} ${setting.name}`);
      if (apply) setting.write(current);
    } catch (error) {
      if (!(error instanceof GithubRefused)) throw error;
      refused++;
      console.error(`✗ ${setting.name}\n  ${error.message}`);
    }
  }
  return { different, refused };
}

/** Whether `found` contains all of `wanted`. It may have more: GitHub adds URLs, ids and timestamps. */
function isPartOf(wanted: unknown, found: unknown): boolean {
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
