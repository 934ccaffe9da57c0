import { appendFileSync } from 'node:fs';

/** Tells later steps of the workflow what was found; on a developer's machine it is printed. */
export function setOutputs(values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`The output ${name} has more than one line`);
    return `${name}=${value}`;
  });
  write('GITHUB_OUTPUT', `${lines.join('\n')}\n`);
}

/** Markdown on the page of the workflow's run; on a developer's machine it is printed. */
export function addSummary(markdown: string): void {
  write('GITHUB_STEP_SUMMARY', `${markdown}\n`);
}

/** Words for people, on the terminal and on the page of the workflow's run. */
export function say(words: string): void {
  console.log(words);
  if (process.env.GITHUB_STEP_SUMMARY) addSummary(`${words.replaceAll('\n', '  \n')}\n`);
}

function write(variable: string, text: string): void {
  const file = process.env[variable];
  if (file) appendFileSync(file, text);
  else process.stdout.write(text);
}
