import { nameLabel, namespaces } from 'platform';
import type { Synthesised } from './synthesised.ts';

/**
 * The webhook for readiness gates, as the chart's `templates/webhook.yaml` makes it of our values. Where the chart can be
 * had, it is compared with the chart's own.
 */
export function readinessGateWebhook(stack: Synthesised) {
  const values = JSON.parse(stack.one('helm_release', 'load-balancer-controller').values[0]);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'aws-load-balancer-webhook' },
    webhooks: [
      {
        name: 'mpod.elbv2.k8s.aws',
        clientConfig: {
          service: { name: 'aws-load-balancer-webhook-service', namespace: namespaces.system, path: '/mutate-v1-pod' },
        },
        failurePolicy: values.podMutatorWebhookConfig?.failurePolicy ?? 'Ignore',
        admissionReviewVersions: ['v1'],
        namespaceSelector: {
          matchExpressions: values.webhookNamespaceSelectors ?? [
            { key: 'elbv2.k8s.aws/pod-readiness-gate-inject', operator: 'In', values: ['enabled'] },
          ],
        },
        objectSelector: {
          matchExpressions: [
            { key: nameLabel, operator: 'NotIn', values: ['aws-load-balancer-controller'] },
            ...(values.objectSelector?.matchExpressions ?? []),
          ],
          matchLabels: values.objectSelector?.matchLabels ?? {},
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        sideEffects: 'None',
      },
    ],
  };
}
