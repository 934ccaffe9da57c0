import { appendFileSync } from 'node:fs';

/** Sets outputs for later steps of the workflow. On a developer's machine they are printed. */
export function setOutputs(values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`The output ${name} has more than one line`);
    return `${name}=${value}`;
  });
  write('GITHUB_OUTPUT', `${lines.join('\n')}\n`);
}

/** Adds Markdown to the page of the workflow run. On a developer's machine it is printed. */
export function addSummary(markdown: string): void {
  write('GITHUB_STEP_SUMMARY', `${markdown}\n`);
}

/** Prints a message, and adds it to the page of the workflow run. */
export function say(message: string): void {
  console.log(message);
  if (process.env.GITHUB_STEP_SUMMARY) addSummary(`${message.replaceAll('\n', '  \n')}\n`);
}

function write(variable: string, text: string): void {
  const file = process.env[variable];
  if (file) appendFileSync(file, text);
  else process.stdout.write(text);
}
