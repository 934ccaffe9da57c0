/** `pnpm delivery COMMAND …`: the logic of the workflows' steps. `pnpm delivery --help` lists the commands. */
import { runProgram } from 'command-line';
import { commands } from './all-commands.ts';

process.exitCode = await runProgram('pnpm delivery', commands);
