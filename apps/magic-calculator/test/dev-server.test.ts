import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test('the development server ends if its port is in use, because developers know no other address', async () => {
  const other = createServer().listen(0, 'localhost');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');
  const server = spawn(process.execPath, [vite, '--port', port], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'pipe'],
    // It should end by itself. This is only a safeguard.
    timeout: 60_000,
  });
  const [errors, [code]] = await Promise.all([text(server.stderr), once(server, 'close')]);
  other.close();
  expect(errors).toContain(`Port ${port} is already in use`);
  expect(code).toBe(1);
});
