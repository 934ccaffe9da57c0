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
