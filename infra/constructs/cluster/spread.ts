/**
 * Never two pods on one node, for a pair of which one must survive a lost node. Without this the scheduler puts both on
 * the last node of the on-demand base. Nodes that do not admit the pods do not count.
 */
export const onePerNode = (labels: Readonly<Record<string, string>>) => [
  {
    topologyKey: 'kubernetes.io/hostname',
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: labels },
    // While an update replaces them, the old ones do not count.
    matchLabelKeys: ['pod-template-hash'],
  },
];
