import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { iamQuotas } from '../sources.ts';
import { text, texts } from '../values.ts';
import { others } from '../world.ts';

const documents: Readonly<Record<string, string>> = {
  aws_iam_policy: 'policy',
  aws_iam_role: 'assume_role_policy',
  aws_iam_role_policy: 'policy',
  aws_kms_key: 'policy',
  aws_s3_bucket_policy: 'policy',
  aws_sns_topic_policy: 'policy',
};

/** Error codes of services that do not use `MalformedPolicyDocument`. */
const malformed: Readonly<Record<string, string>> = {
  aws_kms_key: 'MalformedPolicyDocumentException',
  aws_s3_bucket_policy: 'MalformedPolicy',
  aws_sns_topic_policy: 'InvalidParameter',
};

/** A policy is JSON with at least one statement. Identity policies need resources, all others need principals. */
const form = valueRule({
  id: 'policy-form',
  types: Object.keys(documents),
  source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html',
  check: (after, _, { type }) => {
    const path = documents[type] ?? '';
    const document = text(after, path);
    const wrong = document === undefined ? undefined : wrongDocument(document, type);
    return wrong === undefined ? [] : [{ code: malformed[type] ?? 'MalformedPolicyDocument', message: wrong, path }];
  },
});

/** Managed policies have at most 6,144 characters, not counting white space. */
const managedSize = valueRule({
  id: 'managed-policy-size',
  types: ['aws_iam_policy'],
  source: iamQuotas,
  check: (after) =>
    texts(after, 'policy')
      .filter(({ value }) => size(value) > 6144)
      .map(({ path }) => limit('Cannot exceed quota for PolicySize: 6144', path)),
});

/** The inline policies of a role have at most 10,240 characters together, not counting white space. */
const inlineSize = valueRule({
  id: 'inline-policy-size',
  types: ['aws_iam_role_policy'],
  source: iamQuotas,
  check: (after, world, change) => {
    const [role, policy] = [text(after, 'role'), text(after, 'policy')];
    if (policy === undefined) return [];
    const siblings = others(world, 'aws_iam_role_policy', change).filter(
      (other) => role !== undefined && other.role === role && other.name !== after.name,
    );
    const total = size(policy) + siblings.reduce((sum, other) => sum + size(text(other, 'policy') ?? ''), 0);
    return total > 10_240
      ? [limit(`Maximum policy size of 10240 bytes exceeded for role ${role ?? '(known after apply)'}`, 'policy')]
      : [];
  },
});

/** Trust policies have at most 2,048 characters by default, not counting white space. */
const trustSize = valueRule({
  id: 'trust-policy-size',
  types: ['aws_iam_role'],
  source: iamQuotas,
  check: (after) =>
    texts(after, 'assume_role_policy')
      .filter(({ value }) => size(value) > 2048)
      .map(({ path }) => limit('Cannot exceed quota for ACLSizePerRole: 2048', path)),
});

export const policyRules: readonly Rule[] = [form, managedSize, inlineSize, trustSize];

/** AWS does not count white space. */
const size = (document: string): number => document.replaceAll(/\s/g, '').length;

const limit = (message: string, path: string): Problem => ({ code: 'LimitExceeded', message, path });

function wrongDocument(document: string, type: string): string | undefined {
  const parsed = parse(document);
  if (parsed === undefined) return 'Syntax errors in policy.';
  const statements = [parsed.Statement].flat().filter((one) => typeof one === 'object' && one !== null) as Values[];
  if (statements.length === 0) return 'Syntax errors in policy.';
  const isOfResource = type !== 'aws_iam_policy' && type !== 'aws_iam_role_policy';
  for (const statement of statements) {
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') return 'Syntax errors in policy.';
    if (!('Action' in statement) && !('NotAction' in statement)) return 'Policy statement must contain actions.';
    const hasPrincipal = 'Principal' in statement || 'NotPrincipal' in statement;
    if (isOfResource && !hasPrincipal) return 'Missing required field Principal';
    if (!isOfResource && hasPrincipal) return 'Policy document should not specify a principal.';
    const hasResource = 'Resource' in statement || 'NotResource' in statement;
    if (!isOfResource && !hasResource) return 'Policy statement must contain resources.';
    if (type === 'aws_iam_role' && hasResource) return 'Has prohibited field Resource';
  }
  return undefined;
}

function parse(document: string): Values | undefined {
  try {
    const parsed: unknown = JSON.parse(document);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Values) : undefined;
  } catch {
    return undefined;
  }
}
