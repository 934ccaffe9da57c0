import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { type CommentParts, renderComment } from '../comment.ts';
import { approversOf, failedJobs, lastLines, runOf } from '../github-run.ts';
import { longestBody } from '../report.ts';
import { delivery } from './support/delivery.ts';
import { listFrom } from './support/github-lists.ts';

const run = 'https://github.example/owner/name/actions/runs/12';
const good: CommentParts = {
  environment: 'dev',
  results: { changes: 'success', check: 'success', test: 'success', plan: 'skipped', costs: 'skipped' },
  changed: [],
  isRisky: false,
  isAboveLimit: false,
  approversOf: () => [],
  failedJobs: [],
  run,
};
/** The Portuguese part of a comment, and the English one. */
const parts = (more: Partial<CommentParts>) => {
  const comment = renderComment({ ...good, ...more });
  const [pt = '', en = '', ...others] = comment.split('\n\n<details><summary>English</summary>\n\n');
  expect(others).toEqual([]);
  return { comment, pt, en };
};

describe('the comment on a pull request', () => {
  test('says first that all is well, and that nothing changes, in Portuguese with English folded below it', () => {
    const { en, pt } = parts({});
    expect(pt).not.toContain('Plano');
    expect(pt).toMatch(/^<!-- desafio-aws -->\n## ✅ Tudo certo\n\nNada muda em \*\*dev\*\* com o merge\.\n/);
    expect(en).toMatch(/^## ✅ All checks passed\n\nMerging changes nothing in \*\*dev\*\*\.\n/);
    expect(en).toMatch(/<\/details>$/);
  });

  test('says what changes in words, and who has to approve where', () => {
    const { pt } = parts({
      environment: 'prd',
      changed: ['calculadora-api', 'infra'],
      plan: { pt: '### Plano', en: '### Plan' },
      approversOf: (name) => (name === 'costs' ? ['ana'] : ['ana', 'bia']),
      isAboveLimit: true,
    });
    expect(pt).toContain('## ✋ Falta uma aprovação');
    expect(pt).toContain('- **calculadora-api**: uma nova versão, sem interrupção.');
    expect(pt).not.toContain('**magic-calculator**');
    expect(pt).toContain('- **infraestrutura**: os recursos listados abaixo.');
    expect(pt).toContain(
      `1. O custo sobe acima do limite: uma destas pessoas (ana) abre a [página da execução](${run})`,
    );
    expect(pt).toContain('2. Outra pessoa do time aprova');
    expect(pt).toContain(
      '3. Depois do merge, uma destas pessoas (ana, bia) abre a execução em [Actions](https://github.example/owner/name/actions) e clica em **Review deployments**, `infra-prd`, `prd`, **Approve and deploy**.',
    );
  });

  test('names the people of each environment, where they are not the same', () => {
    const people: Record<string, string[]> = { prd: ['ana', 'bia'], 'infra-prd': ['bia', 'caio'], costs: ['davi'] };
    const approversOf = (name: string) => people[name] ?? [];
    const { en, pt } = parts({ environment: 'prd', changed: ['calculadora-api', 'infra'], approversOf });
    const asked = (told: string) =>
      [...told.matchAll(/\(([a-z, ]+)\) .*\*\*Review deployments\*\*, (.*?), \*\*/g)].map(([, ...found]) => found);
    for (const told of [pt, en]) {
      expect(asked(told)).toEqual([
        ['bia, caio', '`infra-prd`'],
        ['ana, bia', '`prd`'],
      ]);
    }
  });

  test('says of each of the changed parts that it changes, and of no other', () => {
    const names = [...applications.map(({ name }) => name), 'infra'];
    expect(names.length).toBeGreaterThan(2);
    const plan = { pt: '### Plano', en: '### Plan' };
    for (const changed of [names, names.toReversed(), ...names.map((name) => [name])]) {
      const told = parts({ environment: 'prd', changed, plan, approversOf: () => ['ana'] });
      for (const text of [told.pt, told.en]) {
        const lines = [...text.matchAll(/^- \*\*(.*?)\*\*: /gm)].map(([, name = '']) => name);
        const infrastructure = text === told.pt ? 'infraestrutura' : 'infrastructure';
        const expected = names.filter((name) => changed.includes(name));
        expect(lines).toEqual(expected.map((name) => (name === 'infra' ? infrastructure : name)));
        const approved = text.match(/\*\*Review deployments\*\*, (.*?), \*\*/)?.[1];
        expect(approved).toBe(
          [
            ...(expected.includes('infra') ? ['`infra-prd`'] : []),
            ...(expected.some((name) => name !== 'infra') ? ['`prd`'] : []),
          ].join(', '),
        );
      }
    }
  });

  test('asks nobody to approve a deployment of nothing', () => {
    const { pt } = parts({ environment: 'prd', changed: [''], approversOf: () => ['ana'] });
    expect(pt).toContain('Nada muda em **prd** com o merge.');
    expect(pt).not.toContain('ana');
  });

  test('speaks of no approval that the environment does not ask for', () => {
    for (const changed of [['infra'], ['calculadora-api']]) {
      expect(parts({ changed, approversOf: () => [] }).pt).not.toContain('Review deployments');
    }
  });

  test('of a risky change asks for its label, and is not a failure', () => {
    const risky = { ...good.results, plan: 'success', 'risk-approval': 'failure' } as const;
    const { pt } = parts({ isRisky: true, results: risky, changed: ['infra'] });
    expect(pt).toContain('## ✋ Falta uma aprovação');
    expect(pt).toContain('| ✋ | Risco aceito | espera a label |');
    expect(pt).toContain('1. Mudança arriscada: ');
    expect(pt).toContain('`risk-accepted`');
    const accepted = parts({ isRisky: true, results: { ...risky, 'risk-approval': 'success' } });
    expect(accepted.pt).toContain('## ✅ Tudo certo');
    expect(accepted.pt).not.toContain('risk-accepted');
    expect(parts({ isRisky: true, results: { ...risky, test: 'failure' } }).pt).toContain('## ❌ Algo falhou');
  });

  test('of a failure shows the last lines of the failed job, which cannot end their block', () => {
    const failed = [{ name: 'Testes / Tests', lines: ['expected 3', '```', '<b>'], log: '' }];
    const { en, pt } = parts({ results: { ...good.results, test: 'failure' }, failedJobs: failed });
    expect(pt).toContain('## ❌ Algo falhou');
    expect(pt).toContain(`1. Corrija o que falhou com outro commit. [Página da execução](${run})`);
    expect(pt).toContain('**Últimas linhas de Testes**\n\n````text\nexpected 3\n```\n<b>\n````');
    expect(pt).toContain('| ❌ | Testes | falhou |');
    expect(en).toContain('| ❌ | Tests | failed |');
    expect(en).not.toContain('expected 3');
  });

  test('of a failure shows lines in a block that none of them can end, whatever marks they have', () => {
    const marks = Array.from({ length: 7 }, (_, length) => '`'.repeat(length));
    for (const [one, other] of marks.flatMap((one) => marks.map((other) => [one, other] as const))) {
      const lines = [`${one} a ${other}`, `b${one}`];
      const failedJobs = [{ name: 'Testes / Tests', lines, log: '' }];
      const { pt } = parts({ results: { ...good.results, test: 'failure' }, failedJobs });
      const [, fence = '', shown] = /^(`{3,})text\n([\s\S]*?)\n\1$/m.exec(pt) ?? [];
      expect([lines, shown]).toEqual([lines, lines.join('\n')]);
      expect(lines.join('\n')).not.toContain(fence);
    }
  });

  test('of a cancelled check does not say that all is well', () => {
    const { en, pt } = parts({ results: { ...good.results, check: 'cancelled' } });
    expect(pt).toContain('## ❌ Algo falhou');
    expect(pt).toContain('| ⚠️ | Estilo e tipos | cancelado |');
    expect(en).toContain('click **Re-run all jobs**');
  });

  test('of any results says that only an approval is missing, or that all is well, where that is so', () => {
    const all = ['success', 'failure', 'cancelled', 'skipped'] as const;
    const both = [false, true];
    for (const [check, label, isRisky, isAboveLimit] of all.flatMap((check) =>
      all.flatMap((label) => both.flatMap((risky) => both.map((above) => [check, label, risky, above] as const))),
    )) {
      const results = { ...good.results, check, 'risk-approval': label };
      const { pt } = parts({ results, isRisky, isAboveLimit });
      const isWell = check === 'success' || check === 'skipped';
      const waits = isWell && (isAboveLimit || (isRisky && label === 'failure'));
      const isBad = !isWell || label === 'failure' || label === 'cancelled';
      const found = {
        heading: pt.split('\n')[1],
        steps: pt.match(/^\d\. \S+ \S+/gm),
      };
      const steps = [
        ...(check === 'failure' ? ['Corrija o'] : []),
        ...(check === 'cancelled' ? ['Uma verificação'] : []),
        // Without its label a risky change cannot be merged, for whatever reason the check did not pass.
        ...(isRisky && label !== 'success' ? ['Mudança arriscada:'] : []),
        ...(isAboveLimit ? ['O custo'] : []),
        'Outra pessoa',
      ];
      expect({ check, label, isRisky, isAboveLimit, ...found }).toEqual({
        ...{ check, label, isRisky, isAboveLimit },
        heading: waits ? '## ✋ Falta uma aprovação' : isBad ? '## ❌ Algo falhou' : '## ✅ Tudo certo',
        steps: steps.map((step, index) => `${index + 1}. ${step}`),
      });
    }
  });

  test('asks for both in one list, where one check failed and another was cancelled', () => {
    const { pt } = parts({ results: { ...good.results, check: 'cancelled', test: 'failure' } });
    expect(pt.match(/^\d\. \w+/gm)).toEqual(['1. Corrija', '2. Uma', '3. Outra']);
  });

  test('shows the end of each failed job, and names all who approve', () => {
    const names = Array.from({ length: 12 }, (_, index) => `job-${index}`);
    const people = names.map((name) => `ana-${name}`);
    const { pt } = parts({
      environment: 'prd',
      changed: ['infra'],
      approversOf: () => people,
      isAboveLimit: true,
      results: { ...good.results, ...Object.fromEntries(names.map((name) => [name, 'failure'])) },
      failedJobs: names.map((name) => ({ name, lines: [`end of ${name}`, 'and more'], log: '' })),
    });
    for (const name of names) {
      expect(pt).toContain(`| ❌ | ${name} | falhou |`);
      expect(pt).toContain(`**Últimas linhas de ${name}**\n\n\`\`\`text\nend of ${name}\nand more\n\`\`\``);
    }
    expect(pt.split(`(${people.join(', ')})`)).toHaveLength(3);
  });

  test('names only the environments that somebody approves', () => {
    const changed = ['calculadora-api', 'infra'];
    for (const one of ['prd', 'infra-prd']) {
      const approversOf = (name: string) => (name === one ? ['ana'] : []);
      const { pt } = parts({ environment: 'prd', changed, approversOf });
      expect(pt).toContain(`(ana) abre a execução em`);
      expect(pt).toContain(`**Review deployments**, \`${one}\`, **Approve and deploy**`);
    }
  });

  test('claims nothing about what changes if that is not known, and nothing about a missing plan', () => {
    expect(parts({ changed: undefined }).pt).toContain('Não foi possível saber o que o merge muda.');
    expect(parts({ changed: ['infra'] }).pt).toContain('**infraestrutura**: não há plano');
  });

  test.each([
    ['a long plan', { plan: { pt: 'p'.repeat(40_000), en: 'e'.repeat(40_000) } }],
    ['long costs', { costs: { pt: 'p'.repeat(70_000), en: 'e' } }],
    [
      'many failures',
      { failedJobs: Array.from({ length: 40 }, () => ({ name: 'n', lines: ['l'.repeat(3_000)], log: '' })) },
    ],
    [
      'a name that no one expects',
      { results: Object.fromEntries([['j'.repeat(80_000), 'success']]) as CommentParts['results'] },
    ],
  ])('of %s is never longer than GitHub takes, and says where the rest is', (_, more) => {
    const comment = renderComment({ ...good, ...more });
    expect(comment.length).toBeLessThanOrEqual(longestBody);
    expect(comment).toMatch(/^<!-- desafio-aws -->\n## ✅/);
    expect(longestBody).toBeLessThan(65_536);
  });

  test('is written from the reports of other jobs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'comment-'));
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, JSON.stringify({ pt: '### Plano', en: '### Plan' }));
    const needs = {
      changes: { result: 'success', outputs: { parts: 'infra' } },
      plan: { result: 'success', outputs: { risks: '1' } },
      costs: { result: 'success', outputs: { above: 'true' } },
      'risk-approval': { result: 'failure', outputs: {} },
    };
    const args = [
      'comment',
      'dev',
      '--needs',
      JSON.stringify(needs),
      '--run',
      'https://github.example',
      '--plan',
      plan,
    ];
    const { code, summary } = await delivery([...args, '--costs', join(folder, 'missing.json')]);
    expect(code).toBe(0);
    expect(summary).toContain('## ✋ Falta uma aprovação');
    expect(summary).toContain('1. Mudança arriscada');
    expect(summary).toContain('2. O custo sobe');
    expect(summary).toContain('### Plano\n\n<details><summary>English');
    expect(summary).toContain('### Plan\n');
  });

  test.each(['success', '{"test":{}}', '{"test":{"result":"success"},"plan":{}}', 'null'])(
    'is refused if --needs is not GitHub’s JSON (%s)',
    async (needs) => {
      expect(await delivery(['comment', 'dev', '--needs', needs, '--run', run])).toMatchObject({
        code: 2,
        output: expect.stringContaining('toJSON(needs)'),
      });
    },
  );
});

describe('of a run on GitHub', () => {
  const log = [
    '\uFEFF2026-11-28T01:00:00.1234567Z ##[group]Run pnpm test',
    '2026-11-28T01:00:00.1234567Z ##[endgroup]',
    ...Array.from({ length: 30 }, (_, index) => `2026-11-28T01:00:01.1234567Z line ${index}`),
    '2026-11-28T01:00:02.1234567Z \u001B[31mexpected 3\u001B[39m',
    `2026-11-28T01:00:02.1234567Z ${'x'.repeat(500)}`,
    '2026-11-28T01:00:03.1234567Z ##[error]Process completed with exit code 1.',
    '2026-11-28T01:00:04.1234567Z Post job cleanup.',
    '',
  ].join('\r\n');

  test('the last lines of a failed job are those of its failed step, without times and colours', () => {
    const lines = lastLines(log);
    expect(lines).toHaveLength(15);
    expect(lines.slice(-3)).toEqual(['line 29', 'expected 3', `${'x'.repeat(200)}…`]);
    expect(lastLines('one\n\ntwo\n')).toEqual(['one', 'two']);
    // A short log begins with a mark, and its first line has a time, too.
    expect(lastLines('\uFEFF2026-11-28T01:00:00.1234567Z one\ntwo')).toEqual(['one', 'two']);
    for (const colour of ['1', '1;31', '0', '', '38;5;196']) {
      expect(lastLines(`\u001B[${colour}mred\u001B[0m`)).toEqual(['red']);
    }
    // Programs that draw move the cursor, too.
    expect(lastLines('\u001B[2K\u001B[1Ared\u001B[K, [1A]')).toEqual(['red, [1A]']);
    expect(lastLines(`${'x'.repeat(200)}\n${'y'.repeat(201)}`)).toEqual(['x'.repeat(200), `${'y'.repeat(200)}…`]);
    expect(lastLines(`${'x'.repeat(199)}🔴🔴`)).toEqual([`${'x'.repeat(199)}…`]);
    // What is indented stays so, and only the first time of a line is GitHub's.
    const time = '2026-11-28T01:00:00.1234567Z';
    expect(lastLines(`${time}   at one  \n${time} ${time} two\nat ${time}`)).toEqual([
      '  at one',
      `${time} two`,
      `at ${time}`,
    ]);
    expect(lastLines('##[command]git\n##[warning]late\nsays ##[group]\n##[error]no')).toEqual([
      '##[command]git',
      '##[warning]late',
      'says ##[group]',
      '##[error]no',
    ]);
    // Lines without anything to read do not take the place of others.
    expect(lastLines(['cause', ...Array.from({ length: 20 }, () => ' \t ')].join('\n'))).toEqual(['cause']);
    // The first failure was tolerated.
    expect(lastLines('##[error]scan\ntwo\n##[error]build\nafter')).toEqual(['##[error]scan', 'two', '##[error]build']);
    expect(lastLines('##[error]Process was killed\nafter')).toEqual(['##[error]Process was killed']);
    expect(lastLines('##[error]The label is missing\nafter')).toEqual(['##[error]The label is missing']);
    expect(lastLines('##[error]no\nA step that failed says ##[error]no')).toEqual(['##[error]no']);
    expect(lastLines('one\n##[error]The label is missing\nafter')).toEqual(['one', '##[error]The label is missing']);
  });

  test('the failed jobs are read, also one without a log, but not the one that sums them up', () => {
    const jobs = [
      { id: 1, name: 'Testes', conclusion: 'failure' },
      { id: 2, name: 'Plano', conclusion: 'success' },
      { id: 3, name: 'Imagem', conclusion: 'timed_out' },
      { id: 5, name: 'result', conclusion: 'failure' },
      { id: 4, name: 'Relatório', conclusion: null },
    ];
    const asked: string[] = [];
    const list = listFrom((path) => {
      asked.push(path);
      return { jobs };
    });
    const read = (path: string) => {
      if (path !== 'repos/owner/name/actions/jobs/1/logs') throw new Error('HTTP 404');
      return log;
    };
    expect(failedJobs({ repository: 'owner/name', id: '12' }, list, read)).toEqual([
      { name: 'Testes', lines: lastLines(log), log },
      { name: 'Imagem', lines: [], log: '' },
    ]);
    expect(asked).toEqual(['repos/owner/name/actions/runs/12/jobs']);
    const refuses = () => {
      throw new Error('HTTP 403');
    };
    expect(failedJobs({ repository: 'owner/name', id: '12' }, refuses, read)).toEqual([]);
    expect(failedJobs({ repository: 'owner/name', id: '12' }, () => undefined, read)).toEqual([]);
  });

  // https://docs.github.com/en/rest/actions/workflow-jobs
  test.each([
    ...(['failure', 'timed_out'] as const).map((conclusion) => [conclusion, 30] as const),
    ...[null, 'success', 'cancelled', 'skipped', 'neutral', 'action_required'].map((each) => [each, 0] as const),
  ])('of jobs with the conclusion %j, %i of 30 have failed', (conclusion, count) => {
    const jobs = Array.from({ length: 30 }, (_, id) => ({ id, name: `Job ${id}`, conclusion }));
    const found = failedJobs(
      { repository: 'owner/name', id: '12' },
      listFrom(() => ({ total_count: 30, jobs })),
      (path) => `the log at ${path}`,
    );
    expect(found).toEqual(
      jobs.slice(0, count).map(({ id, name }) => {
        const log = `the log at repos/owner/name/actions/jobs/${id}/logs`;
        return { name, lines: [log], log };
      }),
    );
  });

  test('the repository is read from its address', () => {
    // Of a run that was repeated, people copy the address of an attempt or of a job.
    for (const page of [run, `${run}/attempts/2`, `${run}/job/51?pr=7`]) {
      expect(runOf(page)).toEqual({ repository: 'owner/name', id: '12' });
    }
    expect(runOf('https://github.example')).toBeUndefined();
  });

  test('the people and teams who approve are read, and unknown if GitHub refuses', () => {
    const reviewers = [
      { type: 'User', reviewer: { login: 'ana' } },
      { type: 'User', reviewer: { login: 'bia', name: 'Beatriz' } },
      { type: 'Team', reviewer: { name: 'Plataforma' } },
      // Of somebody who is gone, GitHub says neither.
      { type: 'User', reviewer: {} },
    ];
    const rules = [{ type: 'branch_policy' }, { type: 'required_reviewers', reviewers }, { type: 'wait_timer' }];
    expect(approversOf('prd', 'owner/name', () => ({ protection_rules: rules }))).toEqual(['ana', 'bia', 'Plataforma']);
    expect(approversOf('prd', 'owner/name', () => undefined)).toEqual([]);
    expect(
      approversOf('prd', 'owner/name', () => {
        throw new Error('HTTP 403');
      }),
    ).toEqual([]);
  });
});
