import { Refused } from 'command-line';
import { type EnvironmentName, environmentNames } from 'platform';
import { texts } from './command-texts.ts';
import { hostOf, type Settings, secondStateBucket } from './settings.ts';

/** An AWS account of the deployment, and what its bootstrap creates. */
export interface Account {
  /** Undefined if the settings name no account. */
  readonly id: string | undefined;
  readonly environments: readonly EnvironmentName[];
  /** Name of its bootstrap's stack. */
  readonly bootstrap: string;
  readonly stateBucket: string;
  /** Of the second region, if there is one. */
  readonly secondStateBucket: string | undefined;
  /** Public zone of its environments' records. Undefined without a domain. */
  readonly zone: string | undefined;
  /** ARNs of the people's roles with full access to its clusters. */
  readonly clusterAdmins: readonly string[];
}

/** The account of both environments, or an account for each. */
export function accountsOf(settings: Settings): readonly Account[] {
  const { accountId, accounts, clusterAdmins, domain, secondRegion, stateBucket, useSecondRegion } = settings;
  const second = secondRegion && !useSecondRegion ? secondStateBucket(stateBucket, secondRegion) : undefined;
  if (!accounts) {
    return [
      {
        id: accountId,
        environments: environmentNames,
        bootstrap: 'bootstrap',
        stateBucket,
        secondStateBucket: second,
        zone: domain?.zone,
        clusterAdmins,
      },
    ];
  }
  return environmentNames.map((name) => ({
    id: accounts[name],
    environments: [name],
    bootstrap: `bootstrap-${name}`,
    // Names of buckets are unique across accounts.
    stateBucket: `${stateBucket}-${name}`,
    secondStateBucket: second && `${second}-${name}`,
    // Delegated to the account, so that no role needs access to a zone of the other.
    zone: domain && hostOf(domain, name),
    clusterAdmins: clusterAdmins.filter((arn) => accountIn(arn) === accounts[name]),
  }));
}

/** The account of an environment. */
export function accountOf(settings: Settings, environment: EnvironmentName): Account {
  const found = accountsOf(settings).find(({ environments }) => environments.includes(environment));
  if (!found) throw new Error(`${environment} has no account`);
  return found;
}

/**
 * The account that a command is about: that of the environment or, without one, the only account.
 *
 * @throws {Refused} if there are two accounts and no environment was given
 */
export function givenAccount(settings: Settings, environment: EnvironmentName | undefined): Account {
  const [first, second] = accountsOf(settings);
  if (environment !== undefined) return accountOf(settings, environment);
  if (first === undefined || second !== undefined) throw new Refused(texts.whichAccount(environmentNames));
  return first;
}

/**
 * Whether the account holds the image repositories of both environments. It is prd's account, so that prd depends on
 * nothing in dev's.
 */
export const hasImages = ({ imageRegistry }: Settings, { environments }: Account): boolean =>
  imageRegistry === 'ecr' && environments.includes('prd');

/** The account in an ARN. */
export const accountIn = (arn: string): string | undefined => arn.split(':')[4];
