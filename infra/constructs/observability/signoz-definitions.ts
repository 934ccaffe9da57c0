import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import { AssetType, Fn, type ITerraformDependable, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { bundle } from '../../functions/bundle.ts';
import { definitionsOf } from '../../signoz/definitions.ts';

export type SignozDefinitionsProps = Parameters<typeof definitionsOf>[0] & {
  readonly namespace: string;
  readonly dependsOn: readonly ITerraformDependable[];
};

/** SigNoz's channels, rules and dashboards, with the program that puts them there. A job of `Signoz` runs it. */
export class SignozDefinitions extends Construct {
  readonly configMap: string;
  /** Changes with the content, so that a job whose name contains it runs again. */
  readonly hash: string;

  constructor(scope: Construct, id: string, { dependsOn, namespace, ...props }: SignozDefinitionsProps) {
    super(scope, id);
    const program = new TerraformAsset(this, 'program', {
      path: `${bundle('signoz')}/index.mjs`,
      type: AssetType.FILE,
    });
    const definitions = Object.entries(definitionsOf(props)).map(([kind, content]) => [
      `${kind}.json`,
      JSON.stringify(content),
    ]);
    this.configMap = 'signoz-definitions';
    const { data } = new ConfigMapV1(this, 'config-map', {
      metadata: { name: this.configMap, namespace },
      data: { ...Object.fromEntries(definitions), 'index.mjs': Fn.file(program.path) },
      dependsOn: [...dependsOn],
    });
    this.hash = Fn.substr(Fn.sha256(Fn.jsonencode(data)), 0, 8);
  }
}
