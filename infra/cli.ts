/** `pnpm infra COMMAND [dev|prd]`: runs the Terraform steps in order. Without arguments it lists the commands. */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { texts } from './command-texts.ts';
import { costs } from './commands/costs.ts';
import { doctor } from './commands/doctor.ts';
import { environments } from './environments/all.ts';
import type { Environment } from './environments/environment.ts';
import { readSettings } from './settings.ts';
import { localBootstrapState } from './stacks/bootstrap.ts';
import { ProgramFailed, synthesise, Terraform } from './terraform.ts';

/** Wrong usage, or a refused command. The message says what to do. */
class Refused extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ProgramFailed) process.exitCode = error.code;
  else if (error instanceof Refused || error instanceof TypeError) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      yes: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [command, name] = positionals;
  switch (command) {
    case 'plan':
      prepare(environmentOf(name)).run('plan', '-input=false');
      return 0;
    case 'deploy':
      return deploy(environmentOf(name), values.yes);
    case 'destroy':
      return destroy(environmentOf(name), values.yes);
    case 'output':
      prepare(environmentOf(name)).run('output');
      return 0;
    case 'bootstrap':
      return bootstrap(values.yes);
    case 'doctor':
      return doctor(name === undefined ? undefined : environmentOf(name).name);
    case 'costs':
      return costs(values);
    default:
      throw new Refused(command === undefined ? texts.usage : `${texts.unknownCommand(command)}\n\n${texts.usage}`);
  }
}

function environmentOf(name: string | undefined): Environment {
  const environment = Object.values(environments).find((one) => one.name === name);
  if (!environment) throw new Refused(texts.whichEnvironment(name));
  return environment;
}

function prepare({ name }: Environment): Terraform {
  synthesise();
  const terraform = new Terraform(name);
  terraform.init(name);
  return terraform;
}

function deploy(environment: Environment, yes: boolean): number {
  const missing = doctor(environment.name);
  if (missing !== 0) return missing;
  prepare(environment).run('apply', ...(yes ? ['-input=false', '-auto-approve'] : []));
  return 0;
}

async function destroy(environment: Environment, yes: boolean): Promise<number> {
  if (environment.protected) throw new Refused(texts.protected(environment.name));
  if (!yes && (await ask(texts.typeToDestroy(environment.name))) !== environment.name) {
    throw new Refused(texts.notDestroyed);
  }
  prepare(environment).run('destroy', '-input=false', '-auto-approve');
  return 0;
}

/** Creates the account's shared resources, then the workspaces, which must exist before `cdktf deploy dev`. */
function bootstrap(yes: boolean): number {
  const { bootstrapState } = readSettings();
  synthesise();
  const terraform = new Terraform('bootstrap');
  const moves = bootstrapState === 'bucket' && existsSync(localBootstrapState);
  terraform.run('init', '-input=false', ...(moves ? ['-migrate-state', '-force-copy'] : []));
  terraform.run('apply', ...(yes ? ['-input=false', '-auto-approve'] : []));
  for (const name of Object.keys(environments)) new Terraform(name).init(name);
  console.log(
    bootstrapState === 'local' ? texts.moveState : moves ? texts.stateMoved(localBootstrapState) : texts.done,
  );
  return 0;
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Without a terminal nobody can answer: the end of the input counts as no.
  const answer = await Promise.race([
    terminal.question(question),
    new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
  ]);
  terminal.close();
  return answer.trim();
}
