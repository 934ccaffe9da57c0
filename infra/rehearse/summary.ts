import { duration } from 'command-line';
import type { EnvironmentName } from 'platform';
import { type Asked, durationOfStep, type Timeline } from 'rehearsal';
import { texts } from '../command-texts.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import type { Constructs } from './constructs.ts';
import type { Findings } from './stage.ts';
import { inBoth, reasonsOf } from './terminal.ts';

const { rehearse: words } = texts;

/** What a rehearsal found out, for people. */
export function summaryOf(
  name: EnvironmentName,
  { nodes, creation, destruction, failures, warnings, asked }: Findings,
  constructs: Constructs,
): string {
  const parts = new Map<string, number>();
  for (const { address } of nodes) {
    const part = constructs.get(address)?.path.split('/')[0] ?? address;
    parts.set(part, (parts.get(part) ?? 0) + 1);
  }
  const { total } = monthlyCosts()[name];
  return [
    `${name}: ${nodes.length} ${inBoth(words.resources)}`,
    ...[...parts].sort(([, one], [, other]) => other - one).map(([part, count]) => row(String(count), part)),
    '',
    inBoth(words.timeOnAws),
    row(duration(creation.seconds), inBoth(words.firstDeployment)),
    row(duration(destruction.seconds), inBoth(words.steps.destroy)),
    '',
    `${inBoth(words.criticalPath)}: ${inBoth(words.firstDeployment)}`,
    ...creation.criticalPath
      .filter(({ start, end }) => end > start)
      .map((step) => row(durationOfStep(step), `${step.node.type} ${constructs.get(step.node.address)?.path ?? ''}`)),
    '',
    inBoth(words.unknown),
    row(inBoth(words.firstDeployment), typesOf(creation)),
    row(inBoth(words.steps.destroy), typesOf(destruction)),
    '',
    `${inBoth(words.cost)}: US$ ${total.toFixed(2)}`,
    ...(warnings.length === 0
      ? []
      : [
          '',
          inBoth(words.quotas),
          ...warnings.map(({ code, message, source }) => `  ${code}: ${message} (${source})`),
        ]),
    ...permissionsOf(asked),
    ...(failures.length === 0
      ? []
      : ['', `${inBoth(words.failed)} (${inBoth(words.healed)}):`, reasonsOf(failures, constructs)]),
  ].join('\n');
}

function permissionsOf({ actions, requests, undecided, unknownTypes }: Asked): string[] {
  if (requests === 0) return [];
  return [
    '',
    `${inBoth(words.permissions)}: ${inBoth(words.permissionCounts(requests, actions.size))}`,
    ...(unknownTypes.size === 0 ? [] : [`${inBoth(words.permissionsUnknown)}: ${[...unknownTypes].join(', ')}`]),
    ...(undecided.size === 0 ? [] : [`${inBoth(words.undecided)}:`, ...[...undecided].map((text) => `  ${text}`)]),
  ];
}

function typesOf({ unknownTypes }: Timeline): string {
  return Object.entries(unknownTypes)
    .map(([type, count]) => `${type} (${count})`)
    .join(', ');
}

function row(value: string, text: string): string {
  return `  ${value.padStart(12)}  ${text}`;
}
