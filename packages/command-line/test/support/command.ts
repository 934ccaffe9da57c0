/** A program that has a single command, for the tests. Its exit code is 3. */
import { defineCommand, environmentWord, runCommand } from '../../src/index.ts';

process.exitCode = await runCommand(
  'pnpm single',
  defineCommand({
    description: { pt: 'repete um ambiente', en: 'repeats an environment' },
    words: { environment: environmentWord },
    options: {},
    run({ environment }) {
      console.log(environment);
      return 3;
    },
  }),
);
