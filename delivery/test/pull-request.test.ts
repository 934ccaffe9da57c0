import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { partsOf } from '../parts.ts';
import { longestInComment, summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint, type Plan } from '../planned-changes.ts';
import { longestBody, readReport } from '../report.ts';
import { risksOf } from '../risks.ts';
import { delivery } from './support/delivery.ts';

const everything = [...applications.map(({ name }) => name), 'infra'];
const folder = mkdtempSync(join(tmpdir(), 'pull-request-'));
const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('the changed parts', () => {
  test.each<[string, string[]]>([
    ['apps/calculadora-api/src/main.ts', ['calculadora-api']],
    ['apps/magic-calculator/k8s/base/deployment.yaml', ['magic-calculator']],
    ['packages/contract/src/limits.ts', everything],
    ['pnpm-lock.yaml', everything],
    ['infra/environments/dev.ts', ['infra']],
    ['docs/costs.md', []],
    ['apps/calculadora-api-old/README.md', []],
    // Names that other folders have, too.
    ['apps/magic-calculator/package.json', ['magic-calculator']],
    ['docs/infra/pnpm-lock.yaml', []],
  ])('of a change to %s are %j', (path, expected) => {
    const changed = Object.entries(partsOf([path])).filter(([, isChanged]) => isChanged);
    expect(changed.map(([name]) => name)).toEqual(expected);
  });

  test('of several files are those of each, in any order', () => {
    const changedIn = (files: readonly string[]) =>
      Object.entries(partsOf(files)).flatMap(([name, isChanged]) => (isChanged ? [name] : []));
    const files = [
      ...everything.flatMap((part) => (part === 'infra' ? ['infra/main.ts', 'cdktf.json'] : [`apps/${part}/a.ts`])),
      ...['docs/costs.md', 'README.md', 'test/a.ts'],
    ];
    expect(files.length).toBeGreaterThan(5);
    expect(changedIn(files)).toEqual(everything);
    for (const one of files) {
      for (const other of files) {
        const either = new Set([...changedIn([one]), ...changedIn([other])]);
        const many = [...Array.from({ length: 300 }, (_, index) => `docs/${index}.md`), one, other];
        expect([one, other, changedIn(many)]).toEqual([one, other, everything.filter((part) => either.has(part))]);
      }
    }
  });

  test('are all of them if git does not know the base commit', async () => {
    const { code, output, outputs } = await delivery(['changes', '--base', '0'.repeat(40)]);
    expect(code).toBe(0);
    expect(output).toContain('everything is treated as changed');
    expect(outputs).toEqual({
      ...Object.fromEntries(everything.map((part) => [part, 'true'])),
      parts: everything.join(','),
    });
  });

  test('are those of the branch, also of a file that it moves, without later changes of its base', async () => {
    const clone = mkdtempSync(join(tmpdir(), 'clone-'));
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: clone, encoding: 'utf8', stdio: 'pipe' }).trim();
    const commit = (path: string) => {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), path);
      git('add', '.');
      git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit', '--quiet', '--message', path);
    };
    git('init', '--quiet', '--initial-branch=develop');
    commit('infra/moved.ts');
    git('switch', '--quiet', '--create', 'feature');
    mkdirSync(join(clone, 'docs'));
    git('mv', 'infra/moved.ts', 'docs/moved.ts');
    commit('apps/magic-calculator/src/Calculação.tsx');
    const head = git('rev-parse', 'HEAD');
    git('switch', '--quiet', 'develop');
    commit('apps/calculadora-api/src/main.ts');
    const { outputs } = await delivery(['changes', '--base', git('rev-parse', 'HEAD'), '--head', head], {
      GIT_DIR: join(clone, '.git'),
    });
    expect(outputs).toEqual({
      ...Object.fromEntries(everything.map((part) => [part, 'false'])),
      'magic-calculator': 'true',
      infra: 'true',
      parts: 'magic-calculator,infra',
    });
  });
});

describe('the cost of a change', () => {
  const month = (total: number, approvalAbove = 20) => ({
    dev: { total, parts: { computing: total - 100, database: 100 }, approvalAbove },
    prd: { total: 400, parts: {}, approvalAbove: 50 },
  });
  const costs = (before: string, after: object) =>
    delivery(['compare-costs', 'dev', '--before', before, '--after', file('after.json', after)]);

  test.each([
    [300, 320, '20', 'false'],
    [300, 320.01, '20.01', 'true'],
    [300, 250, '-50', 'false'],
  ])('from %d to %d USD is a rise of %s, and needs a second approval: %s', async (before, after, rise, above) => {
    const { output, outputs, summary } = await costs(file('before.json', month(before)), month(after));
    expect(outputs).toEqual({ rise, above });
    // The log of the step says the same, and where the rest is.
    expect(output).toContain(`rise=${rise}\nabove=${above}\n`);
    expect(output).toContain('The summary is on the page of the workflow run.');
    expect(summary).toContain(`| **Total** | US$ ${before.toFixed(2)} | US$ ${after.toFixed(2)} |`);
    expect(summary.includes('second approval')).toBe(above === 'true');
  });

  test('is compared with the limit before the change: a pull request cannot raise its own', async () => {
    const { outputs } = await costs(file('before.json', month(300)), month(400, 1_000));
    expect(outputs.above).toBe('true');
  });

  test('needs a second approval if the cost before is unknown', async () => {
    const { outputs, summary } = await costs(join(folder, 'missing.json'), month(300));
    expect(outputs).toEqual({ rise: '', above: 'true' });
    expect(summary).toContain('is unknown');
  });

  test('is nothing for an environment that is destroyed, and all of it for one that comes back', async () => {
    const destroyed = { ...month(300), dev: { ...month(300).dev, isDestroyed: true } };
    expect((await costs(file('before.json', month(300)), destroyed)).outputs).toEqual({ rise: '-300', above: 'false' });
    const back = await costs(file('before.json', destroyed), month(300));
    expect(back.outputs).toEqual({ rise: '300', above: 'true' });
    expect(back.summary).toContain('| máquinas das aplicações | US$ 0.00 | US$ 200.00 |');
  });

  test('is written for the command comment in both languages', async () => {
    const files = ['--before', file('before.json', month(300)), '--after', file('after.json', month(320))];
    const out = join(folder, 'costs.json');
    await delivery(['compare-costs', 'dev', ...files, '--out', out]);
    expect(readReport(out)).toEqual({
      pt: expect.stringContaining('| **Total** | US$ 300.00 |'),
      en: expect.stringContaining('### Monthly cost of dev'),
    });
  });

  test('is refused without an estimate of the cost after, with a message that says so', async () => {
    const files = ['--before', file('before.json', month(300)), '--after', file('after.json', '{}')];
    expect(await delivery(['compare-costs', 'dev', ...files])).toMatchObject({
      code: 2,
      output: expect.stringContaining('infra costs --json'),
    });
  });
});

describe('a plan', () => {
  const change = (actions: string[], more: object = {}) => ({
    address: 'aws_db_instance.database_instance_1A2B3C4D',
    type: 'aws_db_instance',
    change: { actions, before: null, after: null, ...more },
  });

  test('that only updates a resource with data loses nothing', () => {
    expect(summarise({ resource_changes: [change(['update'])] }, 'prd').en).not.toContain('Data will be lost');
  });

  test.each([[['delete', 'create']], [['create', 'delete']], [['create', 'forget']]])(
    'that replaces by %j counts as one replacement',
    (actions) => {
      const { en, pt } = summarise({ resource_changes: [change(actions)] }, 'prd');
      expect(pt).toContain('| 0 | 0 | 1 | 0 |');
      expect(pt).toContain('**substitui `aws_db_instance.database_instance`:');
      expect(en).toContain('**replaces `aws_db_instance.database_instance`:');
    },
  );

  test('that only reads changes nothing', () => {
    expect(summarise({ resource_changes: [change(['read']), change(['no-op'])] }, 'dev').en).toContain(
      'Nothing changes',
    );
  });

  test('that changes only outputs has to be applied', () => {
    const plan: Plan = { output_changes: { site_address: { actions: ['update'] } } };
    expect(changesAnything(plan)).toBe(true);
    expect(summarise(plan, 'dev').en).toContain('Only outputs change');
    expect(changesAnything({ output_changes: { site_address: { actions: ['no-op'] } } })).toBe(false);
  });

  test('keeps its values in a comment as long as both languages fit beside the rest of it', () => {
    const planOf = (length: number): Plan => ({
      resource_changes: Array.from({ length }, (_, index) => ({
        ...change(['update'], { before: { description: 'x'.repeat(70) }, after: { description: 'y'.repeat(70) } }),
        address: `aws_iam_role.role-${index}`,
      })),
    });
    const told = Array.from({ length: 120 }, (_, length) => {
      const [whole, short] = [{}, { longest: longestInComment }].map((more) => summarise(planOf(length), 'dev', more));
      return { length: whole?.en.length ?? 0, isWhole: short?.en === whole?.en };
    });
    const longest = Math.max(...told.filter(({ isWhole }) => isWhole).map(({ length }) => length));
    expect(told.filter(({ isWhole, length }) => isWhole !== length <= longest)).toEqual([]);
    // A third of the comment is for the rest.
    expect((2 * longest) / longestBody).toBeGreaterThan(0.6);
    expect((2 * longest) / longestBody).toBeLessThan(0.67);
  });

  test('that is too long for a comment keeps its counts and its losses', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      ...change(['create']),
      address: `aws_iam_role.role-${index}`,
    }));
    const long: Plan = { resource_changes: [...many, change(['delete'])] };
    expect(summarise(long, 'dev').pt).toContain('aws_iam_role.role-1999');
    const { en: summary } = summarise(long, 'dev', { longest: longestInComment });
    expect(summary.length).toBeLessThanOrEqual(longestInComment);
    expect(summary).toContain('| 2000 | 0 | 0 | 1 |');
    expect(summary).toContain('destroys `aws_db_instance.database_instance`');
    expect(summary).toContain('on the page of the workflow run');
  });

  describe('has a fingerprint', () => {
    const database = (change: object, more: object = {}): Plan => ({
      resource_changes: [
        {
          address: 'aws_db_instance.database',
          type: 'aws_db_instance',
          change: { actions: ['update'], ...change },
          ...more,
        },
      ],
    });
    const approved = database({
      before: { size: 1, latest_restorable_time: '10:00', password: 'old' },
      after: { size: 2, latest_restorable_time: '10:00', password: 'new' },
      before_sensitive: { password: true },
      after_sensitive: { password: true },
    });

    test('that stays when AWS moves what the plan does not change, or a secret has another value', () => {
      const later = database({
        before: { size: 1, latest_restorable_time: '10:05', password: 'old' },
        after: { size: 2, latest_restorable_time: '10:05', password: 'another' },
        before_sensitive: { password: true },
        after_sensitive: { password: true },
      });
      expect(fingerprint(later)).toBe(fingerprint(approved));
    });

    test.each<[string, object, object?]>([
      ['another new value', { before: { size: 1 }, after: { size: 3 } }],
      ['a change by hand in between', { before: { size: 5 }, after: { size: 2 } }],
      ['another action', { actions: ['delete', 'create'], before: { size: 1 }, after: { size: 2 } }],
      ['a value that is known only later', { before: { size: 1 }, after: {}, after_unknown: { size: true } }],
      ['one more argument', { before: { size: 1 }, after: { size: 2, backup: 0 } }],
      ['a move', { before: { size: 1 }, after: { size: 2 } }, { previous_address: 'aws_db_instance.old' }],
      ['an import', { before: { size: 1 }, after: { size: 2 }, importing: { id: 'db-1' } }],
      ['an old object', { before: { size: 1 }, after: { size: 2 } }, { deposed: 'ab12' }],
      ['another reason', { before: { size: 1 }, after: { size: 2 }, replace_paths: [['size']] }],
    ])('that differs for %s', (_, change, more = {}) => {
      const plain = fingerprint(database({ before: { size: 1 }, after: { size: 2 } }));
      expect(fingerprint(database(change, more))).not.toBe(plain);
    });

    test.each(['delete', 'forget'])('that stays when a database that the plan is to %s makes a backup', (action) => {
      const gone = (time: string) => database({ actions: [action], before: { time }, after: null });
      expect(fingerprint(gone('10:05'))).toBe(fingerprint(gone('10:00')));
    });

    test('that does not depend on the order of the resources', () => {
      const resource = (address: string) => ({ address, type: 'aws_vpc', change: { actions: ['create'] } });
      const [one, other] = [resource('aws_vpc.one'), resource('aws_vpc.other')];
      const [plan, reversed] = [
        [one, other],
        [other, one],
      ].map((resource_changes) => fingerprint({ resource_changes }));
      expect(plan).toBe(reversed);
      expect(plan).not.toBe(fingerprint({ resource_changes: [one] }));
    });

    test('that does not depend on the order of a resource and of what is left of it', () => {
      const [now, left] = [
        database({ before: { size: 1 }, after: { size: 2 } }),
        database({}, { deposed: 'ab12' }),
      ].map(({ resource_changes = [] }) => resource_changes) as [
        Plan['resource_changes'] & object,
        Plan['resource_changes'] & object,
      ];
      expect(fingerprint({ resource_changes: [...now, ...left] })).toBe(
        fingerprint({ resource_changes: [...left, ...now] }),
      );
    });

    test.each([[['delete', 'create']], [['create', 'delete']], [['create', 'forget']], [['create']], [['update']]])(
      'of the values that are there after %j',
      (actions) => {
        const changed = (size: number) => fingerprint(database({ actions, before: { size: 1 }, after: { size } }));
        expect(changed(2)).not.toBe(changed(3));
      },
    );

    test('that stays when what is only read, or left as it is, has other values or is not there', () => {
      const others = (time: string): Plan => ({
        resource_changes: [['read'], ['no-op']].map((actions) => ({
          address: `data.a.${actions}`,
          type: 'a',
          change: { actions, before: { time: 'then' }, after: { time } },
        })),
        output_changes: { same: { actions: ['no-op'], before: time, after: time } },
      });
      expect(fingerprint(others('10:05'))).toBe(fingerprint(others('10:00')));
      expect(fingerprint(others('10:05'))).toBe(fingerprint({}));
    });

    test('that differs by each part of a change, of two resources, too', () => {
      const change = { actions: ['delete', 'create'], before: { size: 1 }, after: { size: 2 } };
      const plans = [
        database(change),
        database({ ...change, actions: ['create', 'delete'] }),
        database({ ...change, replace_paths: [['size']] }),
        database({ ...change, replace_paths: [['name']] }),
        database({ ...change, importing: { id: 'one' } }),
        database({ ...change, importing: { id: 'two' } }),
        database(change, { address: 'aws_db_instance.other' }),
        database(change, { previous_address: 'aws_db_instance.one' }),
        database(change, { previous_address: 'aws_db_instance.two' }),
        database(change, { deposed: 'ab12' }),
        database(change, { deposed: 'cd34' }),
        database({ ...change, actions: ['delete'] }),
        database({ ...change, actions: ['forget'] }),
        // A move and an import that change nothing else.
        database({ actions: ['no-op'] }, { previous_address: 'aws_db_instance.one' }),
        database({ actions: ['no-op'] }, { previous_address: 'aws_db_instance.two' }),
        database({ actions: ['no-op'], importing: { id: 'one' } }),
        database({ actions: ['no-op'], importing: { id: 'two' } }),
      ];
      const twice = plans.map(({ resource_changes = [] }) => ({
        resource_changes: [...(database({}).resource_changes ?? []), ...resource_changes],
      }));
      const all = [...plans, ...twice].map((plan) => fingerprint(plan));
      expect(new Set(all).size).toBe(all.length);
      for (const one of all) expect(one).toMatch(/^[0-9a-f]{64}$/);
    });

    test('that does not tell a secret output, and differs by its name', () => {
      const output = (name: string, after: string): Plan => ({
        output_changes: { [name]: { actions: ['update'], after, after_sensitive: true } },
      });
      expect(fingerprint(output('password', 'one'))).toBe(fingerprint(output('password', 'two')));
      expect(fingerprint(output('password', 'one'))).not.toBe(fingerprint(output('token', 'one')));
    });

    test('of its outputs, too', () => {
      const output = (after: string): Plan => ({ output_changes: { address: { actions: ['update'], after } } });
      expect(fingerprint(output('one'))).not.toBe(fingerprint(output('another')));
      expect(fingerprint(output('one'))).not.toBe(fingerprint({}));
    });
  });

  test('has to be applied, and has a fingerprint of its own, for each way in which outputs change', () => {
    const ways = {
      comes: { actions: ['create'], before: null, after: 'one' },
      changes: { actions: ['update'], before: 'one', after: 'two' },
      changesOtherwise: { actions: ['update'], before: 'one', after: 'three' },
      goes: { actions: ['delete'], before: 'one', after: null },
      isKnownLater: { actions: ['update'], before: 'one', after: null, after_unknown: true },
      isSecret: { actions: ['create'], before: null, after: 'one', after_sensitive: true },
    };
    const outputs = (...changes: object[]): Plan => ({
      output_changes: Object.fromEntries(
        changes.map((change, index) => [`address-${index}`, change as (typeof ways)['comes']]),
      ),
    });
    const all = Object.values(ways);
    const plans = [...all.map((one) => outputs(one)), ...all.flatMap((one) => all.map((other) => outputs(one, other)))];
    for (const plan of plans) {
      const more: Plan = { ...plan, resource_changes: [change(['update'], { before: { a: 1 }, after: { a: 2 } })] };
      expect([plan, changesAnything(plan)]).toEqual([plan, true]);
      expect(summarise(plan, 'dev').en).toContain('Only outputs change');
      expect(fingerprint(more)).not.toBe(fingerprint(plan));
    }
    expect(new Set(plans.map((plan) => fingerprint(plan))).size).toBe(plans.length);
  });

  describe('that moves or imports resources', () => {
    const moved: Plan = {
      resource_changes: [{ ...change(['no-op']), address: 'aws_vpc.new', previous_address: 'aws_vpc.old' }],
    };
    const imported: Plan = {
      resource_changes: [{ ...change(['no-op'], { importing: { id: 'vpc-1' } }), address: 'aws_vpc.known' }],
    };

    test('has to be applied, and lists them', () => {
      expect([changesAnything(moved), changesAnything(imported)]).toEqual([true, true]);
      const { pt } = summarise(moved, 'dev');
      expect(pt).toContain('<summary>Movidos no state: 1</summary>');
      expect(pt).toContain('- `aws_vpc.new`, antes: `aws_vpc.old`');
      expect(summarise(imported, 'dev').pt).toContain('<summary>Importados para o state: 1<');
    });
  });

  describe('shows its approver', () => {
    const shown = (values: object, type = 'aws_db_instance', actions = ['update']) =>
      summarise({ resource_changes: [{ ...change(actions, values), address: `${type}.it`, type }] }, 'prd').pt;

    test('each changed value, and no other', () => {
      const summary = shown({
        before: { instance_class: 'db.t4g.micro', engine: 'mysql', tags: { owner: 'us' }, old: 1 },
        after: { instance_class: 'db.t4g.small', engine: 'mysql', tags: { owner: 'us', team: 'api' } },
        after_unknown: { status: true },
      });
      expect(summary).toContain('  - `instance_class`: `db.t4g.micro` → `db.t4g.small`\n');
      expect(summary).toContain('  - `tags.team`: `api`\n');
      expect(summary).toContain('  - `old`: `1` → (removido)\n');
      expect(summary).toContain('  - `status`: (só se sabe depois)\n');
      expect(summary).not.toMatch(/`engine`|`tags.owner`/);
    });

    test.each<[string, object]>([
      ['a secret', { before: { it: 'x' }, after: { it: 's3cret' }, after_sensitive: { it: true } }],
      [
        'a secret within a list',
        { before: { it: ['x'] }, after: { it: ['x', 's3cret'] }, after_sensitive: { it: [false, true] } },
      ],
      [
        'a secret of another form',
        { before: { it: 'x' }, after: { it: { a: 's3cret' } }, after_sensitive: { it: { a: true } } },
      ],
      ['an e-mail address', { before: { it: 'x' }, after: { it: 's3cret@example.com' } }],
    ])('%s only as changed', (_, values) => {
      const summary = shown(values);
      expect(summary).toContain('  - `it');
      expect(summary).not.toContain('s3cret');
    });

    test('a document by its fields', () => {
      const document = (action: string) => JSON.stringify({ Statement: [{ Effect: 'Deny', Action: action }] });
      const summary = shown({ before: { policy: document('s3:*') }, after: { policy: document('iam:*') } });
      expect(summary).toContain('  - `policy.Statement.0.Action`: `s3:*` → `iam:*`');
    });

    test('which item of a list is new or gone', () => {
      const summary = shown({ before: { zones: ['a', 'b'] }, after: { zones: ['c', 'a', 'b'] } });
      expect(summary.match(/ {2}- `zones.*/g)).toEqual(['  - `zones`: `c`']);
    });

    test('why a resource is replaced, and what users notice', () => {
      const values = { replace_paths: [['subnets', 0]], before: { subnets: ['a'] }, after: { subnets: ['b'] } };
      const summary = shown(values, 'aws_lb', ['delete', 'create']);
      expect(summary).toContain('- `aws_lb.it`, por causa de `subnets.0`');
      expect(summary).toContain('  - `subnets.0`: `a` → `b`');
      expect(summary).toContain('**O que os usuários notam**\n\n- `aws_lb.it`: o site e a API');
    });

    test('a long value only in part', () => {
      const summary = shown({ before: { it: 'x' }, after: { it: 'y'.repeat(10_000) } });
      expect(summary).toContain(`  - \`it\`: \`x\` → \`${'y'.repeat(200)}…\`\n`);
    });

    test('that a whole environment goes', () => {
      const plan: Plan = { resource_changes: [change(['delete'])] };
      expect(summarise(plan, 'dev', { isDestroy: true }).pt).toContain('**O ambiente dev inteiro será apagado');
      expect(summarise(plan, 'dev').pt).not.toContain('inteiro');
    });

    test('resources that Terraform only forgets, with their number', () => {
      const { pt } = summarise({ resource_changes: [change(['forget'])] }, 'dev');
      expect(pt).toContain(
        '| Criados | Alterados | Substituídos | Destruídos | Removidos do state, mas não apagados |',
      );
      expect(pt).toContain('| 0 | 0 | 0 | 0 | 1 |');
      expect(changesAnything({ resource_changes: [change(['forget'])] })).toBe(true);
    });

    test('a value with line breaks or backticks in one line', () => {
      const summary = shown({ before: { it: 'x' }, after: { it: 'a\n</details>`b`' } });
      expect(summary).toContain("  - `it`: `x` → `a </details>'b'`\n");
    });
  });

  describe('asks for the label risk-accepted if it', () => {
    const policy = (...statements: object[]) => ({ policy: JSON.stringify({ Statement: statements }) });
    const allow = (Action: unknown, Resource = '*') => ({ Effect: 'Allow', Action, Resource });
    const deny = { Effect: 'Deny', Action: 'iam:*', Resource: '*' };
    const rule = (cidr_ipv4: string) => ({ cidr_ipv4, ip_protocol: 'tcp', from_port: 22, to_port: 22 });
    const boundary = { permissions_boundary: 'arn:aws:iam::1:policy/boundary' };
    const risks = (type: string, before: object | null, after: object | null, actions: string[]) => {
      const changed = { address: `${type}.it`, type, change: { actions, before, after } };
      // Another change, because in a new environment no right can reach anything yet.
      const other = { address: 'a.b', type: 'a', change: { actions: ['update'] } };
      return risksOf({ resource_changes: [changed, other] }).map(({ policy }) => policy);
    };

    test.each<[string, string, string, object | null, object | null, string[]?]>([
      ['dataLost', 'deletes a bucket', 'aws_s3_bucket', {}, null, ['delete']],
      ['dataLost', 'replaces the database', 'aws_db_instance', {}, {}, ['delete', 'create']],
      [
        'databasePublic',
        'makes the database public',
        'aws_db_instance',
        { publicly_accessible: false },
        { publicly_accessible: true },
      ],
      ['groupOpen', 'adds an open rule', 'aws_vpc_security_group_ingress_rule', null, rule('0.0.0.0/0'), ['create']],
      [
        'groupOpen',
        'adds a rule open to IPv6',
        'aws_vpc_security_group_ingress_rule',
        null,
        { cidr_ipv6: '::/0', ip_protocol: '-1' },
        ['create'],
      ],
      ['groupOpen', 'opens a rule', 'aws_vpc_security_group_ingress_rule', rule('10.0.0.0/8'), rule('0.0.0.0/0')],
      [
        'groupOpen',
        'opens a rule to IPv6',
        'aws_security_group_rule',
        { type: 'ingress' },
        { type: 'ingress', ipv6_cidr_blocks: ['::/0'] },
      ],
      [
        'groupOpen',
        'opens a group',
        'aws_security_group',
        { ingress: [] },
        { ingress: [{ cidr_blocks: ['0.0.0.0/0'] }] },
      ],
      [
        'protectionOff',
        'drops the deletion protection',
        'aws_db_instance',
        { deletion_protection: true },
        { deletion_protection: false },
      ],
      [
        'protectionOff',
        'keeps backups for less time',
        'aws_db_instance',
        { backup_retention_period: 14 },
        { backup_retention_period: 1 },
      ],
      [
        'protectionOff',
        'skips the last snapshot',
        'aws_db_instance',
        { skip_final_snapshot: false },
        { skip_final_snapshot: true },
      ],
      [
        'protectionOff',
        'may make a bucket public',
        'aws_s3_bucket_public_access_block',
        { block_public_policy: true },
        { block_public_policy: false },
      ],
      ...[
        'enable_deletion_protection',
        'multi_az',
        'block_public_acls',
        'ignore_public_acls',
        'restrict_public_buckets',
      ].map((name): [string, string, string, object, object] => [
        'protectionOff',
        `turns ${name} off`,
        'a',
        { [name]: true },
        { [name]: false },
      ]),
      ...['force_destroy', 'delete_automated_backups'].map((name): [string, string, string, object, object] => [
        'protectionOff',
        `turns ${name} on`,
        'a',
        { [name]: false },
        { [name]: true },
      ]),
      [
        'protectionOff',
        'suspends versions',
        'aws_s3_bucket_versioning',
        { versioning_configuration: [{ status: 'Enabled' }] },
        { versioning_configuration: [{ status: 'Suspended' }] },
      ],
      [
        'rightsWidened',
        'allows an action',
        'aws_iam_role_policy',
        policy(allow('s3:GetObject')),
        policy(allow(['s3:GetObject', 's3:PutObject'])),
      ],
      [
        'rightsWidened',
        'allows a resource',
        'aws_iam_policy',
        policy(allow('s3:GetObject', 'a')),
        policy(allow('s3:GetObject', 'b')),
      ],
      [
        'rightsWidened',
        'allows all but an action',
        'aws_iam_policy',
        policy(allow('s3:*')),
        policy({ Effect: 'Allow', NotAction: 's3:GetObject', Resource: '*' }),
      ],
      ['rightsWidened', 'drops a denial', 'aws_iam_policy', policy(allow('s3:*'), deny), policy(allow('s3:*'))],
      ['rightsWidened', 'drops the boundary', 'aws_iam_role', boundary, { permissions_boundary: null }],
      [
        'rightsWidened',
        'attaches AdministratorAccess',
        'aws_iam_role_policy_attachment',
        null,
        { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        ['create'],
      ],
      [
        'rightsWidened',
        'makes a cluster administrator',
        'aws_eks_access_policy_association',
        null,
        { policy_arn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy' },
        ['create'],
      ],
      ['rightsWidened', 'creates a policy that allows all', 'aws_iam_policy', null, policy(allow('*')), ['create']],
      [
        'rightsWidened',
        'trusts another principal',
        'aws_iam_role',
        {
          assume_role_policy: JSON.stringify({
            Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: 'a' },
          }),
        },
        {
          assume_role_policy: JSON.stringify({
            Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: 'b' },
          }),
        },
      ],
    ])('%s: %s', (risk, _, type, before, after, actions = ['update']) => {
      expect(risks(type, before, after, actions)).toEqual([risk]);
    });

    test.each<[string, string, object | null, object | null, string[]?]>([
      [
        'resizes the database',
        'aws_db_instance',
        { backup_retention_period: 1, deletion_protection: true, size: 1 },
        { backup_retention_period: 14, deletion_protection: true, size: 2 },
      ],
      ['closes a rule', 'aws_vpc_security_group_ingress_rule', rule('0.0.0.0/0'), rule('10.0.0.0/8')],
      ['lets pods out', 'aws_security_group_rule', null, { type: 'egress', cidr_blocks: ['0.0.0.0/0'] }, ['create']],
      [
        'takes an action away',
        'aws_iam_policy',
        policy(allow(['s3:GetObject', 's3:PutObject'])),
        policy(allow('s3:GetObject')),
      ],
      ['adds a denial', 'aws_iam_policy', policy(allow('s3:*')), policy(allow('s3:*'), deny)],
      ['adds a role with few rights', 'aws_iam_role_policy', null, policy(allow('s3:GetObject', 'a')), ['create']],
      [
        'detaches a policy',
        'aws_iam_role_policy_attachment',
        { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        null,
        ['delete'],
      ],
      ['replaces a node group', 'aws_eks_node_group', {}, {}, ['create', 'delete']],
    ])('but not if it %s', (_, type, before, after, actions = ['update']) => {
      expect(risks(type, before, after, actions)).toEqual([]);
    });

    test('gives a role a policy that is known only after the apply', () => {
      const values = { before: policy(allow('s3:*')), after: {}, after_unknown: { policy: true } };
      const changed = { ...change(['update'], values), type: 'aws_iam_policy' };
      expect(risksOf({ resource_changes: [changed] }).map(({ policy }) => policy)).toEqual(['rightsWidened']);
    });

    test('and its heading is red', () => {
      const plan = { resource_changes: [change(['delete'])] };
      expect(summarise(plan, 'prd').pt).toMatch(/^### 🔴 Infraestrutura de prd/);
      expect(summarise(plan, 'prd').pt).toContain('- perde dados, como listado abaixo\n');
      expect(summarise({ resource_changes: [change(['update'])] }, 'prd').pt).toMatch(/^### Infraestrutura de prd/);
    });

    test('but a new environment does not', () => {
      const admin = { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
      const created = {
        address: 'a.b',
        type: 'aws_iam_role_policy_attachment',
        change: { actions: ['create'], after: admin },
      };
      expect(risksOf({ resource_changes: [created] })).toEqual([]);
    });
  });
});
