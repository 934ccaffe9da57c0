import { ghCommand } from './github-api.ts';

export interface OpenIssue {
  /** Finds the issue again. */
  readonly label: string;
  /** Of the label. */
  readonly description: string;
  readonly title: string;
  /** Undefined if there is nothing to say, or no longer. */
  readonly body: string | undefined;
  /** Comment on an issue that stays open. */
  readonly still: string;
  /** Comment on an issue that is closed. */
  readonly gone: string;
}

/** What was done. `issue` is a number, or the address of a new one. */
export type Kept =
  | { readonly state: 'opened'; readonly issue: string }
  | { readonly state: 'updated' | 'closed'; readonly issue: number }
  | { readonly state: 'none' };

/** Keeps at most one open issue with a label: opens it, updates it or closes it. Needs GitHub's CLI. */
export function keepIssue({ body, description, gone, label, still, title }: OpenIssue): Kept {
  const [open] = JSON.parse(ghCommand(['issue', 'list', '--state=open', `--label=${label}`, '--json=number'])) as {
    number: number;
  }[];
  if (body !== undefined && open) {
    ghCommand(['issue', 'edit', String(open.number), '--body-file=-'], body);
    ghCommand(['issue', 'comment', String(open.number), `--body=${still}`]);
    return { state: 'updated', issue: open.number };
  }
  if (body !== undefined) {
    ghCommand(['label', 'create', label, '--force', `--description=${description}`]);
    const address = ghCommand(['issue', 'create', `--title=${title}`, `--label=${label}`, '--body-file=-'], body);
    return { state: 'opened', issue: address.trim() };
  }
  if (!open) return { state: 'none' };
  ghCommand(['issue', 'close', String(open.number), `--comment=${gone}`]);
  return { state: 'closed', issue: open.number };
}
