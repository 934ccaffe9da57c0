import type { Node } from 'rehearsal';
import type { Synthesised } from './terraform.ts';

/** The resources of a stack and what each refers to or depends on, as Terraform finds it in the configuration. */
export function graphOf(stack: Synthesised): Node[] {
  const blocks = stack.types.flatMap((type) => stack.all(type).map((block) => ({ type, block })));
  const addresses = blocks.map(({ block: { address } }) => address);
  return blocks.map(({ type, block }) => {
    const words = new Set(JSON.stringify(block).match(/[a-z0-9_]+\.[A-Za-z0-9_-]+/g));
    const dependsOn = addresses.filter((address) => address !== block.address && words.has(address));
    return { type, address: block.address, dependsOn };
  });
}
