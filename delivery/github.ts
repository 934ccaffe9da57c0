import { appendFileSync } from 'node:fs';
import { texts } from './delivery-texts.ts';

/** Sets outputs for later steps of the workflow, and prints them. */
export function setOutputs(values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`The output ${name} has more than one line`);
    return `${name}=${value}`;
  });
  console.log(lines.join('\n'));
  append('GITHUB_OUTPUT', lines.join('\n'));
}

/** Adds Markdown to the page of the workflow run. On a developer's machine it is printed. */
export function addSummary(markdown: string): void {
  console.log(append('GITHUB_STEP_SUMMARY', markdown) ? texts.summarised : markdown);
}

/** Prints a message, and adds it to the page of the workflow run. */
export function say(message: string): void {
  console.log(message);
  append('GITHUB_STEP_SUMMARY', message.replaceAll('\n', '  \n'));
}

/** Adds lines to the file that a variable names. @returns whether there is such a file */
function append(variable: string, lines: string): boolean {
  const file = process.env[variable];
  if (file) appendFileSync(file, `${lines}\n`);
  return Boolean(file);
}
