import { createHash, randomBytes } from 'node:crypto';
import { arnOf } from '../rights/targets.ts';
import { type Change, type Refusal, replacedBy, unknown, type Value, type Values } from '../rules/index.ts';
import { blocks, entries, isBlock } from '../rules/values.ts';
import type { Account, Event } from './account.ts';
import { imported } from './imported.ts';
import { invent } from './invent.ts';
import { type Block, type ProviderSchema, type Schema, typeOf } from './schema.ts';
import { dropWriteOnly, fillUnknown, markComputed } from './values.ts';
import { type Diagnostic, type DynamicValue, decode, encode, pathSteps } from './wire.ts';

interface PlanRequest {
  readonly type_name: string;
  readonly prior_state?: DynamicValue;
  readonly proposed_new_state?: DynamicValue;
  readonly config?: DynamicValue;
  readonly prior_private?: Buffer;
}

interface ApplyRequest {
  readonly type_name: string;
  readonly prior_state?: DynamicValue;
  readonly planned_state?: DynamicValue;
  readonly config?: DynamicValue;
  readonly planned_private?: Buffer;
}

interface ReadRequest {
  readonly type_name: string;
  readonly current_state?: DynamicValue;
  readonly private?: Buffer;
}

interface ImportRequest {
  readonly type_name: string;
  readonly id: string;
}

interface Config {
  readonly type_name: string;
  readonly config?: DynamicValue;
}

/**
 * A stand-in for a provider. It has the real provider's schema, and invents what the cloud would have computed. Each
 * method answers the call of the same name in the protocol.
 */
export class Provider {
  readonly #account: Account;
  readonly #schema: ProviderSchema;
  /** The regions for which Terraform has configured the provider. */
  readonly #regions = new Set<string>();
  #defaultTags: Values = {};

  constructor(schema: ProviderSchema, account: Account) {
    this.#schema = schema;
    this.#account = account;
  }

  configureProvider({ config }: { config?: DynamicValue }) {
    const values = decode(config);
    if (!isBlock(values)) return {};
    if (typeof values.region === 'string') this.#regions.add(values.region);
    this.#defaultTags = Object.fromEntries(
      blocks(values, 'default_tags').flatMap(({ value }) => entries(value, 'tags')),
    );
    return {};
  }

  upgradeResourceState({ raw_state }: { raw_state?: DynamicValue }) {
    // The schema never changes during a rehearsal, so the state already has its form.
    return { upgraded_state: { json: raw_state?.json } };
  }

  async readResource({ type_name: type, current_state, private: own }: ReadRequest) {
    const values = decode(current_state);
    const refusals = isBlock(values) ? await this.#account.mayRead(type, this.#inRegion(values)) : [];
    const changed = this.#account.changedOutside(own?.toString() ?? '');
    const live = isBlock(values) && changed ? encode({ ...values, ...changed }) : current_state;
    return { new_state: live, private: own, diagnostics: refusals.map(refusalMessage) };
  }

  planResourceChange({ type_name: type, prior_state, proposed_new_state, config, prior_private }: PlanRequest) {
    const before = decode(prior_state);
    const block = this.#resource(type);
    const after = dropWriteOnly(block, markComputed(block, decode(proposed_new_state)));
    const change = changeOf('plan', type, before, this.#wanted(type, config));
    const replaced = isBlock(before) && isBlock(after) ? replacedBy(type, before, after) : [];
    return {
      planned_state: encode(after),
      requires_replace: replaced.map((name) => ({ steps: pathSteps(name) })),
      planned_private: prior_private,
      // Terraform asks again for the plan of a replacement, as for a new resource.
      diagnostics: replaced.length > 0 ? [] : this.#refuse(change),
      // Like most real providers. A stand-in plans more unknown values than Terraform otherwise accepts.
      legacy_type_system: true,
    };
  }

  async applyResourceChange({ type_name: type, prior_state, planned_state, config, planned_private }: ApplyRequest) {
    const before = decode(prior_state);
    const planned = decode(planned_state);
    const change = changeOf('apply', type, before, this.#wanted(type, config));
    const forbidden = await this.#account.mayChange(change);
    const diagnostics = this.#account.failsAt(type, change.action)
      ? [error(`rehearsed failure: ${change.action} of ${type}`)]
      : [...forbidden.map(refusalMessage), ...this.#refuse(change)];
    if (diagnostics.length > 0) {
      return { new_state: prior_state, private: planned_private, diagnostics, legacy_type_system: true };
    }
    this.#report(change.action, type, planned, before);
    // Terraform keeps a provider's private data with the resource. A replacement gets those of the resource that it replaces.
    const id = (isBlock(before) && planned_private?.toString()) || randomBytes(6).toString('hex');
    const block = this.#resource(type);
    const filled = this.#fill(type, block, planned, randomBytes(6).toString('hex'));
    const named = isBlock(planned) && isBlock(filled) ? this.#named(type, planned, this.#tagged(filled)) : filled;
    const after = dropWriteOnly(block, named);
    if (isBlock(after)) this.#account.put(id, { type, values: this.#inRegion(after) });
    else this.#account.delete(id);
    return { new_state: encode(after), private: Buffer.from(id), legacy_type_system: true };
  }

  importResourceState({ type_name: type, id }: ImportRequest) {
    const unread = imported[type];
    if (unread === undefined) return { diagnostics: [error(`A rehearsal cannot import ${type}`)] };
    const found = this.#account.find(type, id);
    if (found === undefined) return { diagnostics: [error(`There is no ${type} ${id}`)] };
    const { region, ...values } = found.values;
    const state = { ...values, ...(region !== undefined && { region: region === unknown ? null : region }), ...unread };
    return { imported_resources: [{ type_name: type, state: encode(state), private: Buffer.from(found.key) }] };
  }

  async readDataSource({ type_name: type, config }: Config) {
    const block = blockOf(this.#schema.data_source_schemas, type);
    // The same configuration reads the same values each time.
    const suffix = createHash('sha256')
      .update(type)
      .update(config?.msgpack ?? '')
      .digest('hex')
      .slice(0, 12);
    const values = this.#fill(type, block, markComputed(block, decode(config)), suffix);
    this.#report('read', type, values);
    const refusals = isBlock(values) ? await this.#account.mayReadData(type, values) : [];
    return { state: encode(values), diagnostics: refusals.map(refusalMessage) };
  }

  #resource(type: string): Block {
    return blockOf(this.#schema.resource_schemas, type);
  }

  /** What the configuration says. The rules must not judge what a rehearsal has invented, so that is unknown. */
  #wanted(type: string, config: DynamicValue | undefined): Value {
    const values = markComputed(this.#resource(type), decode(config));
    return isBlock(values) ? this.#inRegion(this.#tagged(values)) : values;
  }

  /** With all tags: the provider's default ones, and the resource's own. */
  #tagged(values: Values): Values {
    if (!('tags_all' in values)) return values;
    return { ...values, tags_all: { ...this.#defaultTags, ...Object.fromEntries(entries(values, 'tags')) } };
  }

  /** With the names and the ARN that AWS would give it, where their format is known. Policies refer to them. */
  #named(type: string, planned: Values, filled: Values): Values {
    const named = { ...filled, ...prefixedNames(planned, filled), ...proofs(type, planned, filled) };
    // The id of a bucket is its name.
    if (type === 'aws_s3_bucket' && planned.id === unknown && 'bucket' in named) named.id = named.bucket;
    const arn = planned.arn === unknown ? arnOf(type, this.#inRegion(named)) : undefined;
    return arn === undefined ? named : { ...named, arn };
  }

  /** With the region, if there is only one: which alias of a provider makes a call is not in the protocol. */
  #inRegion(values: Values): Values {
    if (!('region' in values)) return values;
    const [region = unknown, ...others] = this.#regions;
    return { ...values, region: others.length === 0 ? region : unknown };
  }

  #fill(resourceType: string, block: Block, value: Value, suffix: string): Value {
    return fillUnknown(typeOf(block), value, (attribute, type) =>
      resourceType === 'aws_availability_zones' && attribute === 'names'
        ? this.#account.zones.map((letter) => `us-east-1${letter}`)
        : invent(resourceType, suffix, attribute, type),
    );
  }

  #refuse(change: Change): Diagnostic[] {
    return this.#account.judge(change).map(refusalMessage);
  }

  #report(action: Event['action'], type: string, ...values: readonly Value[]): void {
    this.#account.report({ action, type, name: givenName(values) });
  }
}

/** Names that begin with a given prefix, such as `bucket` with `bucket_prefix`. */
function prefixedNames(planned: Values, filled: Values): Values {
  const names = Object.entries(planned).flatMap(([key, prefix]) => {
    const name = key.replace(/_prefix$/, '');
    const invented = filled[name];
    return name !== key && typeof prefix === 'string' && planned[name] === unknown && typeof invented === 'string'
      ? [[name, `${prefix}${invented.slice(-12)}`]]
      : [];
  });
  return Object.fromEntries(names);
}

/** The records that prove the ownership of a certificate's domain, below that domain. */
function proofs(
  type: string,
  planned: Values,
  { domain_name: domain, domain_validation_options: options }: Values,
): Values {
  if (type !== 'aws_acm_certificate' || planned.domain_validation_options !== unknown || !Array.isArray(options))
    return {};
  return {
    domain_validation_options: options.map((option) =>
      isBlock(option) ? { ...option, domain_name: domain, resource_record_name: `_proof.${String(domain)}.` } : option,
    ),
  };
}

function blockOf(schemas: Readonly<Record<string, Schema>> | undefined, type: string): Block {
  const schema = schemas?.[type];
  if (!schema) throw new Error(`The provider has no ${type}`);
  return schema.block ?? {};
}

function changeOf(phase: Change['phase'], type: string, before: Value, after: Value): Change {
  if (!isBlock(before)) return { action: 'create', phase, type, ...(isBlock(after) && { after }) };
  return isBlock(after) ? { action: 'update', phase, type, before, after } : { action: 'delete', phase, type, before };
}

function refusalMessage({ code, message, path, source }: Refusal): Diagnostic {
  const diagnostic = error(`${code}: ${message}`, source);
  return path === undefined ? diagnostic : { ...diagnostic, attribute: { steps: pathSteps(path) } };
}

function error(summary: string, detail = ''): Diagnostic {
  return { severity: 'ERROR', summary, detail };
}

const names = ['name', 'cluster_name', 'identifier', 'bucket', 'description', 'id'] as const;

function givenName(values: readonly Value[]): string {
  const candidates = values.filter(isBlock).flatMap((value: Values) => names.map((name) => value[name]));
  return candidates.find((name) => typeof name === 'string') ?? '';
}
