/**
 * Settings of your own deployment: account, domain, repository, e-mail addresses. They come from `infra/settings.json`
 * (see `settings.example.json`). Without it, safe defaults are enough to synthesise and test both environments.
 * `pnpm infra doctor` lists what a deployment still needs.
 */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Text } from 'command-line';
import { defaultRegion, type EnvironmentName, longestTeamName, project, teamPattern } from 'platform';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { texts } from './command-texts.ts';
import { regions } from './environments/regions.ts';
import { everywhere, isPublicBlock } from './settings-addresses.ts';
import { findProblems } from './settings-problems.ts';

const roleArn = '^arn:aws:iam::\\d{12}:(role|user)/\\S+$';
const email = '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$';
/** One label of a DNS name: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html */
const dnsLabel = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = [
  '^(?!xn--|sthree-|amzn-s3-demo-)',
  '(?!.*\\.\\.)',
  '(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)',
  '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  '(?<!-s3alias|--ol-s3|\\.mrap|--x-s3|--table-s3)',
].join('');
const longestBucket = 63;
/** With an account for each environment, -dev or -prd is added. */
const longestSharedBucket = longestBucket - '-dev'.length;
/**
 * Values that every service accepts for a tag: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html.
 * EC2 alone would accept more.
 */
const tagValue = '^(?![aA][wW][sS]:)[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,256}$';
/**
 * Characters for `runbooks`. Alarms name a runbook below it in their description, in which CloudWatch accepts 1,024:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const longestRunbooks = 400;
/** Rejects unknown keys, so that a typing error does not silently leave a setting at its default. */
const strict = { additionalProperties: false } as const;
/** Of a repository on GitHub. */
const [owner, name] = ['[\\w-]{1,39}', '[\\w.-]{1,100}'];
/** GitHub allows no owner with this name, so without settings no repository is trusted. */
export const noRepository = `-/${project}`;

/** What a setting has to be: the end of the sentence "this is not …", after which the person knows what to write. */
const is = (pt: string, en: string) => ({ is: { pt, en } });

/** EKS's quota: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const mostBlocks = 40;

const publicBlocks = (isValid: (block: string) => boolean, block: ReturnType<typeof is>) =>
  Type.Array(Type.Refine(Type.String(block), isValid), {
    default: [],
    maxItems: mostBlocks,
    uniqueItems: true,
    ...is(
      `uma lista de até ${mostBlocks} blocos de endereços, sem repetição`,
      `a list of at most ${mostBlocks} address blocks, without duplicates`,
    ),
  });

/** The zone itself, as in zone files. */
const apex = '@';

const accountNumber = {
  pattern: '^\\d{12}$',
  ...is('um número de conta da AWS, com 12 dígitos', 'an AWS account number of 12 digits'),
};

const exampleConnection =
  'arn:aws:codeconnections:us-east-1:111122223333:connection/1b2c3d4e-1111-2222-3333-444455556666';
const connection = {
  pattern: '^arn:aws:codeconnections:[a-z0-9-]+:\\d{12}:connection/[0-9a-f-]{36}$',
  ...is(`o ARN de uma conexão, como ${exampleConnection}`, `the ARN of a connection, such as ${exampleConnection}`),
};

const exampleBackup = 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-l2ijcexjp7xq7hoj4siexample';
const backup = {
  pattern: '^arn:aws:rds:[a-z0-9-]+:\\d{12}:auto-backup:ab-[a-zA-Z0-9]+$',
  ...is(
    `o ARN de backups automáticos, como ${exampleBackup}`,
    `the ARN of automated backups, such as ${exampleBackup}`,
  ),
};

const subdomain = (usual: string) =>
  Type.String({
    pattern: `^(${apex}|${dnsLabel}(\\.${dnsLabel})*)$`,
    default: usual,
    ...is(
      `um subdomínio, como app, com até 63 letras minúsculas, números e hífens entre os pontos, nem "${apex}", a própria zona`,
      `a subdomain, such as app, with at most 63 lower-case letters, digits and hyphens between the dots, or "${apex}", the zone itself`,
    ),
  });

const twoSubdomains = is(
  'um objeto com um subdomínio diferente para cada ambiente, como {"dev": "dev", "prd": "app"}',
  'an object with a different subdomain for each environment, such as {"dev": "dev", "prd": "app"}',
);

const SettingsFile = Type.Object(
  {
    accountId: Type.Optional(
      Type.String({ ...accountNumber, description: 'AWS account; credentials of any other are refused' }),
    ),
    accounts: Type.Optional(
      Type.Refine(
        Type.Object(
          { dev: Type.String(accountNumber), prd: Type.String(accountNumber) },
          {
            ...strict,
            description: 'Instead of `accountId`, an AWS account for each environment',
            ...is(
              'um objeto com uma conta diferente para cada ambiente, como {"dev": "111122223333", "prd": "444455556666"}',
              'an object with a different account for each environment, such as {"dev": "111122223333", "prd": "444455556666"}',
            ),
          },
        ),
        ({ dev, prd }) => dev !== prd,
      ),
    ),
    region: Type.Enum(regions, {
      default: defaultRegion,
      ...is(`uma das regiões possíveis: ${regions.join(', ')}`, `one of the possible regions: ${regions.join(', ')}`),
    }),
    secondRegion: Type.Optional(
      Type.Enum(regions, {
        description:
          'Region in which an environment comes back if `region` is lost. Copies of backups go there. Run the bootstrap after changing it',
        ...is(`uma das regiões possíveis: ${regions.join(', ')}`, `one of the possible regions: ${regions.join(', ')}`),
      }),
    ),
    useSecondRegion: Type.Boolean({
      default: false,
      description: 'True once `region` is lost: every command then works in `secondRegion`, with the state there',
      ...is('true nem false', 'true or false'),
    }),
    restoreFrom: Type.Object(
      { dev: Type.Optional(Type.String(backup)), prd: Type.Optional(Type.String(backup)) },
      {
        ...strict,
        default: {},
        description:
          'Copies of backups from which databases are created in `secondRegion`. `pnpm infra deploy --region` finds them',
        ...is(
          `um objeto com o ARN da cópia dos backups de cada ambiente, como {"prd": "${exampleBackup}"}`,
          `an object with the ARN of the copy of each environment's backups, such as {"prd": "${exampleBackup}"}`,
        ),
      },
    ),
    owner: Type.String({
      pattern: tagValue,
      default: project,
      description: 'Value of the tag `owner` on all resources',
      ...is(
        'um nome de até 256 letras, números, espaços e _ . : / = + - @, que não comece com aws:',
        'a name of at most 256 letters, digits, spaces and _ . : / = + - @ that does not begin with aws:',
      ),
    }),
    stateBucket: Type.String({
      pattern: bucketName,
      default: `${project}-terraform-state`,
      description: "Bucket of Terraform's state. Bucket names are globally unique, so include a name of your own",
      ...is(
        'um nome de bucket: de 3 a 63 letras minúsculas, números, hífens e pontos (nunca dois seguidos), sem os prefixos e sufixos que o S3 reserva, como xn-- e -s3alias, e que não seja um endereço IP',
        'a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots (never two in a row), without the prefixes and suffixes that S3 reserves, such as xn-- and -s3alias, and no IP address',
      ),
    }),
    bootstrapState: Type.Union([Type.Literal('local'), Type.Literal('bucket')], {
      default: 'local',
      description:
        "Where the bootstrap's own state is stored: first on this machine, then in the bucket that it created",
      ...is('"local" nem "bucket"', '"local" or "bucket"'),
    }),
    github: Type.Object(
      {
        repository: Type.String({
          pattern: `^${owner}/${name}$`,
          default: noRepository,
          ...is('um repositório, como owner/name', 'a repository, such as owner/name'),
        }),
        subjectPrefix: Type.Optional(
          Type.String({
            pattern: `^repo:(${owner}/${name}|${owner}@\\d+/${name}@\\d+)$`,
            description:
              "Prefix of GitHub's OIDC subject. Default: repo:OWNER/NAME. A repository created, renamed or moved after 15 July 2026 has repo:OWNER@OWNER-ID/NAME@REPO-ID",
            ...is(
              'um prefixo da forma repo:owner/name ou, com os números do GitHub, repo:owner@123/name@456',
              'a prefix of the form repo:owner/name or, with the numbers of GitHub, repo:owner@123/name@456',
            ),
          }),
        ),
        createProvider: Type.Boolean({
          default: true,
          description:
            "Whether the bootstrap creates GitHub's OIDC provider. False if the account, which can have only one, has it already. Decide before the first bootstrap: a later false deletes what it created",
          ...is('true nem false', 'true or false'),
        }),
        connections: Type.Optional(
          Type.Object(
            { dev: Type.Optional(Type.String(connection)), prd: Type.Optional(Type.String(connection)) },
            {
              ...strict,
              description: 'Connections to GitHub in AWS CodeConnections, for the environments with a runner',
              ...is(
                `um objeto com o ARN da conexão de cada ambiente, como {"dev": "${exampleConnection}"}`,
                `an object with the ARN of each environment's connection, such as {"dev": "${exampleConnection}"}`,
              ),
            },
          ),
        ),
      },
      {
        ...strict,
        default: {},
        ...is('um objeto, como {"repository": "owner/name"}', 'an object, such as {"repository": "owner/name"}'),
      },
    ),
    clusterAdmins: Type.Array(
      Type.String({
        pattern: roleArn,
        ...is(
          'o ARN de uma role ou de um usuário, como arn:aws:iam::123456789012:role/Administrator',
          'the ARN of a role or user, such as arn:aws:iam::123456789012:role/Administrator',
        ),
      }),
      {
        default: [],
        description: 'Roles of people with full access to the clusters',
        ...is('uma lista de ARNs', 'a list of ARNs'),
      },
    ),
    clusterApiCidrs: Type.Object(
      {
        dev: publicBlocks(
          isPublicBlock,
          is(
            'um bloco de endereços públicos, como 203.0.113.7/32',
            'a block of public addresses, such as 203.0.113.7/32',
          ),
        ),
        prd: publicBlocks(
          (block) => isPublicBlock(block) && block !== everywhere,
          is(
            'um bloco de endereços públicos, como 203.0.113.7/32, e não a internet inteira',
            'a block of public addresses, such as 203.0.113.7/32, and not the whole internet',
          ),
        ),
      },
      {
        ...strict,
        default: {},
        description: "CIDRs that can reach a cluster's API over the internet, by environment",
        ...is(
          'um objeto com os blocos de endereços de cada ambiente, como {"dev": ["203.0.113.7/32"]}',
          'an object with the address blocks of each environment, such as {"dev": ["203.0.113.7/32"]}',
        ),
      },
    ),
    domain: Type.Optional(
      Type.Object(
        {
          zone: Type.String({
            pattern: `^${dnsLabel}(\\.${dnsLabel})+$`,
            description: 'A public Route53 zone',
            ...is(
              'uma zona de DNS, como example.com, com até 63 letras minúsculas, números e hífens entre os pontos',
              'a DNS zone, such as example.com, with at most 63 lower-case letters, digits and hyphens between the dots',
            ),
          }),
          createZone: Type.Boolean({
            default: false,
            description: 'Whether the bootstrap creates the zone',
            ...is('true nem false', 'true or false'),
          }),
          subdomains: Type.Refine(
            Type.Object(
              { dev: subdomain('dev'), prd: subdomain('calculator') },
              {
                ...strict,
                default: {},
                description: `Subdomain of each environment; "${apex}" is the zone itself`,
                ...twoSubdomains,
              },
            ),
            ({ dev, prd }) => dev !== prd,
          ),
        },
        {
          ...strict,
          ...is('um objeto, como {"zone": "example.com"}', 'an object, such as {"zone": "example.com"}'),
        },
      ),
    ),
    alerts: Type.Record(
      Type.String(),
      Type.Array(
        Type.String({
          pattern: email,
          ...is('um endereço de e-mail', 'an e-mail address'),
        }),
        is('uma lista de endereços de e-mail', 'a list of e-mail addresses'),
      ),
      {
        propertyNames: {
          pattern: teamPattern.source,
          ...is(
            `um nome de time: até ${longestTeamName} letras minúsculas, números e hífens, a começar por uma letra`,
            `a team name: at most ${longestTeamName} lower-case letters, digits and hyphens, beginning with a letter`,
          ),
        },
        default: {},
        description: 'E-mail addresses to notify, by team',
        ...is(
          'um objeto com os e-mails de cada time, como {"api": ["api@example.com"]}',
          'an object with the e-mail addresses of each team, such as {"api": ["api@example.com"]}',
        ),
      },
    ),
    runbooks: Type.Optional(
      Type.String({
        pattern: '^https://',
        maxLength: longestRunbooks,
        description: 'URL of docs/runbooks in your repository',
        ...is(
          `um endereço que começa com https:// e tem até ${longestRunbooks} caracteres`,
          `an address that begins with https:// and has at most ${longestRunbooks} characters`,
        ),
      }),
    ),
    imageRegistry: Type.Union([Type.Literal('docker-hub'), Type.Literal('ecr')], {
      default: 'docker-hub',
      ...is('"docker-hub" nem "ecr"', '"docker-hub" or "ecr"'),
    }),
  },
  strict,
);
export type Settings = Static<typeof SettingsFile>;

/** The name of an environment's site, such as `dev.example.com`. */
export function hostOf({ subdomains, zone }: NonNullable<Settings['domain']>, environment: EnvironmentName): string {
  const subdomain = subdomains[environment];
  return subdomain === apex ? zone : `${subdomain}.${zone}`;
}

export const settingsFile = resolve(import.meta.dirname, 'settings.json');

/** Environment variables that override the file. Lists are comma-separated. */
const variables: Record<string, { readonly setting: keyof Settings; readonly read: (text: string) => unknown }> = {
  INFRA_ACCOUNT_ID: { setting: 'accountId', read: String },
  INFRA_ACCOUNTS: { setting: 'accounts', read: JSON.parse },
  INFRA_REGION: { setting: 'region', read: String },
  INFRA_SECOND_REGION: { setting: 'secondRegion', read: String },
  INFRA_USE_SECOND_REGION: { setting: 'useSecondRegion', read: JSON.parse },
  INFRA_RESTORE_FROM: { setting: 'restoreFrom', read: JSON.parse },
  INFRA_OWNER: { setting: 'owner', read: String },
  INFRA_STATE_BUCKET: { setting: 'stateBucket', read: String },
  INFRA_BOOTSTRAP_STATE: { setting: 'bootstrapState', read: String },
  INFRA_CLUSTER_ADMINS: { setting: 'clusterAdmins', read: list },
  INFRA_CLUSTER_API_CIDRS: { setting: 'clusterApiCidrs', read: JSON.parse },
  INFRA_RUNBOOKS: { setting: 'runbooks', read: String },
  INFRA_IMAGE_REGISTRY: { setting: 'imageRegistry', read: String },
  INFRA_GITHUB: { setting: 'github', read: JSON.parse },
  INFRA_DOMAIN: { setting: 'domain', read: JSON.parse },
  INFRA_ALERTS: { setting: 'alerts', read: JSON.parse },
};

/**
 * Reads and validates `infra/settings.json` and the variables that override it.
 * @throws Error that says in both languages, for every invalid value, what it should be
 */
export function readSettings(path = settingsFile, environment: NodeJS.ProcessEnv = process.env): Settings {
  const fromVariables = readVariables(environment);
  const given = { ...(existsSync(path) ? readFile(path) : {}), ...fromVariables };
  const settings = Value.Default(SettingsFile, given);
  if (!Value.Check(SettingsFile, settings)) {
    const variableOf = (setting: string) =>
      Object.keys(variables).find((name) => variables[name]?.setting === setting && setting in fromVariables);
    throw new Error(texts.settings.invalid(path, findProblems(SettingsFile, settings, variableOf)));
  }
  const problems = [...accountProblems(settings), ...regionProblems(settings)];
  if (problems.length > 0) throw new Error(texts.settings.invalid(path, problems));
  return settings.useSecondRegion ? inSecondRegion(settings) : settings;
}

/**
 * The same settings as they are in the second region, whose state is in a bucket of its own. Those that are so already stay:
 * the repository's variable has what was read here.
 */
export function inSecondRegion(settings: Settings): Settings {
  const { region, secondRegion } = settings;
  if (!secondRegion) throw new Error('There is no second region');
  if (settings.useSecondRegion && region === secondRegion) return settings;
  const stateBucket = secondStateBucket(settings.stateBucket, secondRegion);
  return { ...settings, region: secondRegion, stateBucket, useSecondRegion: true };
}

/** The bucket of the state in the second region. Of two accounts, each adds its environment's name to it. */
export const secondStateBucket = (stateBucket: string, secondRegion: string): string =>
  `${stateBucket}-${secondRegion}`;

/** What contradicts `secondRegion` in the other settings. */
function regionProblems({ accounts, region, secondRegion, stateBucket, useSecondRegion }: Settings): Text[] {
  if (!secondRegion) return useSecondRegion ? [texts.settings.noSecondRegion] : [];
  if (useSecondRegion && secondRegion === region) return [];
  const longest = (accounts ? longestSharedBucket : longestBucket) - `-${secondRegion}`.length;
  return [
    ...(secondRegion === region
      ? [
          texts.settings.isNot('"secondRegion"', JSON.stringify(secondRegion), {
            pt: 'outra região que não "region": as duas se perderiam juntas',
            en: 'another region than "region": both would be lost together',
          }),
        ]
      : []),
    ...(stateBucket.length > longest
      ? [
          texts.settings.isNot('"stateBucket"', JSON.stringify(stateBucket), {
            pt: `um nome de até ${longest} caracteres, aos quais o bucket da segunda região acrescenta -${secondRegion}`,
            en: `a name of at most ${longest} characters, to which the bucket of the second region adds -${secondRegion}`,
          }),
        ]
      : []),
  ];
}

/** What contradicts `accounts` in the other settings. */
function accountProblems({ accountId, accounts, clusterAdmins, stateBucket }: Settings): Text[] {
  if (!accounts) return [];
  const known = Object.values(accounts);
  const isNot = (name: string, value: string, pt: string, en: string) =>
    texts.settings.isNot(`"${name}"`, JSON.stringify(value), { pt, en });
  return [
    ...(accountId ? [texts.settings.oneAccountOrTwo] : []),
    ...(stateBucket.length > longestSharedBucket
      ? [
          isNot(
            'stateBucket',
            stateBucket,
            `um nome de até ${longestSharedBucket} caracteres, aos quais cada conta acrescenta -dev ou -prd`,
            `a name of at most ${longestSharedBucket} characters, to which each account adds -dev or -prd`,
          ),
        ]
      : []),
    ...clusterAdmins.flatMap((arn, index) =>
      known.some((id) => arn.includes(`:${id}:`))
        ? []
        : [
            isNot(
              `clusterAdmins[${index}]`,
              arn,
              'o ARN de uma role ou de um usuário de uma das duas contas de "accounts"',
              'the ARN of a role or user of one of the two accounts in "accounts"',
            ),
          ],
    ),
  ];
}

function readFile(path: string): object {
  const text = readFileSync(path, 'utf8');
  if (text.trim() === '') throw new Error(texts.settings.emptyFile(path));
  const given = readJson(text, path);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error(texts.settings.noObject(path));
  }
  return given;
}

function readVariables(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, { setting, read }]) => {
      const text = environment[name];
      if (text === undefined) return [];
      if (text.trim() === '') throw new Error(texts.settings.emptyVariable(name));
      return [[setting, read === JSON.parse ? readJson(text, name) : read(text)]];
    }),
  );
}

function readJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(texts.settings.noJson(source, (error as Error).message));
  }
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
