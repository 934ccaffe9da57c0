/** Invents the values that a cloud would have computed. */
import { accountId } from '../rights/targets.ts';
import type { Value } from '../rules/index.ts';
import { mapValues, type Type } from './schema.ts';

const region = 'us-east-1';

/**
 * A value of the given type. A computed list gets one element, so that references to its first element are valid.
 *
 * @param suffix distinguishes this object from others of its type
 */
export function invent(resourceType: string, suffix: string, attribute: string, type: Type): Value {
  switch (type) {
    case 'string':
      return inventText(resourceType, suffix, attribute);
    case 'number':
      return attribute === 'port' ? 3306 : 1;
    case 'bool':
      return false;
    case 'dynamic':
      return null;
  }
  switch (type[0]) {
    case 'list':
    case 'set':
      return inventElements(resourceType, suffix, attribute, type[1]);
    case 'map':
      return {};
    case 'object':
      return mapValues(type[1], (inner, name) => invent(resourceType, suffix, name, inner));
    case 'tuple':
      return type[1].map((inner) => invent(resourceType, suffix, attribute, inner));
  }
}

function inventElements(resourceType: string, suffix: string, attribute: string, element: Type): Value[] {
  if (element === 'string') {
    if (attribute === 'names' || attribute === 'availability_zones')
      return ['a', 'b', 'c'].map((zone) => region + zone);
    if (attribute === 'zone_ids') return ['use1-az1', 'use1-az2', 'use1-az4'];
  }
  return [invent(resourceType, suffix, attribute, element)];
}

/** A text of the right form for well-known attributes, and a readable placeholder for the others. */
function inventText(resourceType: string, suffix: string, attribute: string): string {
  const kind = resourceType.slice(resourceType.indexOf('_') + 1);
  const is = (type: string, ...attributes: string[]) => resourceType === type && attributes.includes(attribute);
  const ends = (...endings: string[]) => endings.some((ending) => attribute.endsWith(ending));
  if (is('aws_caller_identity', 'id') || ['account_id', 'owner_id'].includes(attribute)) return accountId;
  if (is('aws_region', 'id', 'name') || attribute === 'region') return region;
  if (is('aws_partition', 'id', 'partition')) return 'aws';
  if (attribute === 'dns_suffix') return 'amazonaws.com';
  if (resourceType === 'aws_iam_policy_document') return '{"Version":"2012-10-17","Statement":[]}';
  if (attribute === 'arn' || ends('_arn')) {
    return `arn:aws:${kind.split('_')[0]}:${region}:${accountId}:${kind}/${suffix}`;
  }
  if (attribute === 'data' || ends('_base64')) return 'cmVoZWFyc2Fs';
  if (attribute === 'issuer' || (attribute === 'endpoint' && resourceType.includes('eks'))) {
    return `https://${suffix}.rehearsal.invalid`;
  }
  if (['endpoint', 'address', 'fqdn'].includes(attribute) || ends('dns_name', 'domain_name')) {
    return `${suffix}.rehearsal.invalid`;
  }
  if (attribute.includes('cidr')) return '10.0.0.0/16';
  if (attribute === 'ip_address' || ends('_ip')) return '192.0.2.1';
  if (attribute.startsWith('sha1_fingerprint')) return 'ab'.repeat(20);
  if (attribute === 'id' || ends('_id')) return `${kind.replaceAll('_', '-')}-${suffix}`;
  return `${kind}-${attribute}-${suffix}`;
}
