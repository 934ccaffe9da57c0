/** That the job waits as long as its limits say, where no test could wait for that. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Signoz, timeLimits } from '../src/signoz.ts';

describe('SigNoz', () => {
  const real = { ...process.env };
  const fetched = jest.spyOn(globalThis, 'fetch');
  beforeEach(() => {
    fetched.mockReset().mockRejectedValue(new Error('refused'));
  });
  afterEach(() => {
    jest.useRealTimers();
    process.env = { ...real };
  });

  test('is given up after the limit for a request', async () => {
    const { signal } = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(signal);
    try {
      await expect(new Signoz('http://signoz').get('/api/v1/channels')).rejects.toThrow('refused');
      expect(timeout.mock.calls).toEqual([[timeLimits.request]]);
      expect(fetched.mock.calls.map(([, options]) => options?.signal)).toEqual([signal]);
    } finally {
      timeout.mockRestore();
    }
  });

  test('is asked every five seconds while it starts, until its limit', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const failed = expect(new Signoz('http://signoz').untilUp(60_000)).rejects.toThrow('did not answer within 60 s');
    await jest.advanceTimersByTimeAsync(60_000);
    await failed;
    // At once, and then twelve times.
    expect(fetched.mock.calls).toHaveLength(13);
  });

  test('has the limit for a start, unless the job is told another', async () => {
    const waited: number[] = [];
    const untilUp = jest.spyOn(Signoz.prototype, 'untilUp').mockImplementation(async (limit) => {
      waited.push(limit);
      throw new Error('not yet');
    });
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
    for (const kind of ['channels', 'rules', 'dashboards']) writeFileSync(join(folder, `${kind}.json`), '[]');
    const settings = { SIGNOZ_URL: 'http://signoz', EMAIL: 'a@example.com', PASSWORD: 'only-for-tests' };
    Object.assign(process.env, settings, { ORGANISATION: 'o-1', DEFINITIONS: folder });
    delete process.env.START_LIMIT;
    try {
      await import('../src/index.ts');
      expect([waited, said.mock.calls]).toEqual([[timeLimits.start], [['not yet']]]);
    } finally {
      // The program sets it, and this process is no failure.
      process.exitCode = 0;
      untilUp.mockRestore();
      said.mockRestore();
      rmSync(folder, { recursive: true });
    }
  });
});
