import { expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { applicationWord, readBoolean, readSeconds, readVersion } from '../arguments.ts';

test.each([
  ['90', 90],
  ['0.5', 0.5],
])('%s is a number of seconds', (given, seconds) => {
  expect(readSeconds(given)).toBe(seconds);
});

test.each(['5m', '-1', '', '1.5.2', '1e3', '5.', '.5', ' 5', '5\n', '0x5', '٥'])(
  '%j is no number of seconds, and would be waited for without end',
  (given) => {
    expect(() => readSeconds(given)).toThrow(`--timeout ${given}: `);
  },
);

test('an application is known by its whole name alone', () => {
  const names = applications.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(1);
  expect(names.map((name) => applicationWord.read(name))).toEqual(applications);
  const [first = ''] = names;
  for (const given of ['', first.slice(0, -1), first.slice(1), `${first}-`, first.toUpperCase(), ` ${first}`]) {
    expect(() => applicationWord.read(given)).toThrow(names.join(', '));
  }
});

test('only true and false are read as such', () => {
  const read = readBoolean('--drifted');
  expect([read('true'), read('false')]).toEqual([true, false]);
  for (const given of ['', 'TRUE', 'False', ' true', 'true\n', '1', 'untrue', 'falsehood']) {
    expect(() => read(given)).toThrow('--drifted');
  }
});

test('a version may have exactly the characters that the tag of an image may have', () => {
  // https://docs.docker.com/reference/cli/docker/image/tag
  const isRead = (given: string) => {
    try {
      return readVersion(given) === given;
    } catch {
      return false;
    }
  };
  const characters = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
  expect(characters.filter((one) => isRead(`a${one}b`)).join('')).toMatch(/^-\.[0-9]{10}[A-Z]{26}_[a-z]{26}$/);
  expect(characters.filter((one) => isRead(one)).join('')).toMatch(/^[0-9]{10}[A-Z]{26}_[a-z]{26}$/);
  // With part of a digest, it may not be longer than 128.
  expect([101, 102].map((length) => isRead('v'.repeat(length)))).toEqual([true, false]);
});
