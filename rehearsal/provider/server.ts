import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Account } from './account.ts';
import { Provider } from './provider.ts';
import { type ProviderSchema, readSchemas } from './schema.ts';
import { loadService, providerSchemaMessage } from './wire.ts';

export interface Providers {
  /** The value of TF_REATTACH_PROVIDERS with which Terraform uses these providers instead of installing any. */
  readonly reattach: string;
  stop(): Promise<void>;
}

/** Of Terraform and of OpenTofu, whose provider addresses begin with them. */
const registries = ['registry.terraform.io', 'registry.opentofu.org'] as const;

/** Serves all providers of `schemas/`, each on a socket of its own, until `stop`. */
export async function startProviders(account: Account): Promise<Providers> {
  // A socket's path may have at most about a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), 'providers-'));
  const service = loadService();
  const servers: Server[] = [];
  const reattach: Record<string, object> = {};
  for (const [name, schema] of readSchemas()) {
    const socket = join(folder, name);
    const server = new Server();
    server.addService(withSchema(service, schema), handlers(new Provider(schema, account)));
    await promisify(server.bindAsync.bind(server))(`unix:${socket}`, ServerCredentials.createInsecure());
    servers.push(server);
    for (const registry of registries) {
      reattach[`${registry}/hashicorp/${name}`] = {
        Protocol: 'grpc',
        ProtocolVersion: 6,
        Pid: process.pid,
        // Terraform then leaves the process running.
        Test: true,
        Addr: { Network: 'unix', String: socket },
      };
    }
  }
  return {
    reattach: JSON.stringify(reattach),
    async stop() {
      for (const server of servers) server.forceShutdown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The service with a ready answer to `GetProviderSchema`: every run of Terraform asks, and it has megabytes for AWS. */
function withSchema(service: ServiceDefinition, schema: ProviderSchema): ServiceDefinition {
  const { GetProviderSchema: method } = service;
  if (!method) throw new Error('tfplugin6.proto has no GetProviderSchema');
  let encoded: Buffer | undefined;
  const responseSerialize = () => {
    encoded ??= method.responseSerialize(providerSchemaMessage(schema));
    return encoded;
  };
  return { ...service, GetProviderSchema: { ...method, responseSerialize } };
}

function handlers(provider: Provider) {
  const empty = answer(() => ({}));
  return {
    GetProviderSchema: empty,
    GetResourceIdentitySchemas: empty,
    ValidateProviderConfig: empty,
    ValidateResourceConfig: empty,
    ValidateDataResourceConfig: empty,
    ConfigureProvider: answer(provider.configureProvider.bind(provider)),
    UpgradeResourceState: answer(provider.upgradeResourceState.bind(provider)),
    ReadResource: answer(provider.readResource.bind(provider)),
    PlanResourceChange: answer(provider.planResourceChange.bind(provider)),
    ApplyResourceChange: answer(provider.applyResourceChange.bind(provider)),
    ImportResourceState: answer(provider.importResourceState.bind(provider)),
    ReadDataSource: answer(provider.readDataSource.bind(provider)),
    StopProvider: empty,
  };
}

function answer<Request, Response>(method: (request: Request) => Response | Promise<Response>) {
  return async ({ request }: ServerUnaryCall<Request, Response>, send: sendUnaryData<Response>): Promise<void> => {
    try {
      send(null, await method(request));
    } catch (error) {
      send({ code: status.INTERNAL, details: (error as Error).message });
    }
  };
}
