/** A program with one command, for the tests. It prints what it reads from the arguments. */
import { both, defineCommand, ProgramFailed, Refused, requireProgram, runProgram } from '../../src/index.ts';

process.exitCode = await runProgram('pnpm tool', {
  send: async () => ({
    command: defineCommand({
      description: { pt: 'envia uma carta', en: 'sends a letter' },
      words: {
        letter: { name: { pt: 'CARTA', en: 'LETTER' } },
        copies: { name: { pt: 'CÓPIAS', en: 'COPIES' }, optional: true, read: readNumber },
      },
      options: {
        to: { value: 'NAME', required: true, repeated: true, description: { pt: 'para quem', en: 'to whom' } },
        via: { value: 'CITY', repeated: true, description: { pt: 'por onde', en: 'which way' } },
        days: { value: 'N', default: '3', read: readNumber, description: { pt: 'o prazo', en: 'the time limit' } },
        stamp: { value: 'N', description: { pt: 'o selo', en: 'the stamp' } },
        urgent: { description: { pt: 'hoje mesmo', en: 'today' } },
      },
      run({ letter, copies }, { to, via, days, stamp, urgent }) {
        if (letter === 'lost') throw new ProgramFailed('post', 75);
        if (letter === 'sealed') requireProgram('no-such-sealing-wax');
        // The types of the values are those that the syntax says.
        const read: [
          string,
          number | undefined,
          readonly string[],
          readonly string[],
          number,
          string | undefined,
          boolean,
        ] = [letter, copies, to, via, days, stamp, urgent];
        console.log(JSON.stringify(read));
        return 0;
      },
    }),
  }),
});

function readNumber(given: string): number {
  if (!/^\d+$/.test(given)) throw new Refused(both(`${given} não é um número.`, `${given} is not a number.`));
  return Number(given);
}
