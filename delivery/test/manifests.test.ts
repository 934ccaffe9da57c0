import { describe, expect, test } from '@jest/globals';
import {
  configMaps,
  environmentNames,
  nameLabel,
  names,
  namespaces,
  scrapeAnnotations,
  serviceAccounts,
} from 'platform';
import { applications } from 'platform/applications';
import { deregistrationDelay } from '../../infra/constructs/edge/load-balancer.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { type Manifest, render } from './support/rendered.ts';

const all = applications.flatMap((application) =>
  environmentNames.map((environment) => ({ application, environment, name: application.name })),
);

describeWith('kubectl', findTool('kubectl'), 'the manifests', () => {
  describe.each(all)('of $name in $environment', ({ application, environment, name }) => {
    const manifests = render(name, environment);
    const of = (kind: string, named = name) => {
      const found = manifests.find(({ kind: some, metadata }) => some === kind && metadata.name === named);
      if (!found) throw new Error(`There is no ${kind} ${named}`);
      return found;
    };
    const deployment = of('Deployment');
    const pods = manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
      .map(({ spec }) => spec.template);
    const pod = deployment.spec.template;
    const [container] = pod.spec.containers;

    test('are all in the namespace of the applications', () => {
      for (const { metadata } of manifests) expect(metadata.namespace).toBe(namespaces.applications);
    });

    test('bind to the target group that the infrastructure creates, by name', () => {
      expect(of('TargetGroupBinding').spec).toEqual({
        targetGroupName: names(environment).targetGroup(name),
        targetType: 'ip',
        serviceRef: { name, port: application.port },
      });
    });

    test('serve on the application’s port, and have probes on its health path', () => {
      expect(of('Service').spec).toEqual({
        selector: { [nameLabel]: name },
        ports: [{ name: 'http', port: application.port, targetPort: 'http' }],
      });
      expect(container.ports).toEqual([{ name: 'http', containerPort: application.port }]);
      expect(container.readinessProbe.httpGet).toEqual({ path: application.healthPath, port: 'http' });
      expect(container.livenessProbe.httpGet.path).toBe(application.livePath);
      expect(container.startupProbe.httpGet.path).toBe(application.livePath);
    });

    test('give pods the names by which policies and AWS roles identify them', () => {
      const accounts = [
        serviceAccounts.application(name),
        ...(application.database ? [serviceAccounts.migration(name)] : []),
      ];
      expect(pods.map(({ spec }) => spec.serviceAccountName).toSorted()).toEqual(accounts.toSorted());
      for (const { metadata, spec } of pods) {
        expect(metadata.labels[nameLabel]).toBe(spec.serviceAccountName);
        expect(of('ServiceAccount', spec.serviceAccountName).automountServiceAccountToken).toBe(false);
      }
    });

    test('name the image by its bare name, which a release replaces', () => {
      for (const { spec } of pods) expect(spec.containers.map(({ image }: Manifest) => image)).toEqual([name]);
    });

    test('stop a pod only after the load balancer has deregistered it, and give it time to shut down', () => {
      const { seconds } = container.lifecycle.preStop.sleep;
      expect(seconds).toBeGreaterThan(deregistrationDelay);
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + application.stopTime);
    });

    test('stop no pod before its replacement serves, and leave the number of pods to the autoscaler', () => {
      expect(deployment.spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
      expect(deployment.spec).not.toHaveProperty('replicas');
      const { minReplicas, maxReplicas, metrics } = of('HorizontalPodAutoscaler').spec;
      expect([minReplicas, maxReplicas]).toEqual(environment === 'prd' ? [3, 6] : [2, 3]);
      expect(metrics[0].resource.target).toEqual({ type: 'Utilization', averageUtilization: 80 });
      expect(of('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    });

    test('set requests for CPU and memory, and a limit only for memory', () => {
      for (const { spec } of pods) {
        const { requests, limits } = spec.containers[0].resources;
        expect(Object.keys(requests)).toEqual(['cpu', 'memory']);
        expect(Object.keys(limits)).toEqual(['memory']);
      }
    });

    if (application.database) {
      test('take the database from the infrastructure’s ConfigMap, and contain no secret', () => {
        const facts = { configMapRef: { name: configMaps.database(name) } };
        for (const { spec } of pods) expect(spec.containers[0].envFrom).toContainEqual(facts);
        expect(JSON.stringify(manifests)).not.toMatch(/secretKeyRef|"Secret"|password/i);
      });
    }

    if (name === 'calculadora-api') {
      test('have the metrics of the pods scraped', () => {
        expect(pod.metadata.annotations).toEqual(scrapeAnnotations(application.port));
      });
    }
  });
});
