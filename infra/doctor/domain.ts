import dns from 'node:dns/promises';
import { texts } from '../command-texts.ts';
import { blocksBootstrap, blocksDeployment, type Check, note } from './finding.ts';

const text = texts.doctor;

/** Whether the zone exists, and whether the internet asks its name servers. ACM issues no certificate before. */
export const checkDomain: Check = async ({ account, ask, isBootstrapped, settings }) => {
  const { zone } = account;
  if (zone === undefined) return [];
  const createZone = settings.domain?.createZone === true;
  const answer = await ask<{ HostedZones?: HostedZone[] }>('route53', 'list-hosted-zones-by-name', '--dns-name', zone);
  if (answer === undefined) return [];
  const [found, second] =
    answer.HostedZones?.filter(({ Config, Name }) => Name === `${zone}.` && !Config?.PrivateZone) ?? [];
  if (found === undefined) {
    // The bootstrap is about to create it.
    return createZone && !isBootstrapped ? [] : [blocksDeployment(text.noZone(zone))];
  }
  if (second !== undefined) return [blocksDeployment(text.twoZones(zone))];
  if (createZone && !isBootstrapped) return [blocksBootstrap(text.zoneExists(zone))];
  const { DelegationSet } = (await ask<Delegation>('route53', 'get-hosted-zone', '--id', found.Id)) ?? {};
  const own = DelegationSet?.NameServers?.map(comparable) ?? [];
  if (own.length === 0) return [];
  const known = await publicNameServers(zone);
  if (known === undefined) return [note(text.noDns(zone, own))];
  const isDelegated = known.length > 0 && known.map(comparable).every((server) => own.includes(server));
  return isDelegated ? [] : [blocksDeployment(text.notDelegated(zone, own, known))];
};

interface HostedZone {
  readonly Id: string;
  readonly Name: string;
  readonly Config?: { readonly PrivateZone?: boolean };
}

interface Delegation {
  readonly DelegationSet?: { readonly NameServers?: readonly string[] };
}

const comparable = (server: string): string => server.toLowerCase().replace(/\.$/, '');

/** What a resolver of this machine finds. Empty if the zone has none, undefined if no resolver answers. */
async function publicNameServers(zone: string): Promise<string[] | undefined> {
  try {
    return await dns.resolveNs(zone);
  } catch (error) {
    return noNameServers.includes((error as NodeJS.ErrnoException).code ?? '') ? [] : undefined;
  }
}

/** A name without name servers, and one whose name servers do not answer for it: https://nodejs.org/api/dns.html */
const noNameServers: readonly string[] = [dns.NODATA, dns.NOTFOUND, dns.SERVFAIL];
