/**
 * Settings of your own deployment: account, domain, repository, e-mail addresses. They come from `infra/settings.json`
 * (see `settings.example.json`). Without it, safe defaults are enough to synthesise and test both environments.
 * `pnpm infra doctor` lists what a deployment still needs.
 */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultRegion, project } from 'platform';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const roleArn = '^arn:aws:iam::\\d{12}:(role|user)/.+$';
const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const cidr = `^${octet}(\\.${octet}){3}/(3[0-2]|[12]?\\d)$`;
const email = '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$';
/** Rejects unknown keys, so that a typing error does not silently leave a setting at its default. */
const strict = { additionalProperties: false } as const;
/** GitHub allows no owner with this name, so without settings no repository is trusted. */
const noRepository = `-/${project}`;

const SettingsFile = Type.Object(
  {
    accountId: Type.Optional(
      Type.String({ pattern: '^\\d{12}$', description: 'AWS account; credentials of any other are refused' }),
    ),
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-\\d$', default: defaultRegion }),
    owner: Type.String({ minLength: 1, default: project, description: 'Value of the tag `owner` on all resources' }),
    stateBucket: Type.String({
      pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
      default: `${project}-terraform-state`,
      description: "Bucket of Terraform's state. Bucket names are globally unique, so include a name of your own",
    }),
    bootstrapState: Type.Union([Type.Literal('local'), Type.Literal('bucket')], {
      default: 'local',
      description:
        "Where the bootstrap's own state is stored: first on this machine, then in the bucket that it created",
    }),
    github: Type.Object(
      {
        repository: Type.String({ pattern: '^[^/]+/[^/]+$', default: noRepository }),
        subjectPrefix: Type.Optional(
          Type.String({
            pattern: '^repo:',
            description:
              "Prefix of GitHub's OIDC subject. Default: repo:OWNER/NAME. A repository created, renamed or moved after 15 July 2026 has repo:OWNER@OWNER-ID/NAME@REPO-ID",
          }),
        ),
      },
      { ...strict, default: {} },
    ),
    clusterAdmins: Type.Array(Type.String({ pattern: roleArn }), {
      default: [],
      description: 'Roles of people with full access to the clusters',
    }),
    clusterApiCidrs: Type.Array(Type.String({ pattern: cidr }), {
      default: [],
      description: "CIDRs that can reach the clusters' API over the internet",
    }),
    domain: Type.Optional(
      Type.Object(
        {
          zone: Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$', description: 'A public Route53 zone' }),
          createZone: Type.Boolean({ default: false, description: 'Whether the bootstrap creates the zone' }),
        },
        strict,
      ),
    ),
    alerts: Type.Record(Type.String(), Type.Array(Type.String({ pattern: email })), {
      propertyNames: { pattern: '^[a-z][a-z0-9-]{0,30}$' },
      default: {},
      description: 'E-mail addresses to notify, by team',
    }),
    runbooks: Type.Optional(
      Type.String({ pattern: '^https://', description: 'URL of docs/runbooks in your repository' }),
    ),
    imageRegistry: Type.Union([Type.Literal('docker-hub'), Type.Literal('ecr')], { default: 'docker-hub' }),
  },
  strict,
);
export type Settings = Static<typeof SettingsFile>;

const file = resolve(import.meta.dirname, 'settings.json');

/** Environment variables that override the file. Lists are comma-separated. */
const variables: Record<string, { readonly setting: keyof Settings; readonly read: (text: string) => unknown }> = {
  INFRA_ACCOUNT_ID: { setting: 'accountId', read: String },
  INFRA_REGION: { setting: 'region', read: String },
  INFRA_OWNER: { setting: 'owner', read: String },
  INFRA_STATE_BUCKET: { setting: 'stateBucket', read: String },
  INFRA_BOOTSTRAP_STATE: { setting: 'bootstrapState', read: String },
  INFRA_CLUSTER_ADMINS: { setting: 'clusterAdmins', read: list },
  INFRA_CLUSTER_API_CIDRS: { setting: 'clusterApiCidrs', read: list },
  INFRA_RUNBOOKS: { setting: 'runbooks', read: String },
  INFRA_IMAGE_REGISTRY: { setting: 'imageRegistry', read: String },
  INFRA_GITHUB: { setting: 'github', read: JSON.parse },
  INFRA_DOMAIN: { setting: 'domain', read: JSON.parse },
  INFRA_ALERTS: { setting: 'alerts', read: JSON.parse },
};

/**
 * Reads and validates `infra/settings.json` and the variables that override it.
 * @throws Error that names every invalid value and what it should be
 */
export function readSettings(path = file, environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = { ...(existsSync(path) ? readFile(path) : {}), ...readVariables(environment) };
  const settings = Value.Default(SettingsFile, given);
  const invalid = Value.Errors(SettingsFile, settings).map(describe);
  if (invalid.length > 0) {
    throw new Error(
      `Invalid settings (${path}, or INFRA_… variables):\n${invalid.join('\n')}\nSee infra/settings.example.json.`,
    );
  }
  return settings as Settings;
}

function describe({ instancePath, message, params }: ReturnType<typeof Value.Errors>[number]): string {
  const details = 'additionalProperties' in params ? `: ${params.additionalProperties}` : '';
  return `  ${instancePath || '/'} ${message}${details}`;
}

function readFile(path: string): object {
  const given = readJson(readFileSync(path, 'utf8'), path);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error(`${path} must contain a JSON object`);
  return given;
}

function readVariables(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const set = Object.entries(variables).filter(([name]) => environment[name]);
  return Object.fromEntries(
    set.map(([name, { setting, read }]) => {
      const text = environment[name] ?? '';
      return [setting, read === JSON.parse ? readJson(text, name) : read(text)];
    }),
  );
}

function readJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${source} is not valid JSON: ${(error as Error).message}`);
  }
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
