import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';

export const root = resolve(import.meta.dirname, '../../..');
export const workflowFolder = join(root, '.github/workflows');

type Texts = Readonly<Record<string, string>>;

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Texts;
  readonly with?: Texts;
  readonly 'working-directory'?: string;
  readonly 'continue-on-error'?: string | boolean;
}

export interface Job {
  readonly name?: string;
  readonly uses?: string;
  readonly 'runs-on'?: string;
  readonly with?: Texts;
  readonly env?: Texts;
  readonly steps?: readonly Step[];
  readonly environment?: string | { readonly name: string; readonly url: string };
  readonly permissions?: Texts;
  readonly outputs?: Texts;
  readonly 'timeout-minutes'?: number;
  readonly 'continue-on-error'?: string | boolean;
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: { readonly include: readonly Texts[] } };
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly secrets?: string;
}

export interface Workflow {
  readonly on: {
    readonly push?: { readonly branches: readonly string[]; readonly paths: readonly string[] };
    readonly pull_request?: { readonly branches: readonly string[]; readonly types: readonly string[] };
    readonly schedule?: unknown;
    readonly workflow_call?: unknown;
    readonly workflow_dispatch?: unknown;
  };
  readonly permissions: Texts;
  readonly env?: Texts;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** One of the repository's own actions. */
export interface Action {
  readonly inputs?: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** Names of the workflows' files. */
export const workflowFiles: readonly string[] = readdirSync(workflowFolder);

export const workflowText = (file: string): string => readFileSync(join(workflowFolder, file), 'utf8');

const workflows = new Map(workflowFiles.map((file) => [file, parse(workflowText(file)) as Workflow]));

export function workflow(file: string): Workflow {
  const found = workflows.get(file);
  if (!found) throw new Error(`There is no ${file}`);
  return found;
}

/** An own action, by the path by which steps use it: `./.github/actions/connect`. */
export const actionAt = (path: string): Action => parse(readFileSync(join(root, path, 'action.yml'), 'utf8'));

/** What an expression of GitHub reads, by the name of its context. */
export interface Contexts {
  readonly github?: object;
  readonly inputs?: object;
  readonly vars?: object;
  readonly secrets?: object;
  readonly env?: object;
  readonly matrix?: object;
  readonly needs?: object;
  readonly steps?: object;
}

/** What came before a step in its job, or before a job in its workflow. */
export interface Before {
  readonly succeeded: boolean;
  readonly failed: boolean;
  readonly cancelled: boolean;
}

const allWell: Before = { succeeded: true, failed: false, cancelled: false };

/**
 * Evaluates an expression as GitHub does, as far as the workflows use its language, which resembles JavaScript.
 *
 * @param expression with or without `${{ }}`
 */
export function evaluate(expression: string | undefined, contexts: Contexts, before = allWell): unknown {
  const script = (expression ?? 'undefined')
    .replace(/^\$\{\{(.*)\}\}\s*$/s, '$1')
    .replaceAll(/([\w.]+)\.\*\.(\w+)/g, "each($1, '$2')")
    .replaceAll(/(?<=[\w)])\.(?=[a-z])/gi, '?.');
  const names = ['github', 'inputs', 'vars', 'secrets', 'env', 'matrix', 'needs', 'steps'] as const;
  return runInNewContext(script, {
    ...Object.fromEntries(names.map((name) => [name, lenient(contexts[name] ?? {})])),
    runner: { os: 'Linux' },
    always: () => true,
    success: () => before.succeeded && !before.cancelled,
    failure: () => before.failed && !before.cancelled,
    cancelled: () => before.cancelled,
    each: (all: object | undefined, name: string) => Object.values(all ?? {}).map((one) => one[name]),
    contains: (all: string | readonly unknown[], one: string) => all.includes(one),
    format: (text: string, ...given: readonly unknown[]) =>
      text.replaceAll(/\{(\d)\}/g, (_, index) => String(given[index])),
    toJSON: (value: unknown) => JSON.stringify(value),
    hashFiles: () => 'hash',
  });
}

/** GitHub takes a field that is missing for an empty text. */
function lenient(value: object): object {
  return new Proxy(value, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || name === 'toJSON' || Array.isArray(target)) return found;
      return typeof found === 'object' && found !== null ? lenient(found) : (found ?? '');
    },
  });
}

/** A text with its expressions replaced by their values. */
export function interpolate(text: unknown, contexts: Contexts, before = allWell): string {
  return String(text).replaceAll(/\$\{\{.*?\}\}/gs, (expression) =>
    String(evaluate(expression, contexts, before) ?? ''),
  );
}

/** Whether a job or step with this condition runs. Unless it names a status, it runs only if all before it succeeded. */
export function isToRun(condition: string | undefined, contexts: Contexts, before: Before): boolean {
  if (condition === undefined) return Boolean(evaluate('success()', contexts, before));
  const inner = condition.replace(/^\$\{\{(.*)\}\}\s*$/s, '$1');
  const namesStatus = /\b(always|success|failure|cancelled)\(\)/.test(inner);
  return Boolean(evaluate(namesStatus ? inner : `success() && (${inner})`, contexts, before));
}
