import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { texts } from '../command-texts.ts';
import { root } from '../terraform.ts';
import type { Kubectl } from './kubectl.ts';
import { CallFailed } from './programs.ts';

/** What the comparison of an application's database found: `packages/database/src/mysql/compare-databases.ts`. */
export interface Found {
  readonly isSame: boolean;
  readonly differences: readonly string[];
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly newer: number }[];
}

/** Seconds. The program ends by itself before. */
const jobDeadline = 1_800;

/** A job that compares the copy with the live database, with the application's live image and its migration's login. */
export class ComparisonJob {
  readonly #kubectl: Kubectl;
  readonly #application: string;
  readonly #name: string;

  /** @param copy name of the instance with the copy, which makes the job's name unique */
  constructor(kubectl: Kubectl, application: string, copy: string) {
    this.#kubectl = kubectl;
    this.#application = application;
    this.#name = `${application}-restore-drill-${copy.split('-').at(-1)}`;
  }

  /** @param host address of the copy @param restoredTo the time to which it was restored */
  async start(host: string, restoredTo: Date): Promise<void> {
    const name = this.#application;
    const live = JSON.parse(await this.#kubectl(['get', 'deployment', name, '--output=json']));
    const containers: readonly { name: string; image: string }[] = live.spec.template.spec.containers;
    const image = containers.find((container) => container.name === name)?.image;
    const manifest = parse(await readFile(join(root, 'apps', name, 'k8s/base/migration.yaml'), 'utf8'));
    const { spec } = manifest.spec.template;
    const [container] = spec.containers;
    const job = {
      ...manifest,
      metadata: { ...manifest.metadata, name: this.#name },
      spec: {
        ...manifest.spec,
        backoffLimit: 0,
        activeDeadlineSeconds: jobDeadline,
        template: {
          ...manifest.spec.template,
          spec: {
            ...spec,
            containers: [
              {
                ...container,
                image,
                command: [...container.command, 'compare'],
                env: [
                  { name: 'DB_RESTORED_HOST', value: host },
                  { name: 'DB_RESTORED_TO', value: restoredTo.toISOString() },
                ],
              },
            ],
          },
        },
      },
    };
    await this.#kubectl(['create', '--filename=-'], { input: JSON.stringify(job) });
  }

  /** Undefined while the job runs. @throws with the end of its log if it could not compare */
  async result(): Promise<Found | undefined> {
    const { status } = JSON.parse(await this.#kubectl(['get', 'job', this.#name, '--output=json']));
    const conditions: readonly { type: string; status: string }[] = status?.conditions ?? [];
    const isDone = conditions.some((one) => /^(Complete|Failed)$/.test(one.type) && one.status === 'True');
    if (!isDone) return undefined;
    const log = await this.#kubectl(['logs', `job/${this.#name}`]).catch((error: Error) => {
      // A job that never got a pod, or lost its node.
      if (error instanceof CallFailed) return error.message;
      throw error;
    });
    const line = log.split('\n').find((one) => one.startsWith('{"comparison":'));
    if (line === undefined) throw new Error(texts.drill.noResult(this.#application, log.trim().slice(-500)));
    return JSON.parse(line).comparison;
  }

  async delete(): Promise<void> {
    await this.#kubectl(['delete', 'job', this.#name, '--ignore-not-found', '--wait=false']);
  }
}
