/** That the function waits as long as its limits say, where no test could wait for that. */
import { expect, jest, test } from '@jest/globals';
import * as mysql from 'mysql2/promise';

/** Settings with which connections and clients were made. */
const connections: { readonly connectTimeout?: number }[] = [];
const clients: { readonly requestHandler?: object }[] = [];
jest.unstable_mockModule('mysql2/promise', () => ({
  ...mysql,
  createConnection: async (options: (typeof connections)[number]) => {
    connections.push(options);
    return { end: async () => undefined };
  },
}));
const sdk = await import('@aws-sdk/client-secrets-manager');
jest.unstable_mockModule('@aws-sdk/client-secrets-manager', () => ({
  ...sdk,
  SecretsManagerClient: class {
    constructor(options: (typeof clients)[number]) {
      clients.push(options);
    }
  },
}));
const { connectTimeout, logIn } = await import('../src/database.ts');
const { timeLimits: ofSecrets } = await import('../src/secret.ts');

test('a login waits for the server as long as its limit says, and not as long as a request of the API', async () => {
  await logIn({ host: 'localhost', port: 1 }, { username: 'a', password: 'only-for-tests' });
  expect(connections.map((options) => options.connectTimeout)).toEqual([connectTimeout]);
});

test('Secrets Manager is asked with the limits of the function', () => {
  expect(clients.map(({ requestHandler }) => requestHandler)).toEqual([ofSecrets]);
});
