import { createInterface } from 'node:readline/promises';

/** The option that skips a confirmation. */
export const yes = { description: { pt: 'não pede confirmação', en: 'does not ask for confirmation' } } as const;

/** Terraform's options for the answer. */
export function confirmed(options: { readonly yes: boolean }): string[] {
  return options.yes ? ['-input=false', '-auto-approve'] : [];
}

/** What a person types. Without a terminal nobody can answer: the end of the input counts as no. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await Promise.race([
    terminal.question(question),
    new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
  ]);
  terminal.close();
  return answer.trim();
}
