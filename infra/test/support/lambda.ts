import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '../../functions/bundle.ts';

const functions = join(import.meta.dirname, '../../functions');

/**
 * Calls the bundle of a function with an event, in a process that has these environment variables alone. As Lambda's
 * runtime, it has AWS's SDK and nothing else.
 *
 * @throws if the function fails
 */
export async function invoke(
  name: 'database-logins' | 'status',
  event: object,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const [file, source] = [join(bundle(name), 'index.mjs'), join(functions, name, 'src/index.ts')].map((path) =>
    pathToFileURL(path),
  );
  const program = `
    import { registerHooks } from 'node:module';
    const parentURL = ${JSON.stringify(source)};
    registerHooks({
      resolve: (name, context, next) => next(name, name.startsWith('@aws-sdk/') ? { ...context, parentURL } : context),
    });
    const { handler } = await import(${JSON.stringify(file)});
    await handler(${JSON.stringify(event)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
}
