import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Release, type ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';
import type { EnvironmentName } from 'platform';

export interface ChartProps extends Omit<ReleaseConfig, 'chart' | 'values'> {
  /** Name of a chart in `repository` or, without a repository, of a folder in `infra/charts`. */
  readonly chart: string;
  /** Objects, or the content of values files. Later entries override earlier ones. */
  readonly values: readonly (string | object)[];
}

/** A Helm release. Helm waits until its resources are ready, unless `wait` is false. */
export class Chart extends Release {
  constructor(scope: Construct, id: string, { chart, values, ...release }: ChartProps) {
    super(scope, id, {
      timeout: 600,
      // Helm keeps each revision as a secret in the cluster.
      maxHistory: 5,
      ...release,
      chart: release.repository ? chart : localChart(scope, id, chart),
      values: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    });
  }
}

/** Copies the chart next to the stack. The copy's name contains a hash, so that the plan shows a changed chart. */
function localChart(scope: Construct, id: string, chart: string): string {
  const path = resolve(import.meta.dirname, '../../charts', chart);
  return `./${new TerraformAsset(scope, `${id}-chart`, { path }).path}`;
}

/** A chart's values that differ by environment. */
export function environmentValues(environment: EnvironmentName, chart: string): string {
  return readFileSync(resolve(import.meta.dirname, '../../environments', environment, `${chart}.yaml`), 'utf8');
}
