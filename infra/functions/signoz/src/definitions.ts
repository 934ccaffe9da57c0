/** What the repository defines in SigNoz, in the form of its API. */
export interface Definitions {
  readonly channels: readonly Channel[];
  readonly rules: readonly Rule[];
  readonly dashboards: readonly Dashboard[];
}

/** A receiver of Alertmanager. It has no labels: the prefix of its name says that it is ours. */
export interface Channel {
  readonly name: string;
  readonly [configs: `${string}_configs`]: readonly object[];
}

/** A rule that SigNoz evaluates. `labels.rule` is its identity, `alert` only its title. */
export interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>> & { readonly rule: string };
  readonly [field: string]: unknown;
}

/** The content of a dashboard. Its second tag is its identity, `title` only its title. */
export interface Dashboard {
  readonly title: string;
  readonly tags: readonly [string, string];
  readonly [field: string]: unknown;
}

/** Marks everything that the repository defines. What people add by hand does not have it, and is left alone. */
export const mark = {
  /** Prefix of a channel's name. */
  channel: 'repository: ',
  /** Label of a rule. SigNoz allows no hyphens in the name of one. */
  rule: { managed_by: 'repository' },
  /** Tag of a dashboard. */
  dashboard: 'managed-by:repository',
} as const;

/** Second tag of a dashboard. */
export const dashboardTag = (id: string): string => `dashboard:${id}`;
