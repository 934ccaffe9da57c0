import type { ClusterChoices } from './environment.ts';

type InstanceTypes = Readonly<Record<ClusterChoices['architecture'], readonly string[]>>;

/**
 * Types with 2 vCPUs and 4 GiB, the preferred one first. At least four of each architecture, so that AWS has spot capacity
 * for one of them.
 */
export const medium: InstanceTypes = {
  arm64: ['t4g.medium', 'c6g.large', 'c7g.large', 'c7gd.large'],
  x86_64: ['t3.medium', 't3a.medium', 'c5.large', 'c6i.large'],
};

/** Types with 2 vCPUs and 8 GiB, likewise. */
export const large: InstanceTypes = {
  arm64: ['t4g.large', 'm6g.large', 'm7g.large', 'm6gd.large'],
  x86_64: ['t3.large', 't3a.large', 'm5.large', 'm6i.large'],
};
