/** The part of S3 that Terraform's backend and the AWS CLI need for a state: https://docs.aws.amazon.com/AmazonS3/latest/API */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Bucket, type Version } from './buckets.ts';
import { decodeChunks } from './chunks.ts';

/** An S3 of its own, with buckets that are all versioned, in memory and on the loopback interface. */
export class StateServer {
  // Otherwise it could close an idle connection at the moment of the next request.
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#answer(request, response));
  readonly #buckets = new Map<string, Bucket>();

  /** @returns the server, which runs until `stop` */
  static async start(): Promise<StateServer> {
    const state = new StateServer();
    state.#server.listen(0, '127.0.0.1');
    await once(state.#server, 'listening');
    return state;
  }

  /** The endpoint's URL. Its buckets are addressed by path. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Creates an empty bucket, unless it exists. */
  createBucket(name: string): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, new Bucket());
  }

  /** Takes a bucket away with everything in it, as when its region is lost. */
  loseBucket(name: string): void {
    this.#buckets.delete(name);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status = 200, headers = {}, body = '' } = this.#handle(request, await buffer(request));
      response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  }

  #handle(request: IncomingMessage, sent: Buffer): Answer {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.endpoint);
    const [, name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (request.method === 'PUT' && key === '' && !searchParams.has('versioning')) {
      this.createBucket(name);
      return {};
    }
    const bucket = this.#buckets.get(name);
    if (!bucket) return error(404, 'NoSuchBucket', 'The specified bucket does not exist');
    return key === ''
      ? answerForBucket(name, bucket, request, searchParams)
      : answerForObject(bucket, key, request, searchParams, sent);
  }
}

interface Answer {
  /** 200 if missing. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
}

function answerForBucket(name: string, bucket: Bucket, request: IncomingMessage, query: URLSearchParams): Answer {
  const prefix = query.get('prefix') ?? '';
  if (request.method === 'HEAD' || request.method === 'PUT') return {};
  if (request.method !== 'GET') return notImplemented(request);
  if (query.has('versioning')) return xml('VersioningConfiguration', '<Status>Enabled</Status>');
  const frame = element('Name', name) + element('Prefix', prefix) + element('IsTruncated', 'false');
  if (query.has('versions')) {
    const versions = bucket.listVersions(prefix).map((version) => {
      const fields = element('VersionId', version.id) + element('IsLatest', String(version.isLatest));
      return version.body
        ? `<Version>${objectFields(version)}${fields}</Version>`
        : `<DeleteMarker>${element('Key', version.key)}${modified(version)}${fields}</DeleteMarker>`;
    });
    return xml('ListVersionsResult', frame + versions.join(''));
  }
  const contents = bucket.list(prefix).map((version) => `<Contents>${objectFields(version)}</Contents>`);
  return xml('ListBucketResult', `${frame}<KeyCount>${contents.length}</KeyCount>${contents.join('')}`);
}

function answerForObject(
  bucket: Bucket,
  key: string,
  request: IncomingMessage,
  query: URLSearchParams,
  sent: Buffer,
): Answer {
  switch (request.method) {
    case 'PUT': {
      // A conditional write, with which Terraform takes the lock.
      if (request.headers['if-none-match'] === '*' && bucket.get(key)) {
        return error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
      }
      const isChunked = request.headers['content-encoding']?.includes('aws-chunked');
      return { headers: objectHeaders(bucket.put(key, isChunked ? decodeChunks(sent) : sent)) };
    }
    case 'DELETE': {
      const marker = bucket.delete(key);
      return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.id } };
    }
    case 'GET':
    case 'HEAD': {
      const found = bucket.get(key, query.get('versionId') ?? undefined);
      if (!found?.body) return error(404, 'NoSuchKey', 'The specified key does not exist.');
      return { headers: objectHeaders(found), body: found.body };
    }
    default:
      return notImplemented(request);
  }
}

function objectHeaders({ etag, id, modified }: Version): Record<string, string> {
  return { ETag: `"${etag}"`, 'x-amz-version-id': id, 'Last-Modified': modified.toUTCString() };
}

function objectFields(version: Version): string {
  const size = element('Size', String(version.body?.length ?? 0));
  return element('Key', version.key) + modified(version) + element('ETag', `"${version.etag}"`) + size;
}

function modified({ modified }: Version): string {
  return element('LastModified', modified.toISOString());
}

function notImplemented({ method, url }: IncomingMessage): Answer {
  return error(501, 'NotImplemented', `${method} ${url} is not implemented`);
}

function error(status: number, code: string, message: string): Answer {
  return { status, ...xml('Error', element('Code', code) + element('Message', message)) };
}

function xml(root: string, content: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`;
  return { headers: { 'Content-Type': 'application/xml' }, body };
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}
