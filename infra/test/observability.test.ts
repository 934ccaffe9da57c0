import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agentEndpoint } from 'platform';
import { synthesise } from './support/synthesised.ts';

const signozChart = readFileSync(join(import.meta.dirname, '../charts/signoz/Chart.yaml'), 'utf8');

describe.each(['dev', 'prd'] as const)('%s', (name) => {
  const stack = synthesise(name);
  const release = stack.one('helm_release', 'signoz_release');
  const [values, ...files] = release.values.map((text: string, index: number) =>
    index === 0 ? JSON.parse(text) : text,
  );
  const { clickhouse, signoz } = values.signoz;
  const { secret } = values.global;

  test("the root user is created at startup, so that no visitor can register, with the secret's password", () => {
    const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: secret, key } } });
    expect(signoz.env).toMatchObject({
      signoz_user_root_enabled: true,
      signoz_user_root_email: fromSecret('email'),
      signoz_user_root_password: fromSecret('password'),
      signoz_tokenizer_jwt_secret: fromSecret('token-secret'),
    });
    expect(stack.terraform.output.signoz_password_command?.value).toContain(` ${secret} `);
    expect(JSON.parse(stack.one('helm_release', 'maintenance').values[0]).rootSecret).toBe(secret);
  });

  test("ClickHouse's user for SigNoz has the secret's password, and the chart's user no access from other pods", () => {
    expect(clickhouse.allowedNetworkIps).toEqual(['127.0.0.1']);
    const [{ name: volume, secret: source }] = clickhouse.additionalVolumes;
    expect(source).toEqual({ secretName: secret, items: [{ key: 'clickhouse.xml', path: 'clickhouse.xml' }] });
    const [{ mountPath, name: mounted }] = clickhouse.additionalVolumeMounts;
    expect(mounted).toBe(volume);
    const user = clickhouse.files['users.d/signoz.xml'];
    expect(user).toContain(`<include_from>${mountPath}/clickhouse.xml</include_from>`);
    expect(user).toContain('<password_sha256_hex incl="signoz_password"/>');
  });

  test('the retention job has the version of SigNoz', () => {
    const { images } = JSON.parse(stack.one('helm_release', 'maintenance').values[0]);
    expect(signozChart).toContain(`version: ${images.retention.split(':v')[1]}\n`);
  });

  test('knows the URL of its page, for which its release does not wait', () => {
    const page = stack.one('kubernetes_config_map_v1', 'observability_page');
    expect(page.data.address).toBe(
      `https://\${${stack.one('aws_cloudfront_distribution', 'signoz').address}.domain_name}`,
    );
    const fromPage = { valueFrom: { configMapKeyRef: { name: page.metadata.name, key: 'address' } } };
    const withDomain = synthesise(name, {
      settings: { domain: { zone: 'example.com', createZone: true, subdomains: { dev: 'dev', prd: 'app' } } },
    });
    expect(withDomain.all('kubernetes_config_map_v1').map(({ metadata }) => metadata.name)).not.toContain(
      'signoz-page',
    );
    for (const [{ values }, address] of [
      [release, fromPage],
      [
        withDomain.one('helm_release', 'signoz_release'),
        `https://signoz.${name === 'dev' ? 'dev' : 'app'}.example.com`,
      ],
    ] as const) {
      expect(JSON.parse(values[0]).signoz.signoz.env).toMatchObject({
        signoz_global_external__url: address,
        signoz_alertmanager_signoz_external__url: address,
      });
    }
  });

  test("pods with volumes run on the storage nodes, and so does ClickHouse's operator", () => {
    for (const part of [clickhouse, clickhouse.zookeeper, clickhouse.clickhouseOperator, signoz]) {
      expect(part).toMatchObject({
        nodeSelector: { workload: 'storage' },
        tolerations: [{ key: 'workload', value: 'storage', effect: 'NoSchedule' }],
      });
    }
    const storage = stack.one('aws_eks_node_group', 'storage');
    expect(storage.labels).toEqual(clickhouse.nodeSelector);
    expect(storage.taint).toEqual([{ key: 'workload', value: 'storage', effect: 'NO_SCHEDULE' }]);
  });

  test('the page has its own distribution, the only one that is routed to its target group', () => {
    const distribution = stack.one('aws_cloudfront_distribution', 'signoz');
    expect(distribution.origin[0].custom_header).toEqual([{ name: 'X-Origin', value: 'signoz' }]);
    const rule = stack.one('aws_lb_listener_rule', 'signoz');
    expect(rule.condition).toContainEqual({ http_header: { http_header_name: 'X-Origin', values: ['signoz'] } });
    expect(stack.one('aws_lb_target_group', 'signoz')).toMatchObject({ name: `tg-signoz-${name}` });
    const binding = JSON.parse(stack.one('helm_release', 'binding').values[0]);
    expect(binding.service).toEqual({ name: 'signoz', port: 8080 });
  });

  test("an agent opens no port on its node and does not mount the node's whole disk", () => {
    const agents = JSON.parse(stack.one('helm_release', 'agents').values[0]);
    for (const port of Object.values(agents.otelAgent.ports)) expect(port).toEqual({ hostPort: null });
    expect(agents.presets.hostMetrics.rootPath).toBe('');
  });

  test('the API sends its traces to the agent on its node, and may reach it', () => {
    const settings = readFileSync(
      join(import.meta.dirname, '../../apps/calculadora-api/k8s/base/settings.env'),
      'utf8',
    );
    expect(settings.split('\n')).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${agentEndpoint}`);
    const { name: release, namespace } = stack.one('helm_release', 'agents');
    const { hostname, port } = new URL(agentEndpoint);
    expect(hostname).toBe(`${release}-otel-agent.${namespace}.svc.cluster.local`);
    const policies = stack
      .all('kubernetes_network_policy_v1')
      .filter(({ metadata }) => metadata.name === 'infra-calculadora-api');
    const ports = JSON.stringify(policies.map(({ spec }) => spec.egress));
    expect(ports).toContain(`"port":"${port}"`);
  });

  test('an agent links the log lines of a request to its trace', () => {
    const { presets } = JSON.parse(stack.one('helm_release', 'agents').values[0]);
    const [container, trace] = presets.logsCollection.operators;
    expect(container).toEqual({ id: 'container-parser', type: 'container' });
    expect(trace).toMatchObject({ type: 'json_parser', trace: { trace_id: { parse_from: 'attributes.trace_id' } } });
  });

  test.each([
    ['the API', 'calculator_calculadora-api-5f6d_3c1f', true],
    ['the load balancer controller', 'kube-system_aws-load-balancer-controller-7d_9a', true],
    ['SigNoz', 'observability_signoz-0_1b', false],
    ['an agent', 'observability_k8s-infra-otel-agent-x2_7e', false],
  ])('of the logs of %s, each line is collected, unless SigNoz writes more for each line', (_, pod, isCollected) => {
    const { signozLogs, namespaces, pods } = JSON.parse(stack.one('helm_release', 'agents').values[0]).presets
      .logsCollection.blacklist;
    // The chart's patterns: https://github.com/SigNoz/charts, charts/k8s-infra/templates/_config.tpl
    expect([signozLogs, pods]).toEqual([false, []]);
    const excluded = namespaces.map((namespace: string) => `/var/log/pods/${namespace}_*/*/*.log`);
    expect(excluded.some((pattern: string) => matchesGlob(`/var/log/pods/${pod}/main/0.log`, pattern))).toBe(
      !isCollected,
    );
  });

  test("the agents' own network is not reported as that of the nodes", () => {
    const { scrapers } = JSON.parse(stack.one('helm_release', 'agents').values[0]).presets.hostMetrics;
    expect(scrapers).toEqual({ network: null });
  });

  test('the collector drops telemetry before it runs out of memory, in each pipeline', () => {
    const { processors, service } = values.signoz.otelCollector.config;
    expect(processors.memory_limiter.limit_percentage).toBeLessThan(90);
    expect(Object.keys(service.pipelines).sort()).toEqual(['logs', 'metrics', 'traces']);
    for (const pipeline of Object.values<{ processors: string[] }>(service.pipelines)) {
      expect([pipeline.processors[0], pipeline.processors.at(-1)]).toEqual(['memory_limiter', 'batch']);
    }
  });

  test('an upgrade may take as long as the four steps of the migration', () => {
    expect(release.timeout).toBe(4 * 600);
  });

  test('ClickHouse keeps the logs of itself for days only', () => {
    const tables = Object.values<{ ttl?: number }>(clickhouse.clickhouseOperator).filter(
      ({ ttl }) => ttl !== undefined,
    );
    expect(tables.length).toBeGreaterThan(8);
    for (const { ttl } of tables) expect(ttl).toBeLessThanOrEqual(3);
  });

  test.each([
    ['is there', 'printf "#!/bin/sh" >histogram-quantile && tar -czf "$2" histogram-quantile', true],
    ['cannot be downloaded', 'exit 1', false],
    ['is no archive', 'echo "<html>" >"$2"', false],
  ])('ClickHouse starts if the function for percentiles %s', async (_, wget, isInstalled) => {
    const folder = await mkdtemp(join(tmpdir(), 'percentiles-'));
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/wget'), `#!/bin/sh\nshift\ncd ${folder}\n${wget}\n`, { mode: 0o755 });
    const [shell, option, script] = clickhouse.initContainers.udf.command;
    const { status } = spawnSync(
      shell,
      [option, script.replaceAll('/tmp', folder).replaceAll('/var/lib/clickhouse/user_scripts', folder)],
      { env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` } },
    );
    expect([status, existsSync(join(folder, 'histogramQuantile'))]).toEqual([0, isInstalled]);
    await rm(folder, { recursive: true });
  });

  test('a job puts the definitions into SigNoz, and runs again if they change', () => {
    const { address, data, metadata } = stack.one('kubernetes_config_map_v1', 'definitions');
    expect(Object.keys(data).sort()).toEqual(['channels.json', 'dashboards.json', 'index.mjs', 'rules.json']);
    for (const kind of ['channels', 'dashboards', 'rules']) {
      expect(JSON.parse(data[`${kind}.json`]).length).toBeGreaterThan(2);
    }
    expect(data['index.mjs']).toMatch(/^\$\{file\("assets\/.*\/index\.mjs"\)\}$/);
    const { definitions } = JSON.parse(stack.one('helm_release', 'maintenance').values[0]);
    expect(definitions).toEqual({
      configMap: metadata.name,
      hash: `\${substr(sha256(jsonencode(${address}.data)), 0, 8)}`,
    });
    // Terraform would read these as expressions of its own. Those that are meant name a topic.
    const expressions = JSON.stringify(data).match(/[$%]\{[^}]*\}/g) ?? [];
    for (const expression of expressions) expect(expression).toMatch(/^\$\{(file\(|aws_sns_topic_policy\.)/);
  });

  test("SigNoz may publish to the topics of the teams, which are its channels', and do nothing else", () => {
    const { data } = stack.one('kubernetes_config_map_v1', 'definitions');
    const topics = JSON.parse(data['channels.json']).map(
      ({ sns_configs }: { sns_configs: { topic_arn: string }[] }) => sns_configs[0]?.topic_arn,
    );
    expect(topics.length).toBeGreaterThan(2);
    const association = stack
      .some('aws_eks_pod_identity_association')
      .find(({ namespace }) => namespace === release.namespace);
    // The chart names the service account after the release.
    expect(association?.service_account).toBe(release.name);
    const role = stack.target(association?.role_arn).address;
    const policies = stack.some('aws_iam_role_policy').filter(({ role: of }) => String(of).includes(role));
    expect(policies.flatMap(({ policy }) => JSON.parse(policy).Statement)).toEqual([
      { Effect: 'Allow', Action: ['sns:Publish'], Resource: topics },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: [expect.stringMatching(/aws_kms_key\.\w*topics\w*\.arn/)],
      },
    ]);
  });

  test('data is kept for the number of days that the environment sets', () => {
    const { retentionDays } = JSON.parse(stack.one('helm_release', 'maintenance').values[0]);
    expect(retentionDays).toBe(name === 'dev' ? 3 : 7);
  });

  test('nothing in the values files is a Terraform template expression', () => {
    expect(files).toHaveLength(1);
    for (const text of files) expect(text).not.toMatch(/[$%]\{/);
  });
});
