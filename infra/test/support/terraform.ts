import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { TerraformStack, Testing } from 'cdktf';
import { globalRegion } from 'platform';

/** A block of Terraform's JSON, in the shape that the provider's schema gives it. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the provider's, of hundreds of resources, and tests read a few fields of each
export type Block = Record<string, any>;

interface Terraform {
  resource: Record<string, Record<string, Block>>;
  data: Record<string, Record<string, Block>>;
  output: Record<string, Block>;
  provider: Record<string, Block[]>;
}

/** A stack as Terraform will read it, with questions that tests ask of it. */
export class Synthesised {
  readonly terraform: Terraform;

  constructor(json: string) {
    this.terraform = JSON.parse(json);
  }

  /** All resources of a type, with the address that others refer to them by. */
  all(type: string): (Block & { address: string })[] {
    return Object.entries(this.terraform.resource[type] ?? {}).map(([name, block]) => ({
      ...block,
      address: `${type}.${name}`,
    }));
  }

  /** The only resource of a type, or the one whose address contains `part`. */
  one(type: string, part = ''): Block & { address: string } {
    const found = this.all(type).filter(({ address }) => address.includes(part));
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${type} match "${part}"`);
    return found[0];
  }

  get types(): string[] {
    return Object.keys(this.terraform.resource);
  }
}

/** A construct by itself in a stack of `region`, with the providers that every environment has. */
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
