/**
 * Preloaded into a command: what it finds on the internet, from the variables `TEST_ADDRESS`, the address from which
 * the internet sees this machine, `TEST_AUTOSCALER_IMAGES`, the versions of the image that its registry lists, and
 * `TEST_NAME_SERVERS`, which may also be an error of the resolver. Without them the machine is offline.
 */
import dns from 'node:dns/promises';

const { TEST_ADDRESS: address, TEST_AUTOSCALER_IMAGES: images, TEST_NAME_SERVERS: servers } = process.env;
/** What answers at an address. */
const answers: Readonly<Record<string, string | undefined>> = {
  'https://checkip.amazonaws.com/': address && `${address}\n`,
  'https://registry.k8s.io/v2/autoscaling/cluster-autoscaler/tags/list':
    images && JSON.stringify({ child: [], name: 'autoscaling/cluster-autoscaler', tags: images.split(',') }),
};

globalThis.fetch = async (input) => {
  const answer = answers[String(input)];
  if (answer === undefined) throw new TypeError('fetch failed');
  return new Response(answer);
};

dns.resolveNs = async () => {
  if (servers?.startsWith('E')) throw Object.assign(new Error('queryNs'), { code: servers });
  if (servers) return servers.split(',');
  throw Object.assign(new Error('queryNs'), { code: servers === undefined ? dns.CONNREFUSED : dns.NODATA });
};
