import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Release, type ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';
import type { EnvironmentName } from 'platform';

export interface ChartProps extends Omit<ReleaseConfig, 'chart' | 'values'> {
  /** The name of a chart of `repository`, or without one the name of a folder of `infra/charts`. */
  readonly chart: string;
  /** Objects, or the text of a values file; a later one wins. */
  readonly values: readonly (string | object)[];
}

/** A release of a Helm chart. Helm waits until what it made is ready, unless told otherwise. */
export class Chart extends Release {
  constructor(scope: Construct, id: string, { chart, values, ...release }: ChartProps) {
    super(scope, id, {
      timeout: 600,
      // Each version that Helm keeps is a secret of the cluster.
      maxHistory: 5,
      ...release,
      chart: release.repository ? chart : own(scope, id, chart),
      values: values.map((some) => (typeof some === 'string' ? some : JSON.stringify(some))),
    });
  }
}

/** Copied beside the stack, under a name that changes with its content, so that a changed chart is a change of the plan. */
function own(scope: Construct, id: string, chart: string): string {
  const path = resolve(import.meta.dirname, '../../charts', chart);
  return `./${new TerraformAsset(scope, `${id}-chart`, { path }).path}`;
}

/** The values of a chart that differ by environment. */
export function environmentValues(environment: EnvironmentName, chart: string): string {
  return readFileSync(resolve(import.meta.dirname, '../../environments', environment, `${chart}.yaml`), 'utf8');
}
