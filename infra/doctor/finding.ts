import type { EnvironmentName } from 'platform';
import type { Account } from '../accounts.ts';
import type { Caller } from '../prerequisites.ts';
import type { Settings } from '../settings.ts';
import type { Ask } from './aws.ts';

/** The bootstrap comes first, once per account; then deployments. */
export type Stage = 'bootstrap' | 'deployment';

/** Something that the doctor found. */
export interface Finding {
  /** In both languages: what is wrong, and what to do. */
  readonly text: string;
  /** What cannot succeed because of it. Nothing, if it is a note. */
  readonly blocks?: Stage;
}

export const blocksBootstrap = (text: string): Finding => ({ text, blocks: 'bootstrap' });
export const blocksDeployment = (text: string): Finding => ({ text, blocks: 'deployment' });
export const note = (text: string): Finding => ({ text });

/** What a check can ask, and what it is about. */
export interface Examination {
  readonly settings: Settings;
  readonly account: Account;
  readonly asked: readonly EnvironmentName[];
  readonly caller: Caller;
  /** Whether the account has the state bucket, which the bootstrap creates. */
  readonly isBootstrapped: boolean;
  /** Asks services of the settings' region, and services without a region. */
  readonly ask: Ask;
  /** Asks services in us-east-1, where AWS has those for billing. */
  readonly askGlobal: Ask;
}

export type Check = (examination: Examination) => Promise<readonly Finding[]>;
