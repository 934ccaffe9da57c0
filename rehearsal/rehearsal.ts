/** Rehearses Terraform without a cloud: real Terraform, stand-in providers, and an S3 in memory for the state. */
import { Account, type Event } from './provider/account.ts';
import { startProviders } from './provider/server.ts';
import { Guard } from './rights/guard.ts';
import { StateServer } from './state/server.ts';

export { durationOf } from './durations.ts';
export { engineForBothStates } from './engine.ts';
export * from './page.ts';
export type { Account, Event } from './provider/account.ts';
export { type Asked, Guard } from './rights/guard.ts';
export { managedPolicy } from './rights/managed.ts';
export { decide, type Policy } from './rights/simulator.ts';
export { arnOf } from './rights/targets.ts';
export type { Change, Resource } from './rules/index.ts';
export * from './stack.ts';
export * from './timeline.ts';

export interface Rehearsal {
  readonly account: Account;
  /** Decides what the role in use may do. At first, everything is allowed. */
  readonly guard: Guard;
  readonly state: StateServer;
  /** The environment variables with which Terraform uses this rehearsal. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Options of `terraform init` for a state in S3. They are invalid for any other state. */
const backendOptions = [
  'use_path_style=true',
  ...['credentials_validation', 'metadata_api_check', 'region_validation', 'requesting_account_id'].map(
    (check) => `skip_${check}=true`,
  ),
].map((option) => `-backend-config=${option}`);

/**
 * Starts providers for an empty account, and an S3 for Terraform's state. A bucket exists there once Terraform has
 * created it, or `state.createBucket`.
 *
 * @param observe is called for each change, in order
 */
export async function startRehearsal(observe: (event: Event) => void = () => undefined): Promise<Rehearsal> {
  const state = await StateServer.start();
  const guard = new Guard();
  const account = new Account((event) => {
    if (event.type === 'aws_s3_bucket' && event.action === 'create') state.createBucket(event.name);
    observe(event);
  }, guard);
  const providers = await startProviders(account);
  return {
    account,
    guard,
    state,
    env: {
      TF_REATTACH_PROVIDERS: providers.reattach,
      TF_CLI_ARGS_init: ['-input=false', ...backendOptions].join(' '),
      AWS_ENDPOINT_URL_S3: state.endpoint,
      // Not real ones, so that no mistake reaches a real account.
      AWS_ACCESS_KEY_ID: 'rehearsal',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
      AWS_REGION: 'us-east-1',
      // Terraform decodes the providers' schemas in each run. Fewer garbage collections save a quarter of its time.
      GOGC: '400',
    },
    async stop() {
      await Promise.all([providers.stop(), state.stop(), guard.stop()]);
    },
  };
}
