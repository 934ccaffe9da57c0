/**
 * Preloaded into a command: what it finds on the internet, from the variables `TEST_ADDRESS`, the address from which
 * the internet sees this machine, and `TEST_NAME_SERVERS`, which may also be an error of the resolver. Without them the machine is offline.
 */
import dns from 'node:dns/promises';

const { TEST_ADDRESS: address, TEST_NAME_SERVERS: servers } = process.env;

globalThis.fetch = async (input) => {
  if (address === undefined || String(input) !== 'https://checkip.amazonaws.com/') throw new TypeError('fetch failed');
  return new Response(`${address}\n`);
};

dns.resolveNs = async () => {
  if (servers?.startsWith('E')) throw Object.assign(new Error('queryNs'), { code: servers });
  if (servers) return servers.split(',');
  throw Object.assign(new Error('queryNs'), { code: servers === undefined ? dns.CONNREFUSED : dns.NODATA });
};
