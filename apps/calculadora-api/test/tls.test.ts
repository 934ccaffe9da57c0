import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { makeCertificate } from '../../../packages/database/test/support/certificates.ts';
import { type MariaDb, mariadbd, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { query } from './support/databases.ts';

describeWith(
  'MariaDB and openssl',
  mariadbd && findTool('openssl'),
  'A connection to the database over TLS',
  (openssl) => {
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    chmodSync(folder, 0o755);
    const authority = makeCertificate(openssl, join(folder, 'authority'));
    const otherAuthority = makeCertificate(openssl, join(folder, 'other'));

    describe.each([
      { host: 'localhost', subject: 'DNS:localhost', otherHost: '127.0.0.1' },
      { host: '127.0.0.1', subject: 'IP:127.0.0.1', otherHost: 'localhost' },
    ])('to a server with a certificate for $host', ({ host, subject, otherHost }) => {
      let server: MariaDb;
      let api: Api;

      beforeAll(async () => {
        const { certificate, key } = makeCertificate(openssl, join(folder, host), { subject, authority });
        server = await startMariaDb(`--ssl-cert=${certificate}`, `--ssl-key=${key}`);
        await query(
          server,
          "CREATE USER 'encrypted'@'%' IDENTIFIED BY 'only-for-tests' REQUIRE SSL",
          "GRANT ALL ON *.* TO 'encrypted'@'%'",
        );
      });
      afterAll(() => server.stop());
      afterEach(async () => {
        await api.stop();
      });

      const start = (name: string, ca?: string) =>
        startApi({
          DB_HOST: `${name}:${server.port}`,
          DB_USER: 'encrypted',
          DB_PASSWORD: 'only-for-tests',
          DB_NAME: 'calculadora',
          ...(ca !== undefined && { DB_SSL_CA: ca }),
        });
      const expectRefusal = async (reason: RegExp) => {
        await eventually(async () => reason.test(api.output()));
        expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(503);
      };

      test('is opened if the CA and the host match', async () => {
        api = await start(host, authority.certificate);
        await untilReady(api);
      });

      test('is refused if another CA signed the certificate', async () => {
        api = await start(host, otherAuthority.certificate);
        await expectRefusal(/HANDSHAKE_SSL_ERROR/);
      });

      test('is refused if only the CAs of RDS are trusted', async () => {
        api = await start(host, 'rds');
        await expectRefusal(/HANDSHAKE_SSL_ERROR/);
      });

      test('is refused if the certificate is for another host', async () => {
        api = await start(otherHost, authority.certificate);
        await expectRefusal(/HANDSHAKE_SSL_ERROR/);
      });

      test('is refused by the server if it is not encrypted', async () => {
        api = await start(host);
        await expectRefusal(/Access denied/);
      });
    });
  },
);
