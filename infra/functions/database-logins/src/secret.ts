import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type DatabasePurpose, databasePurposes } from 'platform';
import type { Login } from './login.ts';

/** The secret's staging labels: in use, and being made by a rotation. */
export type Stage = 'AWSCURRENT' | 'AWSPENDING';

/** What a secret's tags say about its logins. */
export interface Description {
  readonly application: string;
  readonly database: string;
  readonly purpose: DatabasePurpose;
}

/** Milliseconds. By default, the SDK waits for AWS without a limit. */
export const timeLimits = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
const client = new SecretsManagerClient({ requestHandler: timeLimits });

/** A secret in Secrets Manager with a login. */
export class Secret {
  readonly #id: string;

  /** @param id name or ARN */
  constructor(id: string) {
    this.#id = id;
  }

  /** @throws if a tag is missing, or if the secret is not being rotated to this version */
  async describe(version: string): Promise<Description> {
    const { Tags = [], VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: this.#id }));
    if (!VersionIdsToStages[version]?.includes('AWSPENDING')) {
      throw new Error(`${this.#id} is not being rotated to version ${version}`);
    }
    const tag = (key: string) => {
      const value = Tags.find(({ Key }) => Key === key)?.Value;
      if (!value) throw new Error(`${this.#id} has no tag "${key}"`);
      return value;
    };
    const purpose = databasePurposes.find((known) => known === tag('purpose'));
    if (!purpose) throw new Error(`${this.#id} has an unknown purpose: ${tag('purpose')}`);
    return { application: tag('application'), database: tag('database'), purpose };
  }

  /** The login with this label. Undefined if no version has the label, or if that version has no value yet. */
  async find(stage: Stage): Promise<Login | undefined> {
    try {
      const command = new GetSecretValueCommand({ SecretId: this.#id, VersionStage: stage });
      return JSON.parse((await client.send(command)).SecretString ?? 'null') ?? undefined;
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** @throws if no version with this label has a value */
  async read(stage: Stage): Promise<Login> {
    const login = await this.find(stage);
    if (!login) throw new Error(`${this.#id} has no value with the label ${stage}`);
    return login;
  }

  /** Stores a login as this version, labelled AWSPENDING. */
  async putPending(version: string, login: Login): Promise<void> {
    await client.send(
      new PutSecretValueCommand({
        SecretId: this.#id,
        ClientRequestToken: version,
        SecretString: JSON.stringify(login),
        VersionStages: ['AWSPENDING'],
      }),
    );
  }

  /** Moves the label AWSCURRENT to this version. */
  async makeCurrent(version: string): Promise<void> {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: this.#id }));
    const previous = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT'));
    if (previous === version) return;
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.#id,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: version,
        ...(previous && { RemoveFromVersionId: previous }),
      }),
    );
  }
}
