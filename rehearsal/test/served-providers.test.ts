/** The servers of a rehearsal, asked as Terraform asks them, without Terraform. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { type Client, credentials, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from '@jest/globals';
import { decode, encode, loadService } from '../provider/wire.ts';
import { type Event, type Rehearsal, startRehearsal } from '../rehearsal.ts';
import type { Values } from '../rules/index.ts';

interface Reattached {
  readonly Addr: { readonly Network: string; readonly String: string };
}
type Call = (request: object) => Promise<Record<string, unknown>>;

let rehearsal: Rehearsal | undefined;
let clients: readonly Client[] = [];
afterEach(async () => {
  for (const client of clients) client.close();
  await rehearsal?.stop();
});

test('each provider has a socket of its own until the end, for Terraform and OpenTofu, and a new bucket can keep a state', async () => {
  const events: Event[] = [];
  const running = await startRehearsal((event) => events.push(event));
  rehearsal = running;
  const reattached: Record<string, Reattached> = JSON.parse(running.env.TF_REATTACH_PROVIDERS ?? '');
  const providers = ['aws', 'helm', 'kubernetes', 'time', 'tls'];
  expect(Object.keys(reattached).toSorted()).toEqual(
    ['registry.opentofu.org', 'registry.terraform.io'].flatMap((registry) =>
      providers.map((name) => `${registry}/hashicorp/${name}`),
    ),
  );
  const sockets = providers.map((name) => {
    const [one, other] = ['terraform.io', 'opentofu.org'].map((of) => reattached[`registry.${of}/hashicorp/${name}`]);
    expect(one).toEqual(other);
    const socket = String(one?.Addr.String);
    expect(one).toEqual({
      ...{ Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true },
      Addr: { Network: 'unix', String: socket },
    });
    return socket;
  });
  expect(new Set(sockets).size).toBe(providers.length);

  const Provider = makeGenericClientConstructor(loadService(), 'Provider');
  clients = sockets.map((socket) => new Provider(`unix:${socket}`, credentials.createInsecure()));
  const ask = (index: number, method: string, request: object) => {
    const client = clients[index] as unknown as Record<string, (...args: unknown[]) => void>;
    return (promisify(client[method]?.bind(client) as never) as unknown as Call)(request);
  };
  const schema = await ask(2, 'GetProviderSchema', {});
  expect(Object.keys(schema.resource_schemas as object)).toContain('kubernetes_namespace_v1');
  expect(await ask(2, 'GetProviderSchema', {})).toEqual(schema);
  for (const method of [
    'ValidateProviderConfig',
    'ValidateResourceConfig',
    'StopProvider',
    'GetResourceIdentitySchemas',
  ]) {
    expect(await ask(1, method, {})).toBeInstanceOf(Object);
  }
  await expect(ask(2, 'PlanResourceChange', { type_name: 'kubernetes_none' })).rejects.toMatchObject({
    ...{ code: status.INTERNAL, details: 'The provider has no kubernetes_none' },
  });
  const state = { json: Buffer.from('{"id":"x"}') };
  const upgraded = (await ask(3, 'UpgradeResourceState', { type_name: 'time_sleep', raw_state: state })).upgraded_state;
  expect(Buffer.from((upgraded as typeof state).json).toString()).toBe('{"id":"x"}');

  const head = async (bucket: string) =>
    (await fetch(`${running.state.endpoint}/${bucket}`, { method: 'HEAD' })).status;
  expect(await head('own-state')).toBe(404);
  await ask(0, 'ConfigureProvider', { config: encode({ region: 'us-east-1' }) });
  const config = encode({ bucket: 'own-state' });
  const { planned_state } = await ask(0, 'PlanResourceChange', {
    ...{ type_name: 'aws_s3_bucket', config, proposed_new_state: config },
  });
  const applied = await ask(0, 'ApplyResourceChange', { type_name: 'aws_s3_bucket', config, planned_state });
  expect(decode(applied.new_state as never)).toMatchObject({ id: 'own-state', arn: 'arn:aws:s3:::own-state' });
  expect([events, await head('own-state'), await head('other')]).toEqual([
    ...[[{ action: 'create', type: 'aws_s3_bucket', name: 'own-state' }], 200, 404],
  ]);
  expect(running.account.resources.map(({ values }) => (values as Values).bucket)).toEqual(['own-state']);

  const folder = dirname(String(sockets[0]));
  expect(existsSync(folder)).toBe(true);
  const { endpoint } = running.state;
  rehearsal = undefined;
  await running.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(ask(3, 'StopProvider', {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  await expect(fetch(endpoint)).rejects.toThrow();
});
