import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Terraform } from '../terraform.ts';

const path = process.env.PATH;
let folder: string;

/** Replaces Terraform, or another engine, by a script. */
function standIn(script: string, engine = 'terraform'): void {
  writeFileSync(join(folder, engine), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terraform-'));
  process.env.PATH = `${folder}:${path}`;
  delete process.env.TERRAFORM_BINARY_NAME;
});
afterEach(() => {
  process.env.PATH = path;
});

test.each([
  [false, []],
  [true, ['-destroy']],
])('a plan is saved relative to the working directory, not the stack (destroy: %s)', (destroy, more) => {
  standIn(`echo "$@" >${folder}/asked`);
  new Terraform('dev').savePlan('plan', { destroy, lock: true });
  const [chdir, command, ...options] = readFileSync(join(folder, 'asked'), 'utf8').trim().split(' ');
  expect([chdir, command]).toEqual([expect.stringMatching(/^-chdir=.*\/cdktf\.out\/stacks\/dev$/), 'plan']);
  expect(options).toEqual(expect.arrayContaining([`-out=${resolve('plan')}`, ...more]));
  expect(options.includes('-destroy')).toBe(destroy);
});

test.each([
  [true, '-lock-timeout=10m'],
  [false, '-lock=false'],
])('only a plan that will be applied waits for the lock and holds it (%s)', (lock, option) => {
  standIn(`echo "$@" >${folder}/asked`);
  new Terraform('dev').savePlan('plan', { lock });
  expect(readFileSync(join(folder, 'asked'), 'utf8').match(/-lock\S*/g)).toEqual([option]);
});

test('a saved plan can be large', () => {
  standIn(`exec ${process.execPath} --eval 'process.stdout.write(JSON.stringify({ changes: "x".repeat(4_000_000) }))'`);
  expect(new Terraform('dev').showPlan('plan')).toEqual({ changes: 'x'.repeat(4_000_000) });
});

test('a plan that cannot be read is an error, not a plan without changes', () => {
  standIn('echo "{}"; exit 3');
  expect(() => new Terraform('dev').showPlan('plan')).toThrow('terraform: exit code 3');
});

test('the engine that cdktf would use initialises, plans, shows and applies', () => {
  process.env.TERRAFORM_BINARY_NAME = 'tofu';
  standIn('exit 9');
  standIn(`echo "$2" >>${folder}/asked; [ "$2" != show ] || echo '{}'`, 'tofu');
  const engine = new Terraform('dev');
  engine.init('dev');
  engine.savePlan('plan', { lock: true });
  engine.showPlan('plan');
  engine.run('apply', 'plan');
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('init\nworkspace\nplan\nshow\napply\n');
  standIn('exit 3', 'tofu');
  expect(() => engine.showPlan('plan')).toThrow('tofu: exit code 3');
});
