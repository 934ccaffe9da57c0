import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StateServer } from '../state/server.ts';

const bucket = 'state';
let server: StateServer;

beforeAll(async () => {
  server = await StateServer.start();
  server.createBucket(bucket);
});
afterAll(() => server.stop());

const request = (path: string, options: RequestInit = {}) => fetch(`${server.endpoint}/${path}`, options);
const put = (key: string, body: string, headers: Record<string, string> = {}) =>
  request(`${bucket}/${key}`, { method: 'PUT', body, headers });
const read = async (path: string) => (await request(path)).text();

test('an object is read as it was written, until it is deleted', async () => {
  expect((await put('folder/a%20b', 'one')).status).toBe(200);
  expect(await read(`${bucket}/folder/a%20b`)).toBe('one');
  const head = await request(`${bucket}/folder/a%20b`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '3']);
  expect((await request(`${bucket}/folder/a%20b`, { method: 'DELETE' })).status).toBe(204);
  const gone = await request(`${bucket}/folder/a%20b`);
  expect([gone.status, await gone.text()]).toEqual([404, expect.stringContaining('<Code>NoSuchKey</Code>')]);
});

test('only one of two conditional writes creates a lock, and a released lock can be taken again', async () => {
  const lock = () => put('lock', 'held', { 'If-None-Match': '*' });
  const statuses = (await Promise.all([lock(), lock()])).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 412]);
  await request(`${bucket}/lock`, { method: 'DELETE' });
  expect((await lock()).status).toBe(200);
});

test('every version is kept, also of a deleted object', async () => {
  const first = (await put('versions', 'one')).headers.get('x-amz-version-id');
  await put('versions', 'two');
  await request(`${bucket}/versions`, { method: 'DELETE' });
  expect(await read(`${bucket}/versions?versionId=${first}`)).toBe('one');
  const list = await read(`${bucket}?versions&prefix=versions`);
  expect(list.match(/<Version>/g)).toHaveLength(2);
  expect(list).toMatch(/<DeleteMarker>.*<IsLatest>true<\/IsLatest><\/DeleteMarker>/);
});

test('a list has the objects with a prefix, and no deleted ones', async () => {
  await put('env:/dev/state', 'x');
  await put('env:/prd/state', 'x');
  await put('other', 'x');
  await request(`${bucket}/env:/prd/state`, { method: 'DELETE' });
  const keys = [...(await read(`${bucket}?list-type=2&prefix=env:/`)).matchAll(/<Key>(.*?)<\/Key>/g)];
  expect(keys.map(([, key]) => key)).toEqual(['env:/dev/state']);
});

test('a body in chunks with a trailing checksum is stored without them', async () => {
  const body = '3\r\nabc\r\n2;chunk-signature=0\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n';
  await put('chunked', body, { 'Content-Encoding': 'aws-chunked' });
  expect(await read(`${bucket}/chunked`)).toBe('abcde');
});

test('a bucket is missing until it is created, and is then versioned', async () => {
  expect((await request('later', { method: 'HEAD' })).status).toBe(404);
  expect(await read('later?list-type=2')).toContain('<Code>NoSuchBucket</Code>');
  expect((await request('later', { method: 'PUT' })).status).toBe(200);
  expect((await request('later', { method: 'HEAD' })).status).toBe(200);
  expect(await read('later?versioning')).toContain('<Status>Enabled</Status>');
});

test('what Terraform never asks is said not to be there, and a torn body is stored by nobody', async () => {
  for (const [method, path] of [
    ['POST', bucket],
    ['DELETE', bucket],
    ['POST', `${bucket}/key`],
  ] as const) {
    const answer = await request(path, { method });
    const message = `${method} /${path} is not implemented`;
    expect([answer.status, await answer.text()]).toEqual([
      501,
      expect.stringContaining(`<Message>${message}</Message>`),
    ]);
  }
  for (const body of ['xyz\r\nabc', '3;no end']) {
    const torn = await put('torn', body, { 'Content-Encoding': 'gzip, aws-chunked' });
    expect([torn.status, await torn.text()]).toEqual([500, 'The body is not in the encoding aws-chunked']);
  }
  expect((await request(`${bucket}/torn`)).status).toBe(404);
});

test('a list names each object with its size and hash, whatever is in its name, and the newest version first', async () => {
  const { headers } = await put(encodeURIComponent('list/a&b<c>'), 'four');
  // The hash is MD5, which clients compare.
  expect([headers.get('etag'), headers.get('last-modified')]).toEqual([
    ...['"8cbad96aced40b3838dd9f07f6ef5772"', expect.stringMatching(/ GMT$/)],
  ]);
  await put('list/b', '');
  const list = await read(`${bucket}?list-type=2&prefix=list/`);
  expect(list).toContain('<KeyCount>2</KeyCount>');
  expect([...list.matchAll(/<Key>(.*?)<\/Key>.*?<Size>(\d+)<\/Size>/g)].map(([, ...found]) => found)).toEqual([
    ['list/a&amp;b&lt;c&gt;', '4'],
    ['list/b', '0'],
  ]);
  await put('list/b', 'five5');
  const versions = await read(`${bucket}?versions&prefix=list/b`);
  expect([...versions.matchAll(/<Size>(\d+)<.*?<IsLatest>(\w+)</g)].map(([, ...found]) => found)).toEqual([
    ['5', 'true'],
    ['0', 'false'],
  ]);
  await request(`${bucket}/list/b`, { method: 'DELETE' });
  // In a header a time has another form than in a list, in which the AWS SDK takes only this one.
  const all = list + (await read(`${bucket}?versions&prefix=list/`));
  const times = [...all.matchAll(/<LastModified>(.*?)</g)].map(([, time = '']) => time);
  expect(times).toHaveLength(2 + 4);
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a lost bucket is gone with all that was in it', async () => {
  server.createBucket('lost');
  await request('lost/key', { method: 'PUT', body: 'one' });
  // It is there already.
  server.createBucket('lost');
  expect(await read('lost/key')).toBe('one');
  server.loseBucket('lost');
  expect((await request('lost/key')).status).toBe(404);
  server.createBucket('lost');
  expect((await request('lost/key')).status).toBe(404);
});
