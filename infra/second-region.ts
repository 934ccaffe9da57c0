/** What is asked and said before an environment is deployed in the second region, because the first is lost. */
import { Refused, requireProgram } from 'command-line';
import { type EnvironmentName, globalRegion, names } from 'platform';
import { accountOf } from './accounts.ts';
import { texts } from './command-texts.ts';
import { askIn } from './doctor/aws.ts';
import { findBucket } from './doctor/bootstrap.ts';
import { environments } from './environments/all.ts';
import { requireCaller } from './prerequisites.ts';
import { hostOf, readSettings, type Settings } from './settings.ts';

const text = texts.secondRegion;

/** The option of the commands that can work in the second region. */
export const region = {
  value: { pt: 'REGIÃO', en: 'REGION' },
  description: {
    pt: 'trabalha na segunda região, porque a primeira se perdeu',
    en: 'works in the second region, because the first is lost',
  },
} as const;

/**
 * Lets this process, and the synthesis that it starts, work in the second region.
 *
 * @param given what the option says. Without it, the settings decide.
 * @throws {Refused} if it is not the second region of the settings
 */
export function work(given: string | undefined): Settings {
  const settings = readSettings();
  if (given === undefined) return settings;
  const { secondRegion } = settings;
  if (secondRegion === undefined) throw new Refused(text.none(given));
  if (given !== secondRegion) throw new Refused(text.isOther(given, secondRegion));
  process.env.INFRA_USE_SECOND_REGION = 'true';
  return readSettings();
}

/**
 * Checks what has to be there, and what must not be in the way. Finds the copy of the backups that the database is created
 * from, and says until when its data goes.
 *
 * @param isEmptyAllowed whether the database may begin empty
 * @throws {Refused} that says what to do first
 */
export async function prepareSecondRegion(
  environment: EnvironmentName,
  settings: Settings,
  isEmptyAllowed: boolean,
): Promise<void> {
  requireProgram('aws');
  const { region } = settings;
  const caller = requireCaller();
  const { stateBucket } = accountOf(settings, environment);
  if ((await findBucket(stateBucket, caller.Account)) !== 'exists')
    throw new Refused(text.noBucket(stateBucket, region));
  await refuseTakenNames(environment, settings);
  await findBackups(environment, region, isEmptyAllowed);
  console.log(text.globalServices(globalRegion));
}

/** CloudFront gives a name to one distribution only, and that of the lost region is still there. */
async function refuseTakenNames(environment: EnvironmentName, { domain }: Settings): Promise<void> {
  if (!domain) return;
  const host = hostOf(domain, environment);
  const answer = await askIn(globalRegion)<{
    DistributionList?: { Items?: { Id: string; Comment: string; Aliases?: { Items?: string[] } }[] };
  }>('cloudfront', 'list-distributions');
  const own = `${names(environment, true).prefix}:`;
  const taken = (answer?.DistributionList?.Items ?? []).flatMap(({ Aliases, Comment, Id }) =>
    Comment.startsWith(own)
      ? []
      : (Aliases?.Items ?? [])
          .filter((alias) => alias === host || alias === `signoz.${host}`)
          .map((alias) => ({ alias, distribution: Id })),
  );
  if (taken.length > 0) throw new Refused(text.takenNames(taken));
}

interface Backups {
  readonly DBInstanceAutomatedBackups?: readonly {
    readonly DBInstanceAutomatedBackupsArn: string;
    readonly RestoreWindow?: { readonly LatestTime?: string };
  }[];
}

async function findBackups(environment: EnvironmentName, region: string, isEmptyAllowed: boolean): Promise<void> {
  const ask = askIn(region);
  const { database } = names(environment);
  const question = ['--db-instance-identifier', database] as const;
  // What was restored before stays: only a new database is created from backups.
  if ((await ask('rds', 'describe-db-instances', ...question)) !== undefined) return;
  const answer = await ask<Backups>('rds', 'describe-db-instance-automated-backups', ...question);
  // If the database was ever created anew, each has its backups.
  const [latest] = (answer?.DBInstanceAutomatedBackups ?? [])
    .map((backups) => ({ arn: backups.DBInstanceAutomatedBackupsArn, until: backups.RestoreWindow?.LatestTime }))
    .filter((backups): backups is { arn: string; until: string } => backups.until !== undefined)
    .toSorted((one, other) => Date.parse(other.until) - Date.parse(one.until));
  if (latest) {
    process.env.INFRA_RESTORE_FROM = JSON.stringify({ [environment]: latest.arn });
    console.log(text.restores(environment, latest.until));
    return;
  }
  if (!isEmptyAllowed) {
    throw new Refused(text.noBackups(environment, region, environments[environment].database.copiesBackups));
  }
}
