import { defineCommand, environmentWord } from 'command-line';
import { type EnvironmentName, globalRegion } from 'platform';
import { type Account, givenAccount } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { checkCostTags, checkSubscriptions } from '../doctor/alerts.ts';
import { askIn } from '../doctor/aws.ts';
import { checkBucket, checkPermissions, checkProvider, checkWorkspaces, findBucket } from '../doctor/bootstrap.ts';
import { checkCaller } from '../doctor/caller.ts';
import {
  checkAddons,
  checkApiAccess,
  checkLogGroup,
  checkNodeRelease,
  checkSizes,
  checkStep,
  checkVersion,
} from '../doctor/cluster.ts';
import { checkConnection } from '../doctor/connection.ts';
import { checkDomain } from '../doctor/domain.ts';
import { blocksBootstrap, type Check, type Finding, type Stage } from '../doctor/finding.ts';
import { checkAddresses, checkPlan, checkProcessors, checkVerification } from '../doctor/quotas.ts';
import { checkApiBlocks, checkRecipients, checkSettings } from '../doctor/settings.ts';
import { checkEnvironments } from '../environments/all.ts';
import { callerIdentity, hasAws, missingEngine } from '../prerequisites.ts';
import { readSettings, type Settings } from '../settings.ts';

const text = texts.doctor;

/** Checks of the account. They run side by side. */
const checks: readonly Check[] = [
  checkCaller,
  checkWorkspaces,
  checkProvider,
  checkPermissions,
  checkDomain,
  checkConnection,
  checkProcessors,
  checkAddresses,
  checkPlan,
  checkVersion,
  checkStep,
  checkAddons,
  checkNodeRelease,
  checkSizes,
  checkLogGroup,
  checkApiAccess,
  checkVerification,
  checkCostTags,
  checkSubscriptions,
];

export const command = defineCommand({
  description: {
    pt: 'lista o que falta para o bootstrap ou um deploy, sem criar nada',
    en: 'lists what the bootstrap or a deployment still needs; creates nothing',
  },
  words: { environment: { ...environmentWord, optional: true } },
  options: {},
  run: ({ environment }) => doctor(environment),
});

/**
 * Lists in plain words what is still needed: before the bootstrap, for the bootstrap; after it, for a deployment. It
 * only reads.
 *
 * @param wanted the stage that has to be possible. Without it, the next one
 * @returns 0 if nothing is missing, else 1
 */
export async function doctor(environment?: EnvironmentName, wanted?: Stage): Promise<number> {
  const settings = readSettings();
  checkEnvironments(settings);
  const account = givenAccount(settings, environment);
  const asked = environment === undefined ? account.environments : [environment];
  const local = [
    ...missingEngine().map(blocksBootstrap),
    ...checkSettings(settings),
    ...checkRecipients(settings),
    ...checkApiBlocks(settings, asked),
  ];
  const { findings, stage, isKnown } = await examine(settings, account, asked, wanted);
  const all = [...local, ...findings];
  const isMissing = ({ blocks }: Finding) => blocks === 'bootstrap' || (blocks === 'deployment' && stage === blocks);
  const missing = all.filter(isMissing);
  if (isKnown) console.log(`${text.stages[stage]}\n`);
  for (const finding of missing) console.log(`✗ ${finding.text.replace('\n', '\n  ')}\n`);
  for (const finding of all) if (!isMissing(finding)) console.log(`! ${finding.text.replace('\n', '\n  ')}\n`);
  if (missing.length === 0) console.log(text.allRight[stage]);
  return missing.length === 0 ? 0 : 1;
}

async function examine(
  settings: Settings,
  account: Account,
  asked: readonly EnvironmentName[],
  wanted: Stage = 'bootstrap',
): Promise<{ readonly findings: readonly Finding[]; readonly stage: Stage; readonly isKnown: boolean }> {
  const unknown = (problem: string) => ({ findings: [blocksBootstrap(problem)], stage: wanted, isKnown: false });
  if (!hasAws()) return unknown(text.noAws);
  const caller = callerIdentity();
  if (!caller) return unknown(text.noCredentials);
  const bucket = await findBucket(account.stateBucket, caller.Account);
  const isBootstrapped = bucket === 'exists';
  const ask = askIn(settings.region);
  const examination = { settings, account, asked, caller, isBootstrapped, ask, askGlobal: askIn(globalRegion) };
  const found = await Promise.all(checks.map((check) => check(examination)));
  return {
    findings: [...checkBucket(account.stateBucket, bucket), ...found.flat()],
    stage: isBootstrapped ? 'deployment' : wanted,
    isKnown: true,
  };
}
