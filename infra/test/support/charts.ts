/**
 * Renders a chart of `infra/charts` like Helm, as far as their templates need it, so that tests read what Kubernetes gets
 * on machines without Helm. A construction that is not known here is an error.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Block } from './terraform.ts';

export const charts = resolve(import.meta.dirname, '../../charts');

export interface Chart {
  readonly templates: Readonly<Record<string, string>>;
  /** What `.Files.Get` reads, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly values: Block;
}

export function readChart(name: string): Chart {
  const folder = join(charts, name);
  const read = (below: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.startsWith(`${below}/`))
        .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
    );
  return {
    templates: read('templates'),
    files: read('files'),
    values: parse(readFileSync(join(folder, 'values.yaml'), 'utf8')),
  };
}

/** The objects of a chart, with the values of a release over the chart's own. */
export function render(chart: Chart, given: Block): Block[] {
  const values = merge(chart.values, given);
  const scope = { chart, values, variables: {}, blocks: blocksOf(chart) };
  return Object.entries(chart.templates)
    .filter(([path]) => path.endsWith('.yaml'))
    .flatMap(([, template]) => parseAllDocuments(fill(template, scope)).map((document) => document.toJS()))
    .filter((object) => object !== null);
}

function merge(below: unknown, above: unknown): Block {
  if (!isMap(below) || !isMap(above)) return (above === undefined ? below : above) as Block;
  const keys = [...Object.keys(below), ...Object.keys(above)];
  return Object.fromEntries(keys.map((key) => [key, merge(below[key], above[key])]));
}
const isMap = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Scope {
  readonly chart: Chart;
  readonly values: Block;
  readonly variables: Readonly<Record<string, string>>;
  readonly blocks: Readonly<Record<string, string>>;
}

const release = { Name: 'the-release', Namespace: 'observability' } as const;

/** The blocks for `include`. Those of SigNoz's own chart need its templates, and are left out. */
const blocksOf = ({ templates }: Chart): Record<string, string> =>
  Object.fromEntries(
    Object.values(templates).flatMap((text) =>
      [...text.matchAll(/\{\{- define "([\w-]+)" -\}\}\n([\s\S]*?)\n\{\{- end -\}\}/g)].map(([, name, body]) => [
        name,
        body,
      ]),
    ),
  );

function fill(template: string, scope: Scope): string {
  return template
    .replaceAll(
      /\s*\{\{- range \$name, \$(\w+) := dict (.+?) \}\}([\s\S]*?)\s*\{\{- end \}\}/g,
      (_, variable: string, pairs: string, body: string) =>
        [...pairs.matchAll(/"(.+?)" "(.+?)"/g)]
          .map(([, name = '', value = '']) => fill(body, { ...scope, variables: { name, [variable]: value } }))
          .join(''),
    )
    .replaceAll(/\s*\{\{- (.+?) \}\}/g, (_, expression: string) => String(evaluate(expression, scope)))
    .replaceAll(/\{\{ (.+?) \}\}/g, (_, expression: string) => String(evaluate(expression, scope)));
}

/** A pipeline, such as `printf "%s" .Values.image | sha256sum | trunc 8`. */
function evaluate(expression: string, scope: Scope): unknown {
  return split(expression, '|').reduce<unknown>((before, command, index) => {
    const [name = '', ...words] = split(command, ' ');
    const values = words.map((word) => operand(word, scope));
    if (index > 0) values.push(before);
    return name in functions ? functions[name]?.(values, scope) : operand(command, scope);
  }, undefined);
}

/** Divides at a character, except in quotes and parentheses. */
function split(text: string, at: string): string[] {
  const parts = [''];
  let [depth, isQuoted] = [0, false];
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === at && depth === 0 && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function operand(word: string, { chart, values, variables, blocks }: Scope): unknown {
  if (word.startsWith('(')) return evaluate(word.slice(1, -1), { chart, values, variables, blocks });
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  if (word === '.' || word === '$') return word;
  if (/^\$\w+$/.test(word) && word.slice(1) in variables) return variables[word.slice(1)];
  const [root, ...path] = word.replace(/^\$?\./, '').split('.');
  if (root === 'Values') return path.reduce<unknown>((of, key) => (of as Block | undefined)?.[key], values);
  if (root === 'Release') return release[path[0] as keyof typeof release];
  throw new Error(`${word} is not known: add it to infra/test/support/charts.ts`);
}

const functions: Readonly<Record<string, (values: readonly unknown[], scope: Scope) => unknown>> = {
  '.Files.Get': ([path], { chart }) => chart.files[String(path)],
  include: ([name], scope) => fill(scope.blocks[String(name)] ?? '', scope),
  nindent: ([spaces, text]) => `\n${text}`.replaceAll(/\n(?=.)/g, `\n${' '.repeat(Number(spaces))}`),
  omit: ([map, key]) => Object.fromEntries(Object.entries(map as Block).filter(([name]) => name !== key)),
  printf: ([format, ...values]) => {
    const rest = [...values];
    return String(format).replaceAll('%s', () => String(rest.shift()));
  },
  quote: ([value]) => JSON.stringify(String(value)),
  required: ([name, value]) => {
    if (value === undefined || value === null || value === '') throw new Error(`${name} is required`);
    return value;
  },
  sha256sum: ([text]) => createHash('sha256').update(String(text)).digest('hex'),
  toJson: ([value]) => JSON.stringify(value),
  trunc: ([length, text]) => String(text).slice(0, Number(length)),
};
