/**
 * `pnpm bench infra`: how much work the synthesis and a rehearsal are, and how long AWS would take. The latter is not
 * measured: it follows from published durations and Terraform's order.
 *
 * It writes its tables into docs/performance.md, or into the page that is given as argument. BENCH_ROUNDS is the number
 * of rounds. It needs Terraform or OpenTofu.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chains, neededBy, secondsOf } from '../infra/rehearse/chains.ts';
import { Constructs } from '../infra/rehearse/constructs.ts';
import { graphOf } from '../infra/test/support/graph.ts';
import { Synthesised } from '../infra/test/support/terraform.ts';
import { duration } from '../packages/command-line/src/index.ts';
import { durationOfStep, type Node, simulate } from '../rehearsal/rehearsal.ts';
import { median, table, writeIntoPage } from './page.ts';

/** What the chains end with. */
const ends: Readonly<Record<string, string>> = {
  cluster: 'everything in the cluster is released',
  page: 'the public pages answer',
};
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const root = resolve(import.meta.dirname, '..');
const page = resolve(process.argv[3] ?? join(root, 'docs/performance.md'));

const { app } = JSON.parse(await readFile(join(root, 'cdktf.json'), 'utf8')) as { readonly app: string };
const node = `${process.execPath} --disable-warning=DEP0044`;
/** What `cdktf init` writes for TypeScript, with the name that it asks for. */
const template = (
  await readFile(join(root, 'node_modules/cdktf-cli/bundle/templates/typescript/main.ts'), 'utf8')
).replace('{{ $base }}', 'empty');
const out = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  const commands: readonly Command[] = [
    { name: 'all stacks', run: `${node} infra/main.ts`, folder: root },
    { name: '… after the type check, as `cdktf synth` does it', run: app, folder: root },
    {
      name: 'an empty stack: the program of cdktf’s template for TypeScript',
      run: `${node} --input-type=module-typescript --eval "$TEMPLATE"`,
      folder: join(root, 'infra'),
    },
    { name: '`pnpm infra rehearse dev`, with its synthesis', run: `${node} infra/cli.ts rehearse dev`, folder: root },
  ];
  const measured = commands.map(() => ({ work: [] as number[], time: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) {
      const { time, work } = measure(command);
      measured[index]?.work.push(work);
      measured[index]?.time.push(time);
    }
  }
  // The template's program has its own stack alone.
  execFileSync('sh', ['-c', `${node} infra/main.ts`], { cwd: root, env: { ...process.env, CDKTF_OUTDIR: out } });
  const environments = await Promise.all(['dev', 'prd'].map(environment));

  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}`;
  const text = [
    `${machine}; ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`,
    table(
      ['command', 'processor time, median:', 'elapsed, fastest:'],
      commands.map(({ name }, index) => {
        const { time = [], work = [] } = measured[index] ?? {};
        return [name, seconds(median(work)), seconds(Math.min(...time))];
      }),
    ),
    table(
      ['on AWS', 'resources:', 'first deployment:', 'without a change:', 'destroy:'],
      environments.map(({ name, graph }) => [
        name,
        graph.length,
        duration(simulate(graph, 'create').seconds),
        // The rehearsal fails if a second plan changes anything.
        duration(0),
        duration(simulate(graph, 'delete').seconds),
      ]),
    ),
    table(
      ['first deployment until', 'time:', 'what AWS makes it wait for:', 'more:'],
      environments.flatMap(({ name, graph }) =>
        Object.entries(chains).map(([part, chain]) => {
          const time = simulate(neededBy(chain.end, graph), 'create').seconds;
          const more = `${((time / secondsOf(chain) - 1) * 100).toFixed(1)} %`;
          return [`${name}: ${ends[part] ?? part}`, duration(time), duration(secondsOf(chain)), more];
        }),
      ),
    ),
    ...environments.flatMap(({ name, graph, constructs }) =>
      Object.entries(chains).map(([part, chain]) => {
        const { criticalPath } = simulate(neededBy(chain.end, graph), 'create');
        const steps = criticalPath.filter(({ start, end }) => end > start);
        return table(
          [`critical path of ${name} until ${ends[part] ?? part}`, 'takes:'],
          steps.map((step) => [constructs.get(step.node.address)?.path ?? step.node.address, durationOfStep(step)]),
        );
      }),
    ),
  ].join('\n\n');
  console.log(text);
  await writeIntoPage(page, 'pnpm bench infra', text);
} finally {
  await rm(out, { recursive: true });
}

interface Command {
  readonly name: string;
  /** For the shell. */
  readonly run: string;
  readonly folder: string;
}

/** Runs a command. @returns the seconds of processor time of all its processes, and those that passed */
function measure({ folder, run }: Command): { work: number; time: number } {
  const start = performance.now();
  // The second line of `times` is for the processes that the shell has waited for.
  const printed = execFileSync('sh', ['-c', `{ ${run}; } > /dev/null && times`], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CDKTF_OUTDIR: out, TEMPLATE: template },
  });
  const time = (performance.now() - start) / 1000;
  const children =
    printed
      .trim()
      .split('\n')
      .at(-1)
      ?.matchAll(/(\d+)m([\d.]+)s/g) ?? [];
  return { time, work: [...children].reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0) };
}

async function environment(name: string): Promise<{ name: string; graph: readonly Node[]; constructs: Constructs }> {
  const folder = join(out, 'stacks', name);
  const constructs = await Constructs.read(folder);
  return { name, constructs, graph: graphOf(new Synthesised(await readFile(join(folder, 'cdk.tf.json'), 'utf8'))) };
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
