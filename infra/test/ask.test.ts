/** That a question leaves the input to whoever comes after it: Terraform, or nobody. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

test('after the answer, the command no longer listens: it ends although its input does not', async () => {
  const module = JSON.stringify(resolve(import.meta.dirname, '../ask.ts'));
  const program = `import { ask } from ${module}; console.log('answer: ' + (await ask('Sure? ')));`;
  // The limit is only for a command that never ends.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { timeout: 60_000 });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stdin.write(' yes \n');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(output).toBe('Sure? answer: yes\n');
});
