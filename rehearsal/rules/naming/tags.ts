import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { entries, isBlock } from '../values.ts';

/** EC2 accepts any character in tags. */
const ofEc2 = new Set([
  'aws_default_security_group',
  'aws_eip',
  'aws_flow_log',
  'aws_instance',
  'aws_internet_gateway',
  'aws_launch_template',
  'aws_nat_gateway',
  'aws_network_interface',
  'aws_route_table',
  'aws_security_group',
  'aws_subnet',
  'aws_vpc',
  'aws_vpc_endpoint',
  'aws_vpc_security_group_egress_rule',
  'aws_vpc_security_group_ingress_rule',
]);

/** At most 50 tags, with keys of at most 128 characters and values of at most 256. `aws:` is reserved. */
const tags = valueRule({
  id: 'tags',
  types: '*',
  source:
    'https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html and https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html',
  check: (after, _, { type }) => {
    const name = isBlock(after.tags_all) ? 'tags_all' : 'tags';
    const given = entries(after, name);
    const tooMany: Problem[] =
      given.length > 50
        ? [{ code: 'TooManyTags', message: `${given.length} tags exceed the limit of 50 tags`, path: name }]
        : [];
    return [...tooMany, ...given.flatMap(([key, value]) => wrongTag(key, value, name, ofEc2.has(type)))];
  },
});

/** The same for the tags in a launch template. */
const handedOn = valueRule({
  id: 'tags-handed-on',
  types: ['aws_launch_template'],
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html',
  check: (after) =>
    ((Array.isArray(after.tag_specifications) ? after.tag_specifications : []) as readonly Values[]).flatMap(
      (specification, index) =>
        entries(specification, 'tags').flatMap(([key, value]) =>
          wrongTag(key, value, `tag_specifications[${index}].tags`, true),
        ),
    ),
});

export const tagRules: readonly Rule[] = [tags, handedOn];

function wrongTag(key: string, value: string, path: string, takesAll: boolean): Problem[] {
  const wrong = (message: string): Problem[] => [{ code: 'InvalidParameterValue', message, path }];
  if (/^aws:/i.test(key)) {
    return wrong(`Tag keys starting with 'aws:' are reserved for internal use: '${key}'`);
  }
  if (key.length < 1 || key.length > 128)
    return wrong(`Tag key exceeds the maximum length of 128 characters: '${key}'`);
  if (value.length > 256) return wrong(`Tag value exceeds the maximum length of 256 characters: '${key}'`);
  const form = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  return takesAll || (form.test(key) && form.test(value))
    ? []
    : wrong(`Tag '${key}' = '${value}' has characters that are not allowed: letters, digits, spaces and _.:/=+-@ are`);
}
