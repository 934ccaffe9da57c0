import { accountName } from './access.ts';
import { type Channel, type Dashboard, type Definitions, mark, type Rule } from './definitions.ts';
import { Refusal, type Signoz } from './signoz.ts';

export type Report = (line: string) => void;

/** An object in SigNoz that has our mark, and that this job made. */
interface Found {
  readonly id: string;
  /** Which of our definitions it is. */
  readonly identity: string;
  readonly content: object;
  readonly isLocked: boolean;
}

/** One of the three kinds of objects. */
interface Kind<Definition extends object> {
  readonly name: string;
  /** Route of all objects; `/{id}` below it is that of one. */
  readonly path: string;
  identify(definition: Definition): string;
  /** What is ours. */
  find(listed: unknown): Found[];
}

interface Listed {
  readonly id: string;
  /** E-mail address of who made it. Channels have none. */
  readonly createdBy?: string;
}

/** People can copy an object, with our mark. The copy is theirs, also once the original is no longer defined. */
const isByUs = ({ createdBy }: Listed): boolean => createdBy?.startsWith(`${accountName}@`) === true;

const channels: Kind<Channel> = {
  name: 'channel',
  path: '/api/v1/channels',
  identify: ({ name }) => name,
  find: (listed) =>
    (listed as (Listed & { name: string; data: string })[])
      .filter(({ name }) => name.startsWith(mark.channel))
      .map((one) => found(one, one.name, JSON.parse(one.data))),
};

const rules: Kind<Rule> = {
  name: 'rule',
  path: '/api/v2/rules',
  identify: ({ labels }) => labels.rule,
  find: (listed) =>
    (listed as (Listed & { labels?: Record<string, string> })[]).flatMap((one) => {
      const { labels } = one;
      const isOurs = labels?.managed_by === mark.rule.managed_by && labels.rule !== undefined && isByUs(one);
      return isOurs ? [found(one, labels.rule ?? '', one)] : [];
    }),
};

const dashboards: Kind<Dashboard> = {
  name: 'dashboard',
  path: '/api/v1/dashboards',
  identify: ({ tags }) => tags[1],
  find: (listed) =>
    (listed as (Listed & { data: { tags?: string[] }; locked?: boolean })[]).flatMap((one) => {
      const [first, second] = one.data.tags ?? [];
      const isOurs = first === mark.dashboard && second !== undefined && isByUs(one);
      return isOurs ? [found(one, second, one.data, one.locked)] : [];
    }),
};

const found = (one: Listed, identity: string, content: object, isLocked = false): Found => ({
  id: one.id,
  identity,
  content,
  isLocked,
});

/**
 * Makes SigNoz have what is defined, whatever it has now: what is missing is made, what differs is changed, and what is
 * no longer defined is deleted. What has no mark of ours is left alone. Running it again continues where it stopped.
 *
 * @throws Error at the first thing that SigNoz refuses or does not answer
 */
export async function apply(signoz: Signoz, definitions: Definitions, report: Report): Promise<void> {
  // Rules name channels, so channels come first and go last.
  const oldChannels = await put(signoz, channels, definitions.channels, report);
  const oldRules = await put(signoz, rules, definitions.rules, report);
  const oldDashboards = await put(signoz, dashboards, definitions.dashboards, report);
  for (const old of oldDashboards) await remove(signoz, dashboards, old, report);
  for (const old of oldRules) await remove(signoz, rules, old, report);
  for (const old of oldChannels) {
    try {
      await remove(signoz, channels, old, report);
    } catch (error) {
      // SigNoz keeps a channel that a rule names, and that rule is not ours.
      if (!(error instanceof Refusal && error.status === 400)) throw error;
      report(`Kept channel ${old.identity}, which is no longer defined. ${error.message}`);
    }
  }
}

/** Makes and changes objects of one kind. @returns what is to be deleted */
async function put<Definition extends object>(
  signoz: Signoz,
  kind: Kind<Definition>,
  wanted: readonly Definition[],
  report: Report,
): Promise<Found[]> {
  const marked = kind.find((await signoz.get(kind.path)) ?? []);
  const ours = new Map<string, Found>();
  // Two of one identity: the job ran twice at once.
  const extra: Found[] = [];
  for (const one of marked) {
    if (ours.has(one.identity)) extra.push(one);
    else ours.set(one.identity, one);
  }
  for (const definition of wanted) {
    const identity = kind.identify(definition);
    const existing = ours.get(identity);
    ours.delete(identity);
    if (existing === undefined) {
      await signoz.post(kind.path, definition);
      report(`Made ${kind.name} ${identity}.`);
    } else if (!contains(existing.content, definition)) {
      await unlock(signoz, kind, existing);
      await signoz.put(`${kind.path}/${existing.id}`, definition);
      report(`Changed ${kind.name} ${identity}.`);
    }
  }
  return [...extra, ...ours.values()];
}

async function remove(signoz: Signoz, kind: Kind<never>, old: Found, report: Report): Promise<void> {
  await unlock(signoz, kind, old);
  await signoz.delete(`${kind.path}/${old.id}`);
  report(`Deleted ${kind.name} ${old.identity}.`);
}

/** A locked dashboard can neither be changed nor deleted. */
async function unlock(signoz: Signoz, kind: Kind<never>, { id, isLocked }: Found): Promise<void> {
  if (isLocked) await signoz.put(`${kind.path}/${id}/lock`, { lock: false });
}

/** What SigNoz itself adds to a rule. */
const added = new Set(['id', 'state', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy']);

/**
 * Whether `actual` has everything of `wanted`, and nothing that means something besides. SigNoz adds fields, but only ones
 * that are empty, and no elements to a list. What people added, such as another address for a channel, is not empty.
 */
export function contains(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((element, index) => contains(actual[index], element))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return (
      typeof actual === 'object' &&
      actual !== null &&
      Object.entries(wanted).every(([key, value]) => contains((actual as Record<string, unknown>)[key], value)) &&
      Object.entries(actual).every(([key, value]) => key in wanted || added.has(key) || isEmpty(value))
    );
  }
  return actual === wanted;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).every(isEmpty) : !value;
}
