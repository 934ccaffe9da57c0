import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { commentMark } from '../comment.ts';
import { addToComment, type Delivered, deliveredIn, outcomeOf, pullRequestOf, tell } from '../delivered.ts';
import { texts } from '../delivery-texts.ts';
import type { Needs } from '../needs.ts';
import { longestBody } from '../report.ts';
import { delivery } from './support/delivery.ts';
import { pageOf } from './support/github.ts';
import { Programs } from './support/programs.ts';

const run = 'https://github.com/owner/name/actions/runs/12';
const served: Delivered = {
  part: 'calculadora-api',
  environment: 'dev',
  outcome: 'served',
  lines: [],
  run,
  at: '2026-11-28T01:15:30.000Z',
};
const comment = `${commentMark}\n## ✅ Tudo certo`;

describe('what became of a delivery', () => {
  const needs = (results: Record<string, string>): Needs =>
    Object.fromEntries(Object.entries(results).map(([job, result]) => [job, { result }])) as Needs;
  const log = (text: string) => [{ name: 'job', lines: ['the end'], log: text }];

  test.each<[string, Needs, string, Partial<Delivered>]>([
    ['served', needs({ test: 'success', release: 'success' }), '', {}],
    ['unchanged', needs({ plan: 'success', apply: 'skipped' }), '', {}],
    ['served', needs({ plan: 'success', apply: 'success' }), '', {}],
    ['notReleased', needs({ test: 'failure', release: 'skipped' }), '', { job: 'test' }],
    [
      'wentBack',
      needs({ test: 'success', release: 'failure' }),
      texts.release.back('api', 'image'),
      { job: 'release' },
    ],
    [
      'stuck',
      needs({ test: 'success', release: 'failure' }),
      texts.release.notBack('api', 'image'),
      { job: 'release' },
    ],
    ['applyFailed', needs({ plan: 'success', apply: 'failure' }), '', { job: 'apply' }],
    ['replaced', needs({ test: 'success', release: 'cancelled' }), '', {}],
    ['replaced', needs({ supersede: 'cancelled', plan: 'skipped', apply: 'skipped' }), '', {}],
    // Of what failed and what was cancelled, the failure needs somebody.
    ['notReleased', needs({ test: 'cancelled', image: 'failure', release: 'skipped' }), '', { job: 'image' }],
    ['applyFailed', needs({ test: 'cancelled', plan: 'success', apply: 'failure' }), '', { job: 'apply' }],
    ['notReleased', needs({ plan: 'failure', apply: 'skipped' }), '', { job: 'plan' }],
  ])('is %s', (outcome, results, text, more) => {
    const failed = more.job ? log(text) : [];
    expect(outcomeOf(results, failed)).toEqual({ outcome, lines: more.job ? ['the end'] : [], ...more });
  });

  test.each([[['test', 'supersede', 'image', 'order', 'release']], [['supersede', 'plan', 'apply']]])(
    'is told of any results of %j: the first failure, or else that somebody stopped it',
    (jobs) => {
      const results = ['success', 'failure', 'cancelled', 'skipped'];
      const all = jobs.reduce<string[][]>(
        (some, _) => some.flatMap((begun) => results.map((r) => [...begun, r])),
        [[]],
      );
      expect(all).toHaveLength(results.length ** jobs.length);
      for (const given of all) {
        const job = jobs[given.indexOf('failure')];
        for (const isBack of [false, true]) {
          const output = isBack ? texts.release.back('api', 'image') : 'no';
          const failure =
            job === 'release' ? (isBack ? 'wentBack' : 'stuck') : job === 'apply' ? 'applyFailed' : 'notReleased';
          const stopped = given.includes('cancelled') ? 'replaced' : undefined;
          const good = jobs.at(-1) === 'apply' && given.at(-1) === 'skipped' ? 'unchanged' : 'served';
          const expected = job
            ? { outcome: failure, job, lines: ['the end'] }
            : { outcome: stopped ?? good, lines: [] };
          const found = outcomeOf(
            needs(Object.fromEntries(jobs.map((name, index) => [name, given[index] ?? '']))),
            job ? log(output) : [],
          );
          expect([given, found]).toEqual([given, expected]);
        }
      }
    },
  );

  test('is said above the rest of the comment, in both languages and both time zones', () => {
    const told = addToComment(comment, served);
    expect(told).toMatch(/^<!-- desafio-aws -->\n<!-- delivered .* -->\n## Depois do merge\n/);
    expect(told).toContain(`✅ **calculadora-api** em dev desde 27/11/2026, 22:15 (Brasília). [Execução](${run})`);
    expect(told).toContain(`✅ **calculadora-api** in dev since 2026-11-28 01:15 UTC. [Run](${run})`);
    expect(told).toMatch(/<summary>Antes do merge \/ Before the merge<\/summary>\n\n## ✅ Tudo certo\n\n<\/details>$/);
    expect(told).not.toContain('promova');
    const promoted = addToComment(comment, { ...served, environment: 'prd', outcome: 'wentBack' });
    expect(promoted).toContain('**Revert**');
    expect(promoted).not.toContain('promova');
  });

  test.each([
    ['wentBack', 'calculadora-api', 'voltou à versão anterior, pelo motivo abaixo', 'release-rolled-back.md'],
    ['stuck', 'calculadora-api', 'a anterior pode não ter voltado', 'release-rolled-back.md'],
    ['notReleased', 'calculadora-api', 'falhou Testes. O que estava em serviço continua.', 'release-rolled-back.md'],
    ['applyFailed', 'infra', '**infraestrutura** de dev: o apply falhou', 'terraform-state.md'],
  ] as const)('%s says why, and what to do: fix or revert, and do not promote', (outcome, part, sentence, page) => {
    const told = addToComment(comment, { ...served, part, outcome, job: 'test', lines: ['No settings -->', '```'] });
    expect(told).toContain(sentence);
    expect(told).toContain('````text\nNo settings -->\n```\n````');
    expect(told).toContain('corrija num novo pull request, ou desfaça este com o botão **Revert**');
    expect(told).toContain('**Não promova para prd** até lá');
    expect(told).toContain(`(https://github.com/owner/name/blob/HEAD/docs/runbooks/${page})`);
    expect(existsSync(resolve(import.meta.dirname, '../../docs/runbooks', page))).toBe(true);
    expect(deliveredIn(told)[0]?.lines).toEqual(['No settings -->', '```']);
    // A line of a log must not end the part that people do not see.
    const [, hidden = ''] = /^<!-- delivered (.*)$/m.exec(told) ?? [];
    expect(hidden.indexOf('-->')).toBe(hidden.length - '-->'.length);
  });

  test('replaces what was said about the same part, and keeps the others', () => {
    const infra: Delivered = { ...served, part: 'infra', outcome: 'applyFailed', lines: ['Error'] };
    const first = addToComment(addToComment(comment, infra), { ...served, outcome: 'replaced' });
    const second = addToComment(first, served);
    expect(deliveredIn(second)).toEqual([served, infra]);
    expect(second.match(/## Depois do merge/g)).toHaveLength(1);
    expect(second.match(/## ✅ Tudo certo/g)).toHaveLength(1);
    expect(second.match(/Antes do merge/g)).toHaveLength(1);
    expect(second).not.toContain('execução mais nova');
  });

  test.each(['\r', '\n', '\u2028', '\u2029', '-->', '<!-- delivered [] -->', '$&', '\\'])(
    'is read again, whatever the end of a log has in it: %j',
    (some) => {
      const stuck: Delivered = { ...served, outcome: 'stuck', lines: [`one${some}two`] };
      const told = addToComment(comment, stuck);
      expect(deliveredIn(told)).toEqual([stuck]);
      expect(deliveredIn(addToComment(told, { ...served, part: 'infra' }))).toHaveLength(2);
      expect(deliveredIn(told.replaceAll('\n', '\r\n'))).toEqual([stuck]);
    },
  );

  test('is told once more in a comment that somebody edited, which then has the line ends of Windows', () => {
    const infra: Delivered = { ...served, part: 'infra' };
    const first = addToComment(comment, served);
    const edited = first.replaceAll('\n', '\r\n');
    for (const body of [edited, `${edited}\r\n`]) expect(addToComment(body, infra)).toBe(addToComment(first, infra));
  });

  test('of prd stands beside that of dev', () => {
    const promoted: Delivered = { ...served, environment: 'prd' };
    expect(deliveredIn(addToComment(addToComment(comment, served), promoted))).toEqual([served, promoted]);
  });

  test('leaves the comment shorter than GitHub takes, and no half of a character at its end', () => {
    for (const more of ['x'.repeat(65_000), '🔴'.repeat(40_000), `x${'🔴'.repeat(40_000)}`]) {
      const told = addToComment(comment + more, served);
      expect(told.length).toBeLessThanOrEqual(longestBody);
      expect(told.length).toBeGreaterThanOrEqual(longestBody - 1);
      expect(told.isWellFormed()).toBe(true);
      expect(told).toMatch(/(🔴|x)\n\n<\/details>$/);
    }
  });
});

describe('a delivery', () => {
  /** A pull request with comments, which another delivery may write at the same moment. */
  class FakePullRequest {
    readonly comments: { id: number; body: string; user: { login: string } }[] = [
      { id: 1, body: `A person quotes ${commentMark}`, user: { login: 'ana' } },
    ];
    /** Comes between reading and writing, once. */
    other: Delivered | undefined;

    readonly api = (path: string, method = 'GET', body: unknown = {}): unknown => {
      if (method === 'GET') return pageOf(path, structuredClone(this.comments));
      const text = (body as { body: string }).body;
      const [, id] = /comments\/(\d+)$/.exec(path) ?? [];
      const known = this.comments.find((comment) => comment.id === Number(id));
      if (known) known.body = text;
      else this.comments.push({ id: 2, body: text, user: { login: 'github-actions[bot]' } });
      if (this.other && known) {
        known.body = addToComment(comment, this.other);
        this.other = undefined;
      }
      return {};
    };
  }
  const tellTo = (pullRequest: FakePullRequest) =>
    tell(7, served, { api: pullRequest.api, repository: 'owner/name', pause: () => Promise.resolve() });

  test('writes into the comment of the checks, and leaves those of people alone', async () => {
    const pullRequest = new FakePullRequest();
    pullRequest.comments.push({ id: 2, body: comment, user: { login: 'github-actions[bot]' } });
    await tellTo(pullRequest);
    expect(pullRequest.comments.map(({ body }) => body)).toEqual([
      `A person quotes ${commentMark}`,
      addToComment(comment, served),
    ]);
  });

  test.each([29, 99, 100, 250])('finds its comment behind %i of people', async (count) => {
    const pullRequest = new FakePullRequest();
    const people = Array.from({ length: count }, (_, id) => ({ id: id + 10, body: 'Hm', user: { login: 'bia' } }));
    const own = { id: 2, body: comment, user: { login: 'github-actions[bot]' } };
    pullRequest.comments.splice(0, 1, ...people, own);
    await tellTo(pullRequest);
    expect([pullRequest.comments.length, own.body]).toEqual([count + 1, addToComment(comment, served)]);
  });

  test('writes a comment where there is none', async () => {
    const pullRequest = new FakePullRequest();
    await tellTo(pullRequest);
    expect(deliveredIn(pullRequest.comments[1]?.body ?? '')).toEqual([served]);
  });

  test('writes again if another one wrote at the same moment', async () => {
    const pullRequest = new FakePullRequest();
    pullRequest.comments.push({ id: 2, body: comment, user: { login: 'github-actions[bot]' } });
    pullRequest.other = { ...served, part: 'infra' };
    await tellTo(pullRequest);
    expect(deliveredIn(pullRequest.comments[1]?.body ?? '').map(({ part }) => part)).toEqual([
      'calculadora-api',
      'infra',
    ]);
  });

  test('looks again only after its pause, in which another one may write', async () => {
    const pullRequest = new FakePullRequest();
    const written = { id: 2, body: comment, user: { login: 'github-actions[bot]' } };
    pullRequest.comments.push(written);
    let pauses = 0;
    async function pause() {
      await new Promise(setImmediate);
      if (++pauses === 1) written.body = addToComment(comment, { ...served, part: 'infra' });
    }
    await tell(7, served, { api: pullRequest.api, repository: 'owner/name', pause });
    expect([pauses, deliveredIn(written.body).map(({ part }) => part)]).toEqual([2, ['calculadora-api', 'infra']]);
  });

  test('finds the merged pull request of its commit and branch', () => {
    const merged = { number: 7, merged_at: '2026-11-28T01:00:00Z', base: { ref: 'develop' } };
    const found = [{ ...merged, number: 5, base: { ref: 'main' } }, { ...merged, number: 6, merged_at: null }, merged];
    const api = (path: string) =>
      path.startsWith('repos/owner/name/commits/c0ffee/pulls?') ? pageOf(path, found) : undefined;
    expect(pullRequestOf('c0ffee', 'develop', 'owner/name', api)).toBe(7);
    // A commit may be in many pull requests that are open.
    found.unshift(...Array.from({ length: 120 }, (_, index) => ({ ...merged, number: 10 + index, merged_at: null })));
    expect(pullRequestOf('c0ffee', 'develop', 'owner/name', api)).toBe(7);
    expect(pullRequestOf('c0ffee', 'other', 'owner/name', api)).toBeUndefined();
    expect(pullRequestOf('decaf', 'develop', 'owner/name', api)).toBeUndefined();
  });

  test('is told to the pull request of its own environment', async () => {
    const programs = new Programs();
    programs.node(
      'gh',
      `
      const { existsSync, readFileSync, writeFileSync } = require('node:fs');
      const [path, , method] = process.argv.slice(3);
      const merged = { merged_at: '2026-11-28T01:00:00Z' };
      const written = '${programs.folder}/comment';
      if (method === 'POST') writeFileSync(written, path + '\\n' + JSON.parse(readFileSync(0, 'utf8')).body);
      else if (path.includes('/pulls?')) console.log(JSON.stringify([
        { ...merged, number: 7, base: { ref: 'develop' } },
        { ...merged, number: 8, base: { ref: 'main' } },
      ]));
      else if (path.includes('/comments')) console.log(JSON.stringify(existsSync(written)
        ? [{ id: 2, body: readFileSync(written, 'utf8'), user: { login: 'github-actions[bot]' } }]
        : []));`,
    );
    const needs = JSON.stringify({ release: { result: 'success' } });
    const args = ['tell', 'calculadora-api', 'prd', '--needs', needs, '--run', run, '--commit', 'c0ffee'];
    const { code, output } = await delivery(args, programs.env);
    expect([code, output]).toEqual([0, expect.stringContaining('8')]);
    const [path, ...body] = programs.read('comment').split('\n');
    expect(path).toBe('repos/owner/name/issues/8/comments');
    expect(deliveredIn(body.join('\n'))).toMatchObject([{ part: 'calculadora-api', environment: 'prd' }]);
  });

  test('of an unknown part is refused', async () => {
    const args = ['tell', 'docs', 'dev', '--needs', '{}', '--run', run, '--commit', 'c0ffee'];
    expect(await delivery(args)).toMatchObject({ code: 2, output: expect.stringContaining('calculadora-api, ') });
  });
});
