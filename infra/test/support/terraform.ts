import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { TerraformStack, Testing } from 'cdktf';
import { globalRegion } from 'platform';

/** A block of Terraform's JSON, in the shape of the provider's schema. */
// biome-ignore lint/suspicious/noExplicitAny: the providers have hundreds of shapes, and tests read a few fields
export type Block = Record<string, any>;

interface Terraform {
  resource: Record<string, Record<string, Block>>;
  data: Record<string, Record<string, Block>>;
  output: Record<string, Block>;
  variable: Record<string, Block>;
  provider: Record<string, Block[]>;
  terraform: { required_providers: Record<string, { version: string }>; backend: Record<string, Block> };
}

/** The Terraform configuration of a stack, with queries for tests. */
export class Synthesised {
  readonly terraform: Terraform;

  constructor(json: string) {
    this.terraform = JSON.parse(json);
  }

  /** All resources of a type, with their addresses, by which others refer to them. */
  all(type: string): (Block & { address: string })[] {
    return Object.entries(this.terraform.resource[type] ?? {}).map(([name, block]) => ({
      ...block,
      address: `${type}.${name}`,
    }));
  }

  /** Like `all`, but there must be at least one: for loops, which would pass on nothing. */
  some(type: string): (Block & { address: string })[] {
    const found = this.all(type);
    if (found.length === 0) throw new Error(`There is no ${type}`);
    return found;
  }

  /** The only resource of a type, or the one whose address contains `part`. */
  one(type: string, part = ''): Block & { address: string } {
    const found = this.all(type).filter(({ address }) => address.includes(part));
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${type} match "${part}"`);
    return found[0];
  }

  /** The resource to which an expression such as `${aws_lb.balancer.arn}` refers. It may stand within other text. */
  target(expression: unknown): Block & { address: string } {
    const [, type = '', name = ''] = /\$\{(\w+)\.([\w-]+)\./.exec(String(expression)) ?? [];
    const block = this.terraform.resource[type]?.[name];
    if (block === undefined) throw new Error(`${expression} refers to no resource of the stack`);
    return { ...block, address: `${type}.${name}` };
  }

  get types(): string[] {
    return Object.keys(this.terraform.resource);
  }
}

/** A single construct in a stack of `region`, with the AWS providers of an environment. */
export function alone(
  build: (stack: TerraformStack, providers: { global: AwsProvider; accountId: string }) => void,
  region: string = globalRegion,
): Synthesised {
  const stack = new TerraformStack(Testing.app(), 'alone');
  const regional = new AwsProvider(stack, 'aws', { region });
  const global =
    region === globalRegion
      ? regional
      : new AwsProvider(stack, 'aws-global', { region: globalRegion, alias: 'global' });
  build(stack, { global, accountId: '123456789012' });
  return new Synthesised(Testing.synth(stack));
}
