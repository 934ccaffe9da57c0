/** What the stand-in for a provider answers, call by call, without Terraform. `providers.test.ts` asks with the real one. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Account, type Event } from '../provider/account.ts';
import { invent } from '../provider/invent.ts';
import { Provider } from '../provider/provider.ts';
import type { Block, ProviderSchema, Type } from '../provider/schema.ts';
import { dropWriteOnly, fillUnknown, markComputed } from '../provider/values.ts';
import { type DynamicValue, decode, encode, pathSteps, providerSchemaMessage } from '../provider/wire.ts';
import { unknown, type Value, type Values } from '../rules/index.ts';

const computed = { type: 'string', optional: true, computed: true } as const;
const tags = { type: ['map', 'string'], optional: true } as const;
const named: Block = {
  attributes: {
    id: computed,
    arn: { type: 'string', computed: true },
    name: computed,
    name_prefix: computed,
    region: computed,
    tags,
    tags_all: { ...tags, computed: true },
    secret_wo: { type: 'string', optional: true, write_only: true },
  },
};
const schema: ProviderSchema = {
  resource_schemas: {
    aws_sns_topic: { block: named },
    aws_vpc: { block: { attributes: { id: computed, cidr_block: { type: 'string', required: true } } } },
    aws_s3_bucket: {
      block: { attributes: { id: computed, arn: computed, bucket: computed, bucket_prefix: computed } },
    },
    aws_db_instance: {
      block: {
        attributes: { id: computed, identifier: computed, region: computed, skip_final_snapshot: { type: 'bool' } },
      },
    },
    aws_acm_certificate: {
      block: {
        attributes: {
          id: computed,
          domain_name: { type: 'string', required: true },
          domain_validation_options: {
            type: ['set', ['object', { domain_name: 'string', resource_record_name: 'string' }]],
            computed: true,
          },
        },
      },
    },
  },
  data_source_schemas: {
    aws_availability_zones: {
      block: { attributes: { names: { type: ['list', 'string'], computed: true }, state: computed } },
    },
  },
};

let events: Event[];
let account: Account;
let provider: Provider;
beforeEach(() => {
  events = [];
  account = new Account((event) => events.push(event));
  provider = new Provider(schema, account);
  configure('sa-east-1');
});
const configure = (region: string) =>
  provider.configureProvider({
    config: encode({ region, default_tags: [{ tags: { project: 'ours', team: 'all' } }] }),
  });

/** All attributes of a type, as Terraform sends them. */
const whole = (type: string, values: Values): Values => ({
  ...Object.fromEntries(
    Object.keys(schema.resource_schemas?.[type]?.block?.attributes ?? {}).map((name) => [name, null]),
  ),
  ...values,
});
const read = (value: DynamicValue | undefined): Values => decode(value) as Values;
function plan(type_name: string, given: Values, before?: { readonly state: Values; readonly own: Buffer }) {
  const config = encode(whole(type_name, given));
  const known = Object.entries(before?.state ?? {}).filter(([name]) => given[name] === undefined);
  const proposed = encode(whole(type_name, { ...Object.fromEntries(known), ...given }));
  const prior_state = before && encode(before.state);
  const own = before && { prior_private: before.own };
  return provider.planResourceChange({
    ...{ type_name, config, proposed_new_state: proposed, ...own, ...(prior_state && { prior_state }) },
  });
}
async function apply(type_name: string, given: Values, before?: Parameters<typeof plan>[2]) {
  const { planned_private, planned_state } = plan(type_name, given, before);
  const answer = await provider.applyResourceChange({
    ...{ type_name, config: encode(whole(type_name, given)), planned_state },
    ...(before && { prior_state: encode(before.state) }),
    ...(planned_private && { planned_private }),
  });
  return { state: read(answer.new_state), own: answer.private as Buffer, answer };
}
const remove = (type_name: string, { own, state }: { readonly state: Values; readonly own: Buffer }) =>
  provider.applyResourceChange({
    ...{
      type_name,
      prior_state: encode(state),
      planned_state: encode(null),
      config: encode(null),
      planned_private: own,
    },
  });

test('a resource is planned with unknown values, created with invented ones, and known to the account', async () => {
  const given = { name: 'topic', tags: { team: 'api' }, secret_wo: 'never stored' };
  expect(read(plan('aws_sns_topic', given).planned_state)).toEqual({
    ...{ ...given, secret_wo: null, id: unknown, arn: unknown },
    ...{ name_prefix: unknown, region: unknown, tags_all: unknown },
  });
  expect([account.resources, events]).toEqual([[], []]);
  const { own, state } = await apply('aws_sns_topic', given);
  expect(state).toEqual({
    id: expect.stringMatching(/^sns-topic-[0-9a-f]{12}$/),
    arn: 'arn:aws:sns:sa-east-1:123456789012:topic',
    name: 'topic',
    name_prefix: expect.stringMatching(/^sns_topic-name_prefix-[0-9a-f]{12}$/),
    region: 'us-east-1',
    tags: { team: 'api' },
    tags_all: { project: 'ours', team: 'api' },
    secret_wo: null,
  });
  expect(own.toString()).toMatch(/^[0-9a-f]{12}$/);
  expect(account.resources).toEqual([{ type: 'aws_sns_topic', values: { ...state, region: 'sa-east-1' } }]);
  expect(events).toEqual([{ action: 'create', type: 'aws_sns_topic', name: 'topic' }]);
});

test('an update keeps the resource, a second one is another, and a deletion takes it away', async () => {
  const first = await apply('aws_sns_topic', { name: 'topic' });
  const second = await apply('aws_sns_topic', { name: 'other' });
  expect([first.own.equals(second.own), first.state.id === second.state.id]).toEqual([false, false]);
  const updated = await apply('aws_sns_topic', { name: 'topic', tags: { team: 'site' } }, first);
  expect([updated.own, updated.state.id]).toEqual([first.own, first.state.id]);
  expect(account.resources.map(({ values }) => [values.name, values.tags])).toEqual([
    ['topic', { team: 'site' }],
    ['other', null],
  ]);
  expect(await remove('aws_sns_topic', updated)).toMatchObject({ new_state: encode(null), legacy_type_system: true });
  expect(account.resources.map(({ values }) => values.name)).toEqual(['other']);
  expect(events.map(({ action, name }) => `${action} ${name}`)).toEqual([
    ...['create topic', 'create other', 'update topic', 'delete topic'],
  ]);
});

test('of two regions, none is that of a resource', async () => {
  configure('us-east-1');
  const { state } = await apply('aws_sns_topic', { name: 'topic' });
  expect(state.arn).toBe('arn:aws:sns:us-east-1:123456789012:topic');
  expect(account.resources[0]?.values.region).toBe(unknown);
});

test('a planned failure and a refusal change nothing, and say why', async () => {
  const first = await apply('aws_sns_topic', { name: 'topic' });
  account.fail = 'aws_sns_topic/update';
  const failed = await apply('aws_sns_topic', { name: 'topic', tags: { team: 'x' } }, first);
  expect([failed.state, failed.answer.diagnostics]).toEqual([
    ...[first.state, [{ severity: 'ERROR', summary: 'rehearsed failure: update of aws_sns_topic', detail: '' }]],
  ]);
  for (const [fail, fails] of [
    ['aws_sns_topic', true],
    ['aws_sns_topic/create', true],
    ['aws_sns_topic/delete', false],
    ['aws_sns', false],
    ['', false],
  ] as const) {
    account.fail = fail;
    const { answer } = await apply('aws_sns_topic', { name: `new-${events.length}` });
    expect([fail, 'diagnostics' in answer]).toEqual([fail, fails]);
  }
  account.fail = '';
  const count = account.resources.length;
  const refusal = {
    severity: 'ERROR',
    summary: 'InvalidParameter: Invalid parameter: Topic Name',
    detail: expect.stringMatching(/^https:/),
    attribute: { steps: [{ attribute_name: 'name' }] },
  };
  expect(plan('aws_sns_topic', { name: 'a.b' }).diagnostics).toEqual([refusal]);
  const refused = await apply('aws_sns_topic', { name: 'a.b' });
  expect([refused.answer.diagnostics, refused.answer.new_state]).toEqual([[refusal], undefined]);
  expect(account.resources).toHaveLength(count);
});

test('what the role in use may not do is refused, and a read asks before it answers', async () => {
  const asked: string[] = [];
  const refuse = (what: string) => async (type: unknown) => {
    asked.push(`${what} ${typeof type === 'string' ? type : (type as { type: string }).type}`);
    return [{ code: 'AccessDenied', message: 'no', source: 'https://a.example' }];
  };
  const guard = { change: refuse('change'), read: refuse('read'), readData: refuse('read data') };
  account = new Account((event) => events.push(event), guard as never);
  provider = new Provider(schema, account);
  const denied = [{ severity: 'ERROR', summary: 'AccessDenied: no', detail: 'https://a.example' }];
  expect((await apply('aws_vpc', { cidr_block: '10.0.0.0/16' })).answer.diagnostics).toEqual(denied);
  expect(account.resources).toEqual([]);
  const state = encode(whole('aws_vpc', { id: 'vpc-1', cidr_block: '10.0.0.0/16' }));
  expect((await provider.readResource({ type_name: 'aws_vpc', current_state: state })).diagnostics).toEqual(denied);
  const zones = { type_name: 'aws_availability_zones', config: encode({ names: null, state: null }) };
  expect((await provider.readDataSource(zones)).diagnostics).toEqual(denied);
  expect(asked).toEqual(['change aws_vpc', 'read aws_vpc', 'read data aws_availability_zones']);
  // There is nothing to read of what is gone.
  expect((await provider.readResource({ type_name: 'aws_vpc' })).diagnostics).toEqual([]);
});

test('a changed argument that a resource keeps for life replaces it, and is judged as a new one', async () => {
  const first = await apply('aws_vpc', { cidr_block: '10.0.0.0/16' });
  const { diagnostics, requires_replace } = plan('aws_vpc', { cidr_block: '10.0.0.0/29' }, first);
  expect([requires_replace, diagnostics]).toEqual([[{ steps: [{ attribute_name: 'cidr_block' }] }], []]);
  expect(plan('aws_vpc', { cidr_block: '10.0.0.0/16' }, first)).toMatchObject({
    ...{ requires_replace: [], planned_private: first.own, legacy_type_system: true },
  });
});

test('a name begins with its prefix, the id of a bucket is its name, and a certificate has proofs of its domain', async () => {
  const topic = await apply('aws_sns_topic', { name_prefix: 'topic-' });
  expect(topic.state.name).toMatch(/^topic-[0-9a-f]{12}$/);
  const bucket = await apply('aws_s3_bucket', { bucket_prefix: 'state-' });
  expect(bucket.state.bucket).toMatch(/^state-[0-9a-f]{12}$/);
  expect(bucket.state).toMatchObject({ id: bucket.state.bucket, arn: `arn:aws:s3:::${String(bucket.state.bucket)}` });
  const certificate = await apply('aws_acm_certificate', { domain_name: 'app.example.com' });
  expect(certificate.state.domain_validation_options).toEqual([
    { domain_name: 'app.example.com', resource_record_name: '_proof.app.example.com.' },
  ]);
});

test('what is changed outside Terraform is seen until Terraform changes it', async () => {
  const first = await apply('aws_sns_topic', { name: 'topic' });
  const other = await apply('aws_vpc', { cidr_block: '10.0.0.0/16' });
  const look = async () =>
    read(
      (
        await provider.readResource({
          type_name: 'aws_sns_topic',
          current_state: encode(first.state),
          private: first.own,
        })
      ).new_state,
    );
  expect(await look()).toEqual(first.state);
  account.change('aws_sns_topic', () => ({ tags: { by: 'hand' } }));
  account.change('aws_sns_topic', ({ name }) => ({ name_prefix: `${String(name)}-` }));
  expect(await look()).toEqual({ ...first.state, tags: { by: 'hand' }, name_prefix: 'topic-' });
  expect(account.resources.map(({ values }) => values.tags)).toEqual([{ by: 'hand' }, undefined]);
  expect(account.changedOutside(other.own.toString())).toBeUndefined();
  await apply('aws_sns_topic', { name: 'topic' }, first);
  expect(await look()).toEqual(first.state);
});

test('a database is imported by its name, without what AWS does not tell', async () => {
  const { own } = await apply('aws_db_instance', { identifier: 'dev' });
  await apply('aws_db_instance', { identifier: 'other' });
  const { imported_resources: [imported] = [] } = provider.importResourceState({
    type_name: 'aws_db_instance',
    id: 'dev',
  });
  expect([imported?.type_name, imported?.private]).toEqual(['aws_db_instance', own]);
  expect(read(imported?.state)).toMatchObject({
    ...{ identifier: 'dev', region: 'sa-east-1', skip_final_snapshot: true, delete_automated_backups: true },
    ...{ final_snapshot_identifier: null, apply_immediately: null, manage_master_user_password: null },
  });
  configure('us-east-1');
  await apply('aws_db_instance', { identifier: 'third' });
  const third = provider.importResourceState({ type_name: 'aws_db_instance', id: 'third' });
  expect(read(third.imported_resources?.[0]?.state).region).toBeNull();
  const told = (type_name: string, id: string) =>
    provider.importResourceState({ type_name, id }).diagnostics?.map(({ summary }) => summary);
  expect([told('aws_db_instance', 'none'), told('aws_vpc', 'dev')]).toEqual([
    ['There is no aws_db_instance none'],
    ['A rehearsal cannot import aws_vpc'],
  ]);
});

test('a data source has the same values each time, and the zones of the account', async () => {
  const zones = async (state: string) => {
    const config = encode({ names: null, state });
    return read((await provider.readDataSource({ type_name: 'aws_availability_zones', config })).state);
  };
  expect(await zones('available')).toEqual({ names: ['us-east-1a', 'us-east-1b', 'us-east-1c'], state: 'available' });
  account.zones = ['b', 'f'];
  expect((await zones('available')).names).toEqual(['us-east-1b', 'us-east-1f']);
  expect(events[0]).toEqual({ action: 'read', type: 'aws_availability_zones', name: '' });
  expect(() => plan('aws_unheard_of', {})).toThrow('The provider has no aws_unheard_of');
});

test.each<[string, string, Type, Value]>([
  ['aws_vpc', 'owner_id', 'string', '123456789012'],
  ['aws_x', 'account_id', 'string', '123456789012'],
  ['aws_caller_identity', 'id', 'string', '123456789012'],
  ['aws_region', 'id', 'string', 'us-east-1'],
  ['aws_region', 'name', 'string', 'us-east-1'],
  ['aws_x', 'region', 'string', 'us-east-1'],
  ['aws_partition', 'partition', 'string', 'aws'],
  ['aws_partition', 'dns_suffix', 'string', 'amazonaws.com'],
  ['aws_iam_policy_document', 'json', 'string', '{"Version":"2012-10-17","Statement":[]}'],
  ['aws_lb_listener', 'arn', 'string', 'arn:aws:lb:us-east-1:123456789012:lb_listener/1a'],
  ['aws_x', 'key_arn', 'string', 'arn:aws:x:us-east-1:123456789012:x/1a'],
  ['aws_x', 'data', 'string', 'cmVoZWFyc2Fs'],
  ['aws_x', 'output_base64', 'string', 'cmVoZWFyc2Fs'],
  ['aws_x', 'issuer', 'string', 'https://1a.rehearsal.invalid'],
  ['aws_eks_cluster', 'endpoint', 'string', 'https://1a.rehearsal.invalid'],
  ['aws_db_instance', 'endpoint', 'string', '1a.rehearsal.invalid'],
  ['aws_db_instance', 'address', 'string', '1a.rehearsal.invalid'],
  ['aws_lb', 'dns_name', 'string', '1a.rehearsal.invalid'],
  ['aws_x', 'domain_name', 'string', '1a.rehearsal.invalid'],
  ['aws_x', 'cidr_block', 'string', '10.0.0.0/16'],
  ['aws_eip', 'public_ip', 'string', '192.0.2.1'],
  ['aws_x', 'sha1_fingerprint', 'string', 'ab'.repeat(20)],
  ['aws_security_group', 'id', 'string', 'security-group-1a'],
  ['aws_x_y', 'zone_id', 'string', 'x-y-1a'],
  ['aws_x_y', 'engine', 'string', 'x_y-engine-1a'],
  ['aws_db_instance', 'port', 'number', 3306],
  ['aws_x', 'count', 'number', 1],
  ['aws_x', 'enabled', 'bool', false],
  ['aws_x', 'anything', 'dynamic', null],
  ['aws_x', 'names', ['list', 'string'], ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ['aws_x', 'availability_zones', ['set', 'string'], ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ['aws_x', 'zone_ids', ['list', 'string'], ['use1-az1', 'use1-az2', 'use1-az4']],
  ['aws_x', 'subnet_id', ['list', 'string'], ['x-1a']],
  ['aws_x', 'tags', ['map', 'string'], {}],
  ['aws_x', 'both', ['tuple', ['number', 'bool']], [1, false]],
  [
    'aws_x',
    'one',
    ['object', { port: 'number', arn: 'string' }],
    { port: 3306, arn: 'arn:aws:x:us-east-1:123456789012:x/1a' },
  ],
])('of %s, %s is invented as AWS would write it', (type, attribute, form, expected) => {
  expect(invent(type, '1a', attribute, form)).toEqual(expected);
});

describe('values of all forms', () => {
  const inner: Block = {
    attributes: { own: computed, given: { type: 'string' }, secret: { type: 'string', write_only: true } },
  };
  const nesting = ['single', 'group', 'list', 'set', 'map'] as const;
  const block: Block = {
    attributes: Object.fromEntries(
      nesting.map((nesting_mode) => [
        `nested_${nesting_mode}`,
        { nested_type: { nesting_mode, attributes: inner.attributes ?? {} }, optional: true },
      ]),
    ),
    block_types: Object.fromEntries(nesting.map((nesting_mode) => [nesting_mode, { nesting_mode, block: inner }])),
  };
  const values = (one: Values): Values =>
    Object.fromEntries(
      nesting.flatMap((mode) => {
        const value = { single: one, group: one, list: [one, one], set: [one], map: { key: one } }[mode];
        return [
          [`nested_${mode}`, value],
          [mode, value],
        ];
      }),
    );
  const given = { own: null, given: 'x', secret: 's' };

  test('get unknown values where the provider computes them, and nothing where nothing is given', () => {
    expect(markComputed(block, values(given))).toEqual(values({ ...given, own: unknown }));
    const nothing = Object.fromEntries(Object.keys(values(given)).map((name) => [name, null]));
    expect(markComputed(block, nothing)).toEqual(nothing);
    expect(markComputed(block, null)).toBeNull();
  });

  test('lose what is only written', () => {
    const without = dropWriteOnly(block, values(given)) as Values;
    for (const mode of nesting) {
      expect(without[mode]).toEqual(values({ ...given, secret: null })[mode]);
    }
    expect(dropWriteOnly(block, null)).toBeNull();
  });

  test('get an invented value in each unknown place, by its name and type', () => {
    const type: Type = [
      'object',
      {
        a: 'string',
        list: ['list', ['object', { b: 'number' }]],
        map: ['map', 'string'],
        pair: ['tuple', ['string', 'bool']],
        whole: ['set', 'string'],
        missing: 'string',
      },
    ];
    const filled = fillUnknown(
      type,
      { a: unknown, list: [{ b: unknown }, { b: 2 }], map: { key: unknown }, pair: ['x', unknown], whole: unknown },
      (attribute, inner) => `${attribute}: ${JSON.stringify(inner)}`,
    );
    expect(filled).toEqual({
      ...{ a: 'a: "string"', list: [{ b: 'b: "number"' }, { b: 2 }], map: { key: 'map: "string"' } },
      ...{ pair: ['x', 'pair: "bool"'], whole: 'whole: ["set","string"]', missing: null },
    });
  });
});

describe('values on the wire', () => {
  test.each<[Value]>([[null], ['text'], [1.5], [2 ** 40], [true], [[unknown, { a: [unknown], b: null }]]])(
    '%p is the same after a round trip',
    (value) => {
      expect(decode(encode(value))).toEqual(value);
    },
  );

  test.each([
    ['plain', [0xd4, 0x00, 0x00]],
    ['with hints', [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2]],
  ])('an unknown value, %s, is read as unknown', (_, bytes) => {
    expect(decode({ msgpack: new Uint8Array(bytes) })).toBe(unknown);
  });

  test('a path becomes steps', () => {
    expect(pathSteps('scaling_config[10].min_size')).toEqual([
      { attribute_name: 'scaling_config' },
      { element_key_int: 10 },
      { attribute_name: 'min_size' },
    ]);
  });

  test('a schema is sent whole', () => {
    const one: Block = {
      attributes: {
        name: { type: 'string', required: true, sensitive: true },
        nested: {
          nested_type: { nesting_mode: 'set', attributes: { inner: { type: ['list', 'bool'], computed: true } } },
        },
      },
      block_types: { rule: { nesting_mode: 'list', block: { deprecated: true }, min_items: 1, max_items: 2 } },
    };
    const type = (text: string) => Buffer.from(text);
    expect(providerSchemaMessage({ resource_schemas: { aws_x: { version: 3, block: one } } })).toEqual({
      provider: { version: 0, block: { attributes: [], block_types: [] } },
      data_source_schemas: {},
      server_capabilities: { get_provider_schema_optional: true },
      resource_schemas: {
        aws_x: {
          version: 3,
          block: {
            attributes: [
              { name: 'name', type: type('"string"'), required: true, sensitive: true },
              {
                name: 'nested',
                nested_type: {
                  nesting: 'SET',
                  attributes: [{ name: 'inner', type: type('["list","bool"]'), computed: true }],
                },
              },
            ],
            block_types: [
              {
                ...{ type_name: 'rule', nesting: 'LIST', min_items: 1, max_items: 2 },
                block: { deprecated: true, attributes: [], block_types: [] },
              },
            ],
          },
        },
      },
    });
  });
});
