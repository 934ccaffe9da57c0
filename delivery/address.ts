import { configMaps } from 'platform';
import { get, namespace } from './kubectl.ts';

/**
 * The environment's public address, from the infrastructure's ConfigMap. Undefined if there is none.
 *
 * @param timeout limit of the request to the cluster, such as `20s`
 */
export async function addressOfEnvironment(timeout = '0'): Promise<string | undefined> {
  const options = [namespace, `--request-timeout=${timeout}`];
  const config = await get<{ data?: Readonly<Record<string, string>> }>(
    'configmap',
    configMaps.environment,
    ...options,
  );
  return config?.data?.SITE_ADDRESS || undefined;
}
