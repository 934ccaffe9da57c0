import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { ec2 } from '../sources.ts';
import { blocks, type Found, number, text, texts } from '../values.ts';
import { others } from '../world.ts';
import { parseBlock } from './address.ts';

const ruleTypes = ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'];
const characters = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/;
const sources = ['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'] as const;

/** Names and descriptions have at most 255 characters of a limited set. Names do not begin with `sg-`. */
const groupTexts = valueRule({
  id: 'security-group-texts',
  types: ['aws_security_group'],
  source: ec2('CreateSecurityGroup'),
  check: (after) => [
    ...['name', 'description'].flatMap((name) => texts(after, name).flatMap((found) => wrongText(found, name))),
    ...texts(after, 'name')
      .filter(({ value }) => value.startsWith('sg-'))
      .map(({ path }) => ({
        code: 'InvalidParameterValue',
        message: 'Value for parameter GroupName is invalid. Group names may not be in the format sg-*',
        path,
      })),
  ],
});

/** Rule descriptions have at most 255 characters of the same set. */
const ruleTexts = valueRule({
  id: 'security-group-rule-texts',
  types: [...ruleTypes, 'aws_security_group'],
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html',
  check: (after, _, { type }) => {
    const paths = type === 'aws_security_group' ? ['ingress.description', 'egress.description'] : ['description'];
    return paths.flatMap((path) => texts(after, path).flatMap((found) => wrongText(found, 'rule description')));
  },
});

/** TCP and UDP ports are 0 to 65535, and the first is at most the last. */
const ports = valueRule({
  id: 'security-group-ports',
  types: [...ruleTypes, 'aws_security_group'],
  source: ec2('IpPermission'),
  check: (after, _, { type }) =>
    type === 'aws_security_group'
      ? ['ingress', 'egress'].flatMap((name) =>
          blocks(after, name).flatMap(({ path, value }) => wrongPorts(value, text(value, 'protocol'), `${path}.`)),
        )
      : wrongPorts(after, text(after, 'ip_protocol'), ''),
});

/** A rule has exactly one source or destination. */
const oneSource = valueRule({
  id: 'security-group-rule-source',
  types: ruleTypes,
  source: ec2('SecurityGroupRuleRequest'),
  check: (after) => {
    const given = sources.filter((name) => after[name] !== undefined && after[name] !== null);
    return given.length === 1
      ? []
      : [
          {
            code: 'InvalidParameterCombination',
            message: `Exactly one of ${sources.join(', ')} must be specified, not ${given.length}`,
          },
        ];
  },
});

/** A security group has no duplicate rules. Descriptions do not count. */
const noDuplicate = valueRule({
  id: 'security-group-rule-duplicate',
  types: ruleTypes,
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#InvalidPermission.Duplicate',
  check: (after, world, change) => {
    const own = identity(after);
    if (own === undefined || change.action !== 'create') return [];
    const message = `the specified rule "${describe(after)}" already exists`;
    return others(world, change.type, change).some((other) => identity(other) === own)
      ? [{ code: 'InvalidPermission.Duplicate', message }]
      : [];
  },
});

export const securityGroupRules: readonly Rule[] = [groupTexts, ruleTexts, ports, oneSource, noDuplicate];

function wrongText({ path, value }: Found<string>, name: string): Problem[] {
  if (value.length <= 255 && characters.test(value)) return [];
  const message = `Invalid ${name}. Valid ${name}s are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`;
  return [{ code: 'InvalidParameterValue', message, path }];
}

function wrongPorts(rule: Values, protocol: string | undefined, prefix: string): Problem[] {
  const [from, to] = [number(rule, 'from_port'), number(rule, 'to_port')];
  if (!['tcp', 'udp', '6', '17'].includes(protocol ?? '') || from === undefined || to === undefined) return [];
  const message = `Invalid TCP/UDP port range (${from}:${to})`;
  return from < 0 || to > 65535 || from > to
    ? [{ code: 'InvalidParameterValue', message, path: `${prefix}${from < 0 || from > to ? 'from_port' : 'to_port'}` }]
    : [];
}

/** Equal for duplicate rules, or undefined while not all is known. AWS canonicalises CIDRs. */
function identity(rule: Values): string | undefined {
  const group = text(rule, 'security_group_id');
  const source = sources.flatMap((name) => texts(rule, name))[0];
  if (group === undefined || source === undefined) return undefined;
  const block = parseBlock(source.value);
  const from = block ? `${block.first}/${block.prefix}` : source.value;
  return [group, text(rule, 'ip_protocol'), number(rule, 'from_port'), number(rule, 'to_port'), from].join(' ');
}

function describe(rule: Values): string {
  const source = sources.flatMap((name) => texts(rule, name))[0]?.value;
  return `peer: ${source}, ${text(rule, 'ip_protocol')}, from port: ${number(rule, 'from_port')}, to port: ${number(rule, 'to_port')}, ALLOW`;
}
