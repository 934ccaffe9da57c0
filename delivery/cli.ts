/** `pnpm delivery COMMAND …`: the logic of the workflows' steps. `pnpm delivery` alone lists the commands. */
import { type Command, Refused } from './command.ts';

/** Loaded on demand, so that a command does not load the modules of the others. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  changes: () => import('./commands/changes.ts'),
  plan: () => import('./commands/plan.ts'),
  apply: () => import('./commands/apply.ts'),
  costs: () => import('./commands/costs.ts'),
  comment: () => import('./commands/comment.ts'),
  drift: () => import('./commands/drift.ts'),
  settings: () => import('./commands/settings.ts'),
  image: () => import('./commands/image.ts'),
  tag: () => import('./commands/tag.ts'),
  release: () => import('./commands/release.ts'),
  rollback: () => import('./commands/rollback.ts'),
  smoke: () => import('./commands/smoke.ts'),
};

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: string[]): Promise<number> {
  try {
    const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load) throw new Refused(name === undefined ? await usage() : `Unknown command: ${name}\n\n${await usage()}`);
    return await (await load()).command.run(args);
  } catch (error) {
    console.error((error as Error).message);
    return error instanceof Refused || error instanceof TypeError ? 2 : 1;
  }
}

async function usage(): Promise<string> {
  const loaded = await Promise.all(Object.entries(commands).map(async ([name, load]) => [name, await load()] as const));
  const lines = loaded.map(([name, { command }]) => `  ${name} ${command.usage}`);
  return ['Usage: pnpm delivery COMMAND', ...lines].join('\n');
}
