/** Parts of the restore drill that its command shows only after hours, or not at all: time limits, states, calls. */
import childProcess from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

/** Milliseconds that were waited, without waiting. */
let waited = 0;
/** The shortest time between two questions. */
let shortest = Number.POSITIVE_INFINITY;
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    waited += milliseconds;
    shortest = Math.min(shortest, milliseconds);
  },
}));
/** Milliseconds after which each started program is ended. */
const limits: (number | undefined)[] = [];
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  spawn(program: string, args: string[], options: childProcess.SpawnOptions) {
    limits.push(options.timeout);
    return childProcess.spawn(program, args, options);
  },
}));
const { texts } = await import('../command-texts.ts');
const { awsIn, CallFailed, call } = await import('../drill/programs.ts');
const {
  addressOf,
  describe: instance,
  findCopies,
  findLive,
  isGone,
  startDeletion,
} = await import('../drill/instances.ts');
const { ComparisonJob } = await import('../drill/comparison-job.ts');
const { connect } = await import('../drill/kubectl.ts');
const { deleteAllCopies, restoreDrill } = await import('../drill/restore-drill.ts');
const { withKubeconfig } = await import('../kubeconfig.ts');

const minutes = () => waited / 60_000;
const live = {
  DBInstanceIdentifier: 'desafio-aws-prd-mysql',
  DBInstanceStatus: 'available',
  DBInstanceClass: 'db.t4g.micro',
  LatestRestorableTime: '2026-01-31T12:00:00Z',
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  DBSubnetGroup: { DBSubnetGroupName: 'subnets' },
  DBParameterGroups: [],
  VpcSecurityGroups: [],
};
const inState = (DBInstanceStatus: string) => async () => ({
  DBInstances: [{ ...live, DBInstanceStatus, Endpoint: { Address: 'copy.example' } }],
});
/** What else is in the message of an error says nothing about its code. */
const failing = (code: string) => () =>
  Promise.reject(
    new CallFailed(`aws rds: An error occurred (${code}) when: not DBInstanceNotFound, nor InvalidDBInstanceState`),
  );

/** All states of an instance that is not stopped: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const states = {
  now: ['available', 'storage-initialization', 'storage-optimization'],
  later: [
    ...['backing-up', 'configuring-enhanced-monitoring', 'configuring-iam-database-auth', 'configuring-log-exports'],
    ...['converting-to-vpc', 'creating', 'maintenance', 'modifying', 'moving-to-vpc', 'rebooting', 'renaming'],
    ...['resetting-master-credentials', 'starting', 'storage-config-upgrade', 'upgrading'],
  ],
  never: [
    ...['failed', 'inaccessible-encryption-credentials', 'inaccessible-encryption-credentials-recoverable'],
    ...['incompatible-create', 'incompatible-network', 'incompatible-option-group', 'incompatible-parameters'],
    ...['incompatible-restore', 'insufficient-capacity', 'restore-error', 'storage-full', 'upgrade-failed'],
  ],
};

beforeEach(() => {
  waited = 0;
  shortest = Number.POSITIVE_INFINITY;
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});

/** A drill in an account whose copies take a given state, and can be deleted or not. */
async function drill(
  state: string,
  {
    applications = [] as string[],
    copies = [] as object[],
    isDeletable = true,
    /** Whether a copy that is being deleted is gone at some time. */
    vanishes = true,
    onCall = (_operation: string) => {},
    signal = new AbortController().signal,
  } = {},
) {
  const asked: string[] = [];
  let isDeleted = false;
  const aws = async (_service: string | undefined, operation: string | undefined, ...rest: readonly string[]) => {
    asked.push(String(operation));
    onCall(String(operation));
    if (operation === 'delete-db-instance') {
      if (!isDeletable) return failing('InvalidDBInstanceState')();
      isDeleted = true;
      return {};
    }
    if (operation !== 'describe-db-instances') return {};
    if (rest.length === 0) return { DBInstances: [live, ...copies] };
    if (rest.includes(live.DBInstanceIdentifier)) return { DBInstances: [live] };
    if (isDeleted && vanishes) return failing('DBInstanceNotFound')();
    return inState(isDeleted ? 'deleting' : state)();
  };
  const props = { environment: 'prd', owner: 'somebody', applications, aws, signal } as const;
  const outcome = await restoreDrill(props).catch((error: Error) => error);
  return { asked, outcome };
}

test('a drill gives up on a restore and on a deletion in less time than the credentials of a workflow last', async () => {
  const { asked, outcome } = await drill('creating');
  expect(outcome).toMatchObject({
    passed: false,
    problem: expect.stringContaining('"restore" took longer than 60 minutes'),
  });
  // A restore takes up to half an hour.
  expect(minutes()).toBe(60);
  expect(asked.at(-2)).toBe('delete-db-instance');

  // To begin the deletion, and until the copy is gone.
  for (const limit of [{ isDeletable: false }, { vanishes: false }]) {
    waited = 0;
    const { outcome: left } = await drill('available', limit);
    expect(String(left)).toMatch(
      / was not deleted and still costs money. Delete it: pnpm infra drill restore \w+ --clean\. /,
    );
    expect(minutes()).toBeGreaterThan(10);
    // The restore, a comparison of half an hour, and both of these.
    expect(60 + 31 + 2 * minutes()).toBeLessThan(120);
  }
  // RDS throttles what asks all the time.
  expect(shortest).toBe(15_000);
});

test('--clean waits for each copy to be gone, also for one that is being deleted already', async () => {
  const copyOf = (number: number, DBInstanceStatus: string) => ({
    ...live,
    ...{ DBInstanceIdentifier: `desafio-aws-prd-drill-${number}`, DBInstanceStatus },
    TagList: [{ Key: 'drill', Value: 'restore' }],
  });
  let copies = [copyOf(1, 'deleting'), copyOf(2, 'available'), copyOf(3, 'deleting')];
  const nameOf = (rest: readonly string[]) => rest[rest.indexOf('--db-instance-identifier') + 1];
  /** Questions about each copy. */
  const asked: string[] = [];
  const aws = async (_service: string | undefined, operation: string | undefined, ...rest: readonly string[]) => {
    if (rest.length === 0) return { DBInstances: [live, ...copies] };
    const name = String(nameOf(rest));
    const copy = copies.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === name);
    if (!copy) return failing('DBInstanceNotFound')();
    if (operation === 'delete-db-instance') {
      if (copy.DBInstanceStatus === 'deleting') return failing('InvalidDBInstanceState')();
      copy.DBInstanceStatus = 'deleting';
      return {};
    }
    asked.push(name);
    // It is there for another two questions.
    if (asked.filter((each) => each === name).length > 2) copies = copies.filter((each) => each !== copy);
    return { DBInstances: [copy] };
  };
  const names = copies.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier);
  expect(await deleteAllCopies(aws, 'prd')).toEqual(names);
  expect(copies).toEqual([]);
});

test('--clean deletes all copies that it can, and tells each that it cannot', async () => {
  const name = (number: number) => `desafio-aws-prd-drill-${number}`;
  let copies = [1, 2, 3, 4].map(name);
  const aws = async (_service: string | undefined, operation: string | undefined, ...rest: readonly string[]) => {
    const found = copies.filter((copy) => rest.length === 0 || rest.includes(copy));
    if (found.length === 0) return failing('DBInstanceNotFound')();
    if (operation === 'delete-db-instance') {
      if (rest.includes(name(1)) || rest.includes(name(3))) return failing('AccessDenied')();
      copies = copies.filter((copy) => !rest.includes(copy));
    }
    const TagList = [{ Key: 'drill', Value: 'restore' }];
    return { DBInstances: found.map((DBInstanceIdentifier) => ({ ...live, DBInstanceIdentifier, TagList })) };
  };
  const { message } = await deleteAllCopies(aws, 'prd').then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  );
  expect(copies).toEqual([name(1), name(3)]);
  expect([...message.matchAll(/^The copy (\S+) was not deleted .*AccessDenied/gm)].map(([, copy]) => copy)).toEqual(
    copies,
  );
});

test('a single copy that an earlier drill left is deleted before another one is made', async () => {
  const TagList = [{ Key: 'drill', Value: 'restore' }];
  const copies = [{ ...live, DBInstanceIdentifier: 'desafio-aws-prd-drill-1', TagList }];
  const { asked } = await drill('available', { copies });
  const changes = asked.filter((operation) => !operation.startsWith('describe'));
  expect(changes.slice(0, 2)).toEqual(['delete-db-instance', 'restore-db-instance-to-point-in-time']);
});

test('a drill creates nothing beside a copy that it cannot delete, and says which step took too long', async () => {
  const TagList = [{ Key: 'drill', Value: 'restore' }];
  const copies = [{ ...live, DBInstanceIdentifier: 'desafio-aws-prd-drill-1', TagList }];
  for (const limit of [{ isDeletable: false }, { vanishes: false }]) {
    const { asked, outcome } = await drill('available', { copies, ...limit });
    expect(String(outcome)).toMatch(
      /desafio-aws-prd-drill-1 .*The step "delete the copy" took longer than 12\.5 minutes/s,
    );
    expect(asked).not.toContain('restore-db-instance-to-point-in-time');
  }
});

test('a drill that was interrupted before it restored creates nothing', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const { asked, outcome } = await drill('available', { signal: stop.signal });
  expect(String(outcome)).toContain('stopped');
  expect(asked).toEqual(['describe-db-instances', 'describe-db-instances']);
});

test('a drill that compared nothing has not passed', async () => {
  // Kubernetes is never asked, and the AWS CLI says that its file is written.
  expect((await drill('available')).outcome).toMatchObject({ passed: false, comparisons: [] });
});

describe('A comparison that does not end', () => {
  const path = process.env.PATH;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
    const live = JSON.stringify({ spec: { template: { spec: { containers: [] } } } });
    const script = `case "$*" in *deployment*) echo '${live}';; *"get job"*) echo '{}';; esac`;
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });

  test('is given up once its job must have ended by itself, and the copy is deleted', async () => {
    const { asked, outcome } = await drill('available', { applications: ['calculadora-api'] });
    expect(outcome).toMatchObject({
      passed: false,
      problem: expect.stringContaining('"compare" took longer than 31 minutes'),
    });
    // Half an hour: activeDeadlineSeconds of the job.
    expect(minutes()).toBe(31);
    expect(shortest).toBe(10_000);
    expect(asked).toContain('delete-db-instance');
  });

  test('is told with its own reason, although its job cannot be deleted either', async () => {
    const [folder = ''] = process.env.PATH?.split(':') ?? [];
    const script = `case "$*" in *delete*) echo 'not deleted' >&2; exit 1;; *) echo 'no deployment' >&2; exit 1;; esac`;
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { asked, outcome } = await drill('available', { applications: ['calculadora-api'] });
    expect(outcome).toMatchObject({ passed: false, problem: expect.stringContaining('no deployment') });
    expect(asked).toContain('delete-db-instance');
  });

  test.each(['the first', 'the last'])(
    'of several comparisons, %s of which finds a difference, fails the drill, and all are told',
    async (which) => {
      const [folder = ''] = process.env.PATH?.split(':') ?? [];
      const found = (isSame: boolean) =>
        `echo '${JSON.stringify({ comparison: { isSame, differences: isSame ? [] : ['one row'], tables: [] } })}'`;
      const [first, second] = [found(which !== 'the first'), found(which === 'the first')];
      const script = `case "$*" in
  *deployment*) echo '{"spec": {"template": {"spec": {"containers": []}}}}';;
  *"get job"*) echo '{"status": {"conditions": [{"type": "Complete", "status": "True"}]}}';;
  *logs*) if [ -e "$0.seen" ]; then ${second}; else touch "$0.seen"; ${first}; fi;;
esac`;
      writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const { outcome } = await drill('available', { applications: ['calculadora-api', 'calculadora-api'] });
      const comparisons = [which !== 'the first', which === 'the first'].map((isSame) => ({ isSame }));
      expect(outcome).toMatchObject({ passed: false, comparisons });
      expect(outcome).not.toHaveProperty('problem');
    },
  );

  test.each([
    ['available', 'update-kubeconfig'],
    ['creating', 'restore-db-instance-to-point-in-time'],
  ])('ends at once when somebody interrupts the drill, and so does the restore: %s, at %s', async (state, at) => {
    const stop = new AbortController();
    const { asked, outcome } = await drill(state, {
      applications: ['calculadora-api'],
      onCall: (operation) => operation === at && stop.abort(new Error('stopped')),
      signal: stop.signal,
    });
    expect(asked).toContain(at);
    expect(outcome).toMatchObject({ passed: false, problem: expect.stringContaining('The drill was interrupted.') });
    expect(minutes()).toBe(0);
    expect(asked).toContain('delete-db-instance');
  });
});

test('a comparison without a result tells the last 500 characters of its log, and only of its log', async () => {
  const about = (log: () => Promise<string>) => {
    const kubectl = async ([verb]: readonly string[]) =>
      verb === 'logs' ? log() : '{"status": {"conditions": [{"type": "Failed", "status": "True"}]}}';
    return new ComparisonJob(kubectl, 'calculadora-api', 'copy-1').result().catch(({ message }: Error) => message);
  };
  const end = 'end'.repeat(200).slice(-500);
  expect(await about(async () => `start${'end'.repeat(200)}\n`)).toBe(texts.drill.noResult('calculadora-api', end));
  expect(await about(async () => '  no {"comparison":  \n')).toBe(
    texts.drill.noResult('calculadora-api', 'no {"comparison":'),
  );
  expect(await about(() => Promise.reject(new Error('no kubectl')))).toBe('no kubectl');
});

describe('A copy', () => {
  test.each(states.never)('that is %s will never be there', async (state) => {
    await expect(addressOf(inState(state), 'copy')).rejects.toThrow(`its state is ${state}.`);
  });

  test('that vanished will never be there', async () => {
    await expect(addressOf(failing('DBInstanceNotFound'), 'copy')).rejects.toThrow('its state is missing.');
  });

  test.each([
    ...states.later.map((state) => [state, undefined] as const),
    ...states.now.map((state) => [state, 'copy.example'] as const),
  ])('that is %s has the address %s', async (state, address) => {
    expect(await addressOf(inState(state), 'copy')).toBe(address);
  });

  // RDS's list of errors and its answers do not agree on the end of a code.
  test.each(['', 'Fault'])(
    'counts as deleted once RDS says so (…%s), and as not deleted while it refuses',
    async (end) => {
      expect(await startDeletion(failing(`DBInstanceNotFound${end}`), 'copy')).toBe(true);
      expect(await isGone(failing(`DBInstanceNotFound${end}`), 'copy')).toBe(true);
      const forbidden = async (...args: readonly string[]) =>
        args[1] === 'delete-db-instance' ? failing('AccessDenied')() : inState('available')();
      await expect(startDeletion(forbidden, 'copy')).rejects.toThrow('AccessDenied');
      for (const [state, isDeleting] of [
        ['deleting', true],
        ['creating', false],
      ] as const) {
        const aws = async (...args: readonly string[]) =>
          args[1] === 'delete-db-instance' ? failing(`InvalidDBInstanceState${end}`)() : inState(state)();
        expect(await startDeletion(aws, 'copy')).toBe(isDeleting);
      }
    },
  );

  test.each<[string, (aws: ReturnType<typeof failing>) => Promise<unknown>]>([
    ['whether it is gone', (aws) => isGone(aws, 'copy')],
    ['its address', (aws) => addressOf(aws, 'copy')],
    ['its state', (aws) => instance(aws, 'copy')],
    ['the live instance', (aws) => findLive(aws, 'dev')],
    ['all copies', (aws) => findCopies(aws, 'dev')],
    ['the cluster', (aws) => connect(aws, 'dev', 'kubeconfig')],
  ])('is neither there nor gone while AWS refuses to say: %s', async (_, question) => {
    // The copy costs money for as long as it is there.
    await expect(question(failing('ThrottlingException'))).rejects.toThrow('(ThrottlingException)');
  });

  test.each([
    ['2100-01-01T00:00:00Z', false],
    ['2026-01-01T00:00:00Z', true],
    ['tomorrow', true],
    [undefined, true],
  ])('that says its drill ends at %s is left over: %s', async (end, isOver) => {
    const TagList = [{ Key: 'drill', Value: 'restore' }, ...(end ? [{ Key: 'drill-end', Value: end }] : [])];
    const copy = { ...live, DBInstanceIdentifier: 'desafio-aws-prd-drill-1', TagList };
    const aws = async () => ({ DBInstances: [live, copy] });
    expect(await findCopies(aws, 'prd')).toEqual([{ name: 'desafio-aws-prd-drill-1', isOver, isGoing: false }]);
  });
});

test.each([...states.now, ...states.later, ...states.never, 'stopping', 'stopped', 'deleting'])(
  'a copy that is %s is there, and costs money',
  async (DBInstanceStatus) => {
    const [name, TagList] = ['desafio-aws-prd-drill-1', [{ Key: 'drill', Value: 'restore' }]];
    // RDS knows no address of an instance that it still creates.
    const Endpoint = DBInstanceStatus === 'creating' ? undefined : { Address: 'copy.example' };
    const copy = { ...live, DBInstanceIdentifier: name, DBInstanceStatus, Endpoint, TagList };
    const found = await findCopies(async () => ({ DBInstances: [live, copy] }), 'prd');
    expect(found).toEqual([{ name, isOver: true, isGoing: DBInstanceStatus === 'deleting' }]);
  },
);

test.each(['stopped', 'stopping'])('a database that is %s is not restored: it cannot be compared', async (state) => {
  await expect(findLive(inState(state), 'dev')).rejects.toThrow('desafio-aws-dev-mysql is stopped');
});

// Such as in the hours of backups and maintenance, or for a day after RDS has given it more storage.
test.each([...states.now, ...states.later, 'storage-full'])('a database that is %s is restored', async (state) => {
  expect(await findLive(inState(state), 'dev')).toMatchObject({ instance: { DBInstanceStatus: state } });
});

describe('A program that the drill calls', () => {
  test('is ended if it hangs, long before the credentials of a workflow are', async () => {
    limits.length = 0;
    await call('true', []);
    await call('true', [], { timeout: 150_000 });
    expect(limits).toEqual([60_000, 150_000]);
  });

  test('fails with what it wrote as the error, or else with its exit code or signal', async () => {
    const fails = (script: string, input = '') => call('sh', ['-e', '-c', script], { input });
    await expect(fails('echo out; echo why >&2; exit 3')).rejects.toThrow(/^sh -e -c: why$/);
    await expect(fails('exit 3')).rejects.toThrow(/^sh -e -c: exit 3$/);
    await expect(fails('kill -KILL $$')).rejects.toThrow(/^sh -e -c: exit SIGKILL$/);
    // It ends before it has read its input.
    await expect(fails('echo why >&2; exit 3', 'x'.repeat(4_000_000))).rejects.toThrow(/^sh -e -c: why$/);
  });

  test('answers with what it prints, without its warnings', async () => {
    expect(await call('sh', ['-c', 'echo one; echo warning >&2; echo two'])).toBe('one\ntwo\n');
    // The pipe may still hold some of it when the program has ended.
    expect(await call('sh', ['-c', '(sleep 0.2; echo two) & echo one'])).toBe('one\ntwo\n');
  });

  test('prints whole letters, wherever a pipe divides them', async () => {
    // No power of two is a multiple of three bytes, which this letter has.
    const print = 'process.stdout.write("€".repeat(200_000))';
    const output = await call(process.execPath, ['--eval', print]);
    expect([output.length, output.replaceAll('€', '')]).toEqual([200_000, '']);
  });

  test('ends when it is stopped, or when its time is over', async () => {
    const stop = new AbortController();
    const stopped = call('sleep', ['600'], { signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toThrow('aborted');
    await expect(call('sleep', ['600'], { timeout: 1 })).rejects.toThrow('sleep 600: exit SIGTERM');
  });

  test('gets variables and input, keeps the others, and does not get the Ctrl-C of the terminal', async () => {
    const script = 'cat; echo "$OWN, $HOME of $(basename "$PATH"): $(ps -o pgid= -p $$ | tr -d " ") $$"';
    // One that the person has, too, such as KUBECONFIG, is the drill's own.
    const output = await call('sh', ['-c', script], { env: { OWN: 'one', HOME: 'another' }, input: 'given\n' });
    const [, path, group, id] = /^given\none, another of (.+): (\d+) (\d+)\n$/.exec(output) ?? [];
    expect(path).toBe(process.env.PATH?.split('/').at(-1));
    // A process group of its own.
    expect(group).toBe(id);
  });

  test('gets all variables of the person or workflow, of which some are its credentials', async () => {
    const given = { AWS_ACCESS_KEY_ID: 'key', AWS_SESSION_TOKEN: 'token', AWS_PROFILE: 'one', HTTPS_PROXY: 'proxy' };
    const before = { ...process.env };
    Object.assign(process.env, given);
    try {
      for (const env of [undefined, { KUBECONFIG: 'own' }]) {
        const print = 'process.stdout.write(JSON.stringify(process.env))';
        const got = JSON.parse(await call(process.execPath, ['--eval', print], env && { env }));
        expect(got).toMatchObject({ ...process.env, ...env });
      }
    } finally {
      for (const name of Object.keys(given)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  test('AWS is called in the region, and its answer read as JSON, or as nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aws-'));
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    try {
      writeFileSync(join(folder, 'aws'), '#!/bin/sh\n[ "$2" = quiet ] || echo "{\\"asked\\": \\"$*\\"}"\n', {
        mode: 0o755,
      });
      const aws = awsIn('sa-east-1');
      expect(await aws('rds', 'list')).toEqual({ asked: 'rds list --region sa-east-1 --output json' });
      expect(await aws('rds', 'quiet')).toBeUndefined();
    } finally {
      process.env.PATH = before;
    }
  });
});

test('kubectl is called with its own file, in a namespace, for as long as it may take, and until it is stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    writeFileSync(join(folder, 'kubectl'), '#!/bin/sh\necho "$KUBECONFIG $*"\ncat\n', { mode: 0o755 });
    const kubectl = await connect(async () => undefined, 'dev', '/own/file');
    limits.length = 0;
    const drained = await kubectl(['drain', 'node-1'], { input: 'given\n', timeout: 150_000 });
    expect(drained).toBe('/own/file --namespace=calculator drain node-1\ngiven\n');
    expect(await kubectl(['get', 'pods'], { namespace: 'kube-system' })).toBe(
      '/own/file --namespace=kube-system get pods\n',
    );
    // The default would end a drain before the notice of two minutes is over.
    expect(limits).toEqual([150_000, 60_000]);
    await expect(kubectl(['drain', 'node-1'], { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  } finally {
    process.env.PATH = before;
  }
});

test('a kubeconfig has a folder of its own, which is deleted after work that succeeded and work that failed', async () => {
  const work = async (file: string) => {
    // Only its owner may read it.
    expect([dirname(dirname(file)), statSync(dirname(file)).mode & 0o077]).toEqual([tmpdir(), 0]);
    writeFileSync(file, '');
    mkdirSync(`${file}.cache`);
    return file;
  };
  const done = await withKubeconfig(work);
  expect(existsSync(dirname(done))).toBe(false);
  const failed = await withKubeconfig(async (file) => {
    throw new Error(await work(file));
  }).catch(({ message }: Error) => message);
  expect(failed).not.toBe(done);
  expect(existsSync(dirname(failed))).toBe(false);
});
