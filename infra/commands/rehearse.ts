/** `pnpm infra rehearse`: the life of an environment, from the bootstrap to the destroy, with real Terraform and no cloud. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand, environmentWord, Refused } from 'command-line';
import { type EnvironmentName, environmentNames } from 'platform';
import { htmlPage } from 'rehearsal';
import { texts } from '../command-texts.ts';
import { missingEngine } from '../prerequisites.ts';
import { type RehearsedRole, rehearsedRoles, Stage } from '../rehearse/stage.ts';
import { summaryOf } from '../rehearse/summary.ts';
import { inBoth, StepRefused } from '../rehearse/terminal.ts';
import { readSettings } from '../settings.ts';
import { root } from '../terraform.ts';

const { rehearse: words } = texts;

export const command = defineCommand({
  description: {
    pt: 'ensaia a vida inteira de um ambiente, ou dos dois, sem nuvem nem conta',
    en: 'rehearses the whole life of an environment, or of both, without a cloud or an account',
  },
  words: { environment: { ...environmentWord, optional: true } },
  options: {
    fail: {
      value: { pt: 'TIPO[/AÇÃO]', en: 'TYPE[/ACTION]' },
      description: {
        pt: 'faz falhar as mudanças deste tipo, e conclui na execução seguinte',
        en: 'makes changes of this type fail, and completes them in the next run',
      },
      read: readFail,
    },
    role: {
      value: { pt: 'plan|apply', en: 'plan|apply' },
      description: {
        pt: 'confere as permissões deste papel da entrega, e falha na primeira mudança ou leitura que ele não pode fazer',
        en: 'checks the permissions of this delivery role, and fails at the first change or read that it may not do',
      },
      read: readRole,
    },
  },
  async run({ environment }, { fail = '', role }) {
    const settings = readSettings();
    const [missing] = missingEngine();
    if (missing) throw new Error(missing);
    const stage = await Stage.start(settings);
    try {
      for (const name of environment ? [environment] : environmentNames) await rehearse(stage, name, fail, role);
    } finally {
      await stage.stop();
    }
    return 0;
  },
});

function readFail(given: string): string {
  if (!/^[a-z0-9_]+(\/(create|update|delete))?$/.test(given)) throw new Refused(words.invalidFail(given));
  return given;
}

function readRole(given: string): RehearsedRole {
  const role = rehearsedRoles.find((name) => name === given);
  if (!role) throw new Refused(words.invalidRole(given, rehearsedRoles));
  return role;
}

async function rehearse(
  stage: Stage,
  name: EnvironmentName,
  fail: string,
  role: RehearsedRole | undefined,
): Promise<void> {
  console.log(`\n${name}`);
  try {
    const findings = await stage.live(name, fail, role);
    const constructs = await stage.constructs(name);
    const summary = summaryOf(name, findings, constructs);
    const criticalPath = inBoth(words.criticalPath);
    const page = await writePage(
      name,
      htmlPage(
        `${name}: ${inBoth(words.timeOnAws)}`,
        summary,
        [
          { title: inBoth(words.firstDeployment), criticalPath, timeline: findings.creation },
          { title: inBoth(words.steps.destroy), criticalPath, timeline: findings.destruction },
        ],
        (address) => constructs.get(address)?.path ?? address,
      ),
    );
    console.log(`\n${summary}\n${inBoth(words.page)}: ${page}`);
  } catch (error) {
    if (!(error instanceof StepRefused)) throw error;
    const page = await writePage(name, htmlPage(`${name}: ${error.step}`, error.reasons));
    console.log(`${inBoth(words.refusals)}: ${page}`);
    throw error;
  }
}

async function writePage(name: EnvironmentName, html: string): Promise<string> {
  const file = join(root, 'cdktf.out', `rehearsal-${name}.html`);
  await mkdir(join(root, 'cdktf.out'), { recursive: true });
  await writeFile(file, html);
  return file;
}
