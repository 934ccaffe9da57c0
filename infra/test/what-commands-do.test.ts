/** What the commands that change an environment do, in order, for each environment: with stand-ins for every step. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as all from '../environments/all.ts';
import * as prerequisites from '../prerequisites.ts';
import * as secondRegion from '../second-region.ts';
import * as crds from '../upgrade/crds.ts';

const did: string[] = [];
/** What goes wrong, by the beginning of the step. */
let fails: string;
let typed: string;
let changed: { readonly name: string; readonly version: string }[];
const step = (what: string, ...given: unknown[]) => {
  did.push([what, ...given.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))].join(' '));
  if (fails !== '' && did.at(-1)?.startsWith(fails)) throw new Error(`${fails} failed`);
};
const environments = {
  dev: { ...all.environments.dev, protected: false, cluster: { ...all.environments.dev.cluster, sleepsAtNight: true } },
  prd: {
    ...all.environments.prd,
    protected: false,
    cluster: { ...all.environments.prd.cluster, sleepsAtNight: true },
  },
};
const result = (what: string, ...given: unknown[]): boolean => {
  try {
    step(what, ...given);
    return true;
  } catch {
    return false;
  }
};
jest.unstable_mockModule('../environments/all.ts', () => ({ ...all, environments }));
jest.unstable_mockModule('../prerequisites.ts', () => ({
  ...prerequisites,
  checkPrerequisites: () => step('check prerequisites'),
}));
jest.unstable_mockModule('../second-region.ts', () => ({
  ...secondRegion,
  prepareSecondRegion: async (name: string, { region }: { region: string }, isEmptyAllowed: boolean) =>
    step('prepare the second region', name, region, isEmptyAllowed),
}));
jest.unstable_mockModule('../prepare.ts', () => ({
  prepare: async (name: string) => {
    step('prepare', name);
    return {
      folder: `/stacks/${name}`,
      showState: async () => {
        step('show the state of', name);
        return { of: name };
      },
      run: async (...args: string[]) => step(`terraform of ${name}:`, ...args),
    };
  },
}));
jest.unstable_mockModule('../commands/doctor.ts', () => ({
  doctor: async (...given: unknown[]) => (result('doctor', ...given) ? 0 : 3),
}));
jest.unstable_mockModule('../commands/wake.ts', () => ({
  wakeAndTell: async (...given: unknown[]) => result('wake', ...given),
}));
jest.unstable_mockModule('../upgrade/crds.ts', () => ({
  ...crds,
  changedCharts: (state: unknown, folder: string) => {
    step('compare charts', state, folder);
    return changed;
  },
  updateInCluster: async (name: string, charts: unknown) => step('update definitions', name, charts),
}));
jest.unstable_mockModule('../ask.ts', () => ({
  ask: async (question: string) => {
    step('ask', question.trim().split('\n').at(-1));
    return typed;
  },
}));
const commands = {
  deploy: await import('../commands/deploy.ts'),
  destroy: await import('../commands/destroy.ts'),
  output: await import('../commands/output.ts'),
  plan: await import('../commands/plan.ts'),
};

const said: string[] = [];
const before = { ...process.env };
beforeEach(() => {
  [did.length, said.length] = [0, 0];
  [fails, typed, changed] = ['', '', []];
  for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
  Object.assign(process.env, { INFRA_REGION: 'sa-east-1', INFRA_SECOND_REGION: 'us-west-2' });
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const charts = [
  { name: 'one', version: '1.2.3' },
  { name: 'two', version: '4.5.6' },
];
const compared = (name: string) => [`show the state of ${name}`, `compare charts {"of":"${name}"} /stacks/${name}`];
const woken = { dev: ['wake dev false'], prd: ['wake prd false'] };
const run = (command: keyof typeof commands, ...args: string[]) => commands[command].command.run(args);

describe.each(['dev', 'prd'] as const)('of %s', (name) => {
  test('a deployment', async () => {
    expect(await run('deploy', name, '--yes')).toBe(0);
    expect(did).toEqual([
      ...[`doctor ${name} deployment`, ...woken[name], `prepare ${name}`, ...compared(name)],
      `terraform of ${name}: apply -input=false -auto-approve`,
    ]);
    expect(said.join('\n')).not.toContain('us-west-2');
  });

  test.each(['sim', 'YES', 'Sim', 'yes'])('a deployment with new charts, to which a person says %s', async (answer) => {
    [changed, typed] = [charts, answer];
    expect(await run('deploy', name)).toBe(0);
    expect(did.slice(-3)).toEqual([
      expect.stringMatching(/^ask .*yes/),
      `update definitions ${name} ${JSON.stringify(charts)}`,
      `terraform of ${name}: apply`,
    ]);
    expect(said.join('\n')).toContain('become those of these charts: one 1.2.3, two 4.5.6.');
  });

  test.each(['', 'n', 's', 'y', 'yesterday', 'no, not yes', 'simples', name])(
    'a deployment with new charts, to which a person says %j, changes nothing',
    async (answer) => {
      [changed, typed] = [charts, answer];
      await expect(run('deploy', name)).rejects.toThrow('Nothing was changed.');
      expect(did.slice(0, -1)).toEqual([
        ...[`doctor ${name} deployment`, ...woken[name], `prepare ${name}`, ...compared(name)],
      ]);
    },
  );

  test('a deployment in the second region, which the commands and workflows then have to know', async () => {
    const inSecond = [`doctor ${name} deployment`, ...woken[name], ...compared(name), `terraform of ${name}: apply`];
    expect(await run('deploy', name, '--region', 'us-west-2')).toBe(0);
    expect(did).toEqual([`prepare the second region ${name} us-west-2 false`, `prepare ${name}`, ...inSecond]);
    expect(said.at(-1)).toContain('Now set "useSecondRegion": true in infra/settings.json');
    expect(said.at(-1)).toContain('works in us-west-2, and release');
    // Once they know, nothing has to be said.
    did.length = 0;
    expect(await run('deploy', name, '--empty-database')).toBe(0);
    expect(did).toEqual([`prepare the second region ${name} us-west-2 true`, `prepare ${name}`, ...inSecond]);
    expect(said.at(-1)).not.toContain('useSecondRegion');
  });

  test.each(['prepare the second region', 'prepare', 'show', 'compare', 'update', 'terraform'])(
    'a deployment ends where it fails (%s)',
    async (what) => {
      [changed, fails] = [charts, what];
      const options = what === 'prepare the second region' ? ['--region', 'us-west-2'] : [];
      await expect(run('deploy', name, '--yes', ...options)).rejects.toThrow(`${what} failed`);
      expect(did.at(-1)).toMatch(new RegExp(`^${what}`));
      expect(said.join('\n')).not.toContain('without the click');
    },
  );

  test('a deployment ends with what is missing', async () => {
    fails = 'doctor';
    expect(await run('deploy', name, '--yes')).toBe(3);
    expect(did).toEqual([`doctor ${name} deployment`]);
  });

  test.each([
    ['plan', ['plan -input=false']],
    ['output', ['output']],
  ] as const)('the command %s, in each region', async (command, calls) => {
    const expected = [`prepare ${name}`, ...calls.map((call) => `terraform of ${name}: ${call}`)];
    expect(await run(command, name)).toBe(0);
    expect([did, process.env.INFRA_USE_SECOND_REGION]).toEqual([expected, undefined]);
    expect(await run(command, name, '--region', 'us-west-2')).toBe(0);
    expect([did, process.env.INFRA_USE_SECOND_REGION]).toEqual([[...expected, ...expected], 'true']);
    fails = 'terraform';
    await expect(run(command, name)).rejects.toThrow('terraform failed');
  });

  test('a destroy, once its name was typed', async () => {
    typed = name;
    expect(await run('destroy', name)).toBe(0);
    const steps = [...woken[name], `prepare ${name}`, `terraform of ${name}: destroy -input=false -auto-approve`];
    expect(did).toEqual(['check prerequisites', expect.stringContaining(`type ${name}:`), ...steps]);
    did.length = 0;
    expect(await run('destroy', name, '--yes')).toBe(0);
    expect(did).toEqual(['check prerequisites', ...steps]);
  });

  test.each(['', name === 'dev' ? 'prd' : 'dev', 'yes', `${name}s`, `a ${name}`])(
    'nothing is destroyed if %j was typed',
    async (answer) => {
      typed = answer;
      await expect(run('destroy', name)).rejects.toThrow('Nothing was deleted.');
      expect(did).toEqual(['check prerequisites', expect.stringMatching(/^ask /)]);
    },
  );

  test('nothing is destroyed if it is protected, and nobody is asked', async () => {
    const own = environments[name];
    environments[name] = { ...own, protected: true };
    try {
      await expect(run('destroy', name, '--yes')).rejects.toThrow(`infra/environments/${name}.ts`);
    } finally {
      environments[name] = own;
    }
    expect(did).toEqual([]);
  });

  test.each(['check', 'prepare', 'terraform'])('a destroy ends where it fails (%s)', async (what) => {
    fails = what;
    await expect(run('destroy', name, '--yes')).rejects.toThrow(`${what} failed`);
    expect(did.at(-1)).toMatch(new RegExp(`^${what}`));
  });
});

describe.each(['deploy', 'destroy'] as const)('a %s', (command) => {
  test.each(['dev', 'prd'] as const)('of %s ends if it does not wake', async (name) => {
    fails = 'wake';
    expect(await run(command, name, '--yes')).toBe(1);
    expect(did.at(-1)).toBe(`wake ${name} false`);
  });

  test.each(['dev', 'prd'] as const)('of %s does not wake what never sleeps', async (name) => {
    const own = environments[name];
    environments[name] = { ...own, cluster: { ...own.cluster, sleepsAtNight: false } };
    try {
      expect(await run(command, name, '--yes')).toBe(0);
    } finally {
      environments[name] = own;
    }
    expect(did).toContain(`prepare ${name}`);
    expect(did.filter((each) => each.startsWith('wake'))).toEqual([]);
  });
});
