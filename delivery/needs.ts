import { Refused } from 'command-line';
import { texts } from './delivery-texts.ts';

/** GitHub's names for the result of a job. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** Results and outputs of the earlier jobs, by the name of the job. */
export type Needs = Readonly<
  Record<string, { readonly result: Result; readonly outputs?: Readonly<Record<string, string>> }>
>;

/** The option `--needs`. */
export const needsOption = {
  value: 'JSON',
  required: true,
  read: readNeeds,
  description: { pt: 'a expressão toJSON(needs) do GitHub', en: "GitHub's expression toJSON(needs)" },
} as const;

/** Reads GitHub's expression `toJSON(needs)`. @throws {Refused} */
function readNeeds(given: string): Needs {
  try {
    const needs: Needs = JSON.parse(given);
    if (Object.values(needs).some(({ result }) => typeof result !== 'string')) throw new Error('No result');
    return needs;
  } catch {
    throw new Refused(texts.comment.needsJson);
  }
}
