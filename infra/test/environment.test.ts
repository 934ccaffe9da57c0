import { beforeAll, describe, expect, test } from '@jest/globals';
import { names } from 'platform';
import { applications } from 'platform/applications';
import { dev } from '../environments/dev.ts';
import { addons, type Environment, logRetentionDays } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import type { Settings } from '../settings.ts';
import { type Block, type Synthesised, synthesise } from './support/synthesised.ts';

describe.each(['dev', 'prd'] as const)('%s', (name) => {
  let stack: Synthesised;
  beforeAll(() => {
    stack = synthesise(name);
  });

  test('only the nodes and the rotation function can reach port 3306', () => {
    const database = stack.one('aws_security_group', 'database_security-group');
    expect(database.ingress).toBeUndefined();
    const rules = stack
      .all('aws_vpc_security_group_ingress_rule')
      .filter(({ security_group_id }) => security_group_id === `\${${database.address}.id}`);
    const rotation = stack.one('aws_security_group', 'database-logins');
    expect(rules.map(({ referenced_security_group_id }) => referenced_security_group_id).toSorted()).toEqual([
      expect.stringContaining('cluster_security_group_id'),
      `\${${rotation.address}.id}`,
    ]);
    for (const rule of rules) expect(rule).toMatchObject({ from_port: 3306, to_port: 3306, ip_protocol: 'tcp' });
    expect(stack.one('aws_db_instance')).toMatchObject({ publicly_accessible: false });
  });

  test('only CloudFront and the nodes can reach the load balancer', () => {
    expect(stack.one('aws_lb').internal).toBe(true);
    const group = stack.one('aws_security_group', 'load-balancer').address;
    const sources = stack
      .all('aws_vpc_security_group_ingress_rule')
      .filter(({ security_group_id }) => security_group_id === `\${${group}.id}`)
      .map(({ prefix_list_id, referenced_security_group_id }) => prefix_list_id ?? referenced_security_group_id);
    expect(sources).toEqual([
      expect.stringContaining('data.aws_ec2_managed_prefix_list'),
      expect.stringContaining('cluster_security_group_id'),
    ]);
  });

  test('no security group is open to the internet', () => {
    for (const rule of stack.some('aws_vpc_security_group_ingress_rule')) {
      expect(rule.cidr_ipv4).not.toBe('0.0.0.0/0');
      expect(rule.cidr_ipv6).toBeUndefined();
    }
    for (const group of stack.some('aws_security_group')) {
      expect(JSON.stringify(group.ingress ?? [])).not.toContain('0.0.0.0/0');
    }
  });

  test('only NAT has public addresses', () => {
    for (const subnet of stack.some('aws_subnet')) expect(subnet.map_public_ip_on_launch).toBe(false);
    const addresses = stack.some('aws_eip').map(({ address }) => address);
    expect(addresses).toHaveLength({ dev: 1, prd: 3 }[name]);
    for (const address of addresses) expect(address).toMatch(/^aws_eip\.network_nat-/);
  });

  test('CloudFront serves only HTTPS, and caches nothing but the files of the status page, for a second', () => {
    const { default_cache_behavior: all, ordered_cache_behavior: others } = stack.one(
      'aws_cloudfront_distribution',
      'applications',
    );
    expect(all.viewer_protocol_policy).toBe('redirect-to-https');
    expect(all.cache_policy_id).toContain('CachingDisabled');
    for (const { cache_policy_id, viewer_protocol_policy } of others) {
      expect(viewer_protocol_policy).toBe('redirect-to-https');
      expect(cache_policy_id).toContain('CachingOptimized');
    }
    for (const { cache_control } of stack.some('aws_s3_object')) expect(cache_control).toBe('no-cache');
  });

  test('/ serves the site, and the load balancer sends no redirects', () => {
    expect(stack.one('aws_cloudfront_distribution', 'applications').default_root_object).toBe('frontend/index.html');
    const actions = stack.all('aws_lb_listener_rule').flatMap(({ action }) => action);
    expect(new Set(actions.map(({ type }: Block) => type))).toEqual(new Set(['forward']));
  });

  test('stored data is encrypted', () => {
    expect(stack.one('aws_db_instance').storage_encrypted).toBe(true);
    expect(stack.one('aws_eks_cluster').encryption_config.resources).toEqual(['secrets']);
    for (const { block_device_mappings } of stack.some('aws_launch_template')) {
      expect(block_device_mappings[0].ebs).toMatchObject({ encrypted: 'true', volume_type: 'gp3' });
    }
    expect(stack.one('kubernetes_storage_class_v1').parameters).toMatchObject({ type: 'gp3', encrypted: 'true' });
  });

  test('a pod cannot use the credentials of its node', () => {
    for (const { metadata_options } of stack.some('aws_launch_template')) {
      expect(metadata_options).toMatchObject({ http_tokens: 'required', http_put_response_hop_limit: 1 });
    }
  });

  test('no database password passes through Terraform', () => {
    const database = stack.one('aws_db_instance');
    expect(database.manage_master_user_password).toBe(true);
    expect(database.password).toBeUndefined();
    expect(stack.types).not.toContain('aws_secretsmanager_secret_version');
  });

  test('each role reads only its own secrets, and only the rotation function reads the master login', () => {
    const owners = applications.filter(({ database }) => database).map((application) => application.name);
    expect(owners).toContain('calculadora-api');
    const secretOf = (owner: string, purpose: string) =>
      `\${${stack.one('aws_secretsmanager_secret', `${owner}-${purpose}`).address}.arn}`;
    const own = owners.flatMap((owner): [string, string][] => [
      [`desafio-aws-${name}-${owner}`, secretOf(owner, 'application')],
      [`desafio-aws-${name}-${owner}-migration`, secretOf(owner, 'migration')],
    ]);
    const master = `\${${stack.one('aws_db_instance').address}.master_user_secret[0].secret_arn}`;
    const readable = stack
      .all('aws_iam_role_policy')
      .map(({ name, policy }): [string, string[]] => [
        name,
        JSON.parse(policy)
          .Statement.filter(({ Action }: Block) => Action.includes('secretsmanager:GetSecretValue'))
          .flatMap(({ Resource }: Block) => Resource),
      ])
      .filter(([, secrets]) => secrets.length > 0);
    expect(Object.fromEntries(readable)).toEqual({
      ...Object.fromEntries(own.map(([role, secret]) => [role, [secret]])),
      [`desafio-aws-${name}-database-logins`]: [...own.map(([, secret]) => secret), master],
    });
  });

  test('no policy allows every action on every resource', () => {
    const policies = [...stack.all('aws_iam_role_policy'), ...stack.all('aws_iam_policy')].map(({ policy }) =>
      JSON.parse(policy),
    );
    expect(policies.length).toBeGreaterThan(3);
    for (const statement of policies.flatMap(({ Statement }) => Statement)) {
      if (statement.Effect === 'Deny' || !statement.Resource?.includes('*')) continue;
      expect(statement.Action).not.toContainEqual(expect.stringMatching(/^(\*|\w+:\*)$/));
    }
  });

  test('the creator of the cluster gets no implicit access, and extended support is off', () => {
    expect(stack.one('aws_eks_cluster')).toMatchObject({
      version: '1.36',
      access_config: { authentication_mode: 'API', bootstrap_cluster_creator_admin_permissions: false },
      upgrade_policy: { support_type: 'STANDARD' },
    });
    expect(stack.one('aws_db_instance')).toMatchObject({
      engine_version: '8.4',
      engine_lifecycle_support: 'open-source-rds-extended-support-disabled',
    });
  });

  test("only the environment's own CIDRs open its cluster's API, which else answers only inside the VPC", () => {
    const closed = { endpoint_private_access: true, endpoint_public_access: false };
    expect(stack.one('aws_eks_cluster').vpc_config).toMatchObject(closed);
    const cidrs = ['203.0.113.7/32'];
    const withCidrs = (clusterApiCidrs: Settings['clusterApiCidrs']) =>
      synthesise(name, { settings: { clusterApiCidrs } }).one('aws_eks_cluster').vpc_config;
    expect(withCidrs({ dev: [], prd: [], [name]: cidrs })).toMatchObject({
      endpoint_public_access: true,
      public_access_cidrs: cidrs,
    });
    expect(withCidrs({ dev: cidrs, prd: cidrs, [name]: [] })).toMatchObject(closed);
  });

  test('every application has a target group, a listener rule and a private name', () => {
    for (const application of applications) {
      const group = stack
        .all('aws_lb_target_group')
        .find((block) => block.name === names(name).targetGroup(application.name));
      expect(group).toMatchObject({ target_type: 'ip' });
      expect(group?.health_check.path).toBe(application.healthPath);
      const rule = stack
        .all('aws_lb_listener_rule')
        .find(({ action }) => action[0].target_group_arn?.includes(group?.address));
      expect(rule?.condition[0].path_pattern.values).toEqual([application.path, `${application.path}/*`]);
    }
    expect(stack.all('aws_route53_record').map(({ name }) => name)).toEqual(
      expect.arrayContaining([`mysql-${name}`, `calculadora-api-${name}`, `magic-calculator-${name}`]),
    );
  });

  test('a request that matches no rule gets 401', () => {
    expect(stack.one('aws_lb_listener').default_action[0].fixed_response.status_code).toBe('401');
  });

  test("names respect AWS's length limits", () => {
    for (const block of stack.some('aws_lb_target_group')) expect(block.name.length).toBeLessThanOrEqual(32);
    expect(stack.one('aws_lb').name.length).toBeLessThanOrEqual(32);
    for (const block of stack.some('aws_iam_role')) expect(block.name.length).toBeLessThanOrEqual(64);
  });

  test('everything has the cost allocation tags', () => {
    for (const { default_tags } of stack.terraform.provider.aws ?? []) {
      expect(Object.keys(default_tags[0].tags)).toEqual(
        expect.arrayContaining(['project', 'environment', 'owner', 'managed-by']),
      );
    }
    for (const { tag_specifications } of stack.some('aws_launch_template')) {
      for (const { tags } of tag_specifications) expect(tags).toMatchObject({ environment: name });
    }
  });

  test('spot nodes have at least four instance types of one size', () => {
    const spot = stack.all('aws_eks_node_group').find(({ capacity_type }) => capacity_type === 'SPOT');
    expect(spot?.instance_types.length).toBeGreaterThanOrEqual(4);
    // 2 vCPUs and 4 GiB: medium of the t family, and large of the c family.
    for (const type of spot?.instance_types ?? []) expect(type).toMatch(/^(t4g\.medium|c\dgd?\.large)$/);
  });

  test('an on-demand base, if there is one, is in two zones and the spot node in the third, and the scheduler prefers the base', () => {
    const groups = stack.some('aws_eks_node_group');
    const base = groups.filter(({ address }) => address.includes('_base_'));
    expect(base).toHaveLength({ dev: 0, prd: 1 }[name]);
    const spot = groups.find(({ capacity_type }) => capacity_type === 'SPOT');
    expect(spot?.taint).toEqual(
      base.length > 0 ? [expect.objectContaining({ effect: 'PREFER_NO_SCHEDULE' })] : undefined,
    );
    for (const group of base) {
      expect(group.capacity_type).toBe('ON_DEMAND');
      expect(group.taint).toBeUndefined();
      expect(new Set([...group.subnet_ids, ...(spot?.subnet_ids ?? [])]).size).toBe(3);
      expect(group.subnet_ids).toHaveLength(2);
      expect(spot?.subnet_ids).toHaveLength(1);
      expect(group.scaling_config.min_size).toBeGreaterThanOrEqual(2);
    }
  });

  test('the storage nodes stay in one zone, and are spot in dev alone', () => {
    const storage = stack.one('aws_eks_node_group', 'storage');
    expect(storage.capacity_type).toBe({ dev: 'SPOT', prd: 'ON_DEMAND' }[name]);
    expect(storage.subnet_ids).toHaveLength(1);
  });
});

test('the database is protected from deletion in prd and deletable in dev', () => {
  const kept = synthesise('prd');
  expect(kept.one('aws_db_instance')).toMatchObject({
    deletion_protection: true,
    lifecycle: { prevent_destroy: true },
  });
  expect(kept.one('aws_eks_cluster').deletion_protection).toBe(true);
  const deletable = synthesise('dev');
  expect(deletable.one('aws_db_instance')).toMatchObject({ deletion_protection: false, skip_final_snapshot: true });
});

test('prd without its protection still leaves a final snapshot and its backups', () => {
  expect(synthesise('prd', { environment: { protected: false } }).one('aws_db_instance')).toMatchObject({
    deletion_protection: false,
    skip_final_snapshot: false,
    delete_automated_backups: false,
    // Unique each time that the environment is created.
    final_snapshot_identifier: expect.stringMatching(/^desafio-aws-prd-mysql-final-\$\{aws_vpc\./),
  });
});

test.each(['dev', 'prd'] as const)('every CloudWatch log of %s is deleted after the same number of days', (name) => {
  const logs = synthesise(name).all('aws_cloudwatch_log_group');
  expect(logs.length).toBeGreaterThan(2);
  for (const log of logs) expect(log).toMatchObject({ retention_in_days: logRetentionDays });
});

test('database logs include slow queries', () => {
  const stack = synthesise('prd');
  const instance = stack.one('aws_db_instance');
  for (const type of instance.enabled_cloudwatch_logs_exports) {
    expect(stack.one('aws_cloudwatch_log_group', `${type}-log`)).toMatchObject({
      name: `/aws/rds/instance/${instance.identifier}/${type}`,
    });
  }
  expect(stack.one('aws_db_parameter_group').parameter).toEqual(
    expect.arrayContaining([
      { name: 'slow_query_log', value: '1' },
      { name: 'log_output', value: 'FILE' },
    ]),
  );
});

test.each(['dev', 'prd'] as const)('every add-on of %s has the exact version of its environment file', (name) => {
  const stack = synthesise(name);
  const versions = stack.some('aws_eks_addon').map(({ addon_name, addon_version }) => [addon_name, addon_version]);
  expect(Object.fromEntries(versions)).toEqual({ dev, prd }[name].cluster.addons);
  expect(versions).toHaveLength(addons.length);
  // With this data source each plan would take AWS's current default.
  expect(Object.keys(stack.terraform.data ?? {})).not.toContain('aws_eks_addon_version');
});

test('nodes have the control plane’s version, and new nodes are created before old ones are removed', () => {
  const stack = synthesise('dev', { environment: { cluster: { ...dev.cluster, version: '1.37' } } });
  for (const group of stack.some('aws_eks_node_group')) {
    expect(group).toMatchObject({ version: '1.37', lifecycle: { create_before_destroy: true } });
    // With a fixed name, old and new group could not exist at the same time.
    expect(group.node_group_name).toBeUndefined();
  }
});

test('access entries of cluster admins do not depend on the order of the list', () => {
  const [one, other] = ['arn:aws:iam::123456789012:role/one', 'arn:aws:iam::123456789012:role/people/other'];
  const addresses = (...clusterAdmins: string[]) =>
    Object.fromEntries(
      synthesise('dev', { settings: { clusterAdmins } })
        .all('aws_eks_access_entry')
        .map(({ address, principal_arn }) => [principal_arn, address]),
    );
  expect(addresses(one, other)[other]).toBe(addresses(other)[other]);
});

test('each cluster admin has an access entry, also if two have the same name', () => {
  const clusterAdmins = ['role/ana', 'user/ana', 'role/people/ana', 'role/people-ana'].map(
    (name) => `arn:aws:iam::123456789012:${name}`,
  );
  const entries = synthesise('dev', { settings: { clusterAdmins } }).all('aws_eks_access_entry');
  expect(entries.map(({ principal_arn }) => principal_arn)).toEqual(expect.arrayContaining(clusterAdmins));
});

test('the networks of dev and prd do not overlap', () => {
  expect(dev.network.cidr).toBe('10.0.0.0/16');
  expect(prd.network.cidr).toBe('192.168.0.0/16');
});

test('NAT is one instance or gateway, or one per zone, as the environment chooses', () => {
  const natOf = (nat: Environment['network']['nat']) => {
    const stack = synthesise('dev', { environment: { network: { ...dev.network, nat } } });
    return [stack.all('aws_nat_gateway').length, stack.all('aws_autoscaling_group').length];
  };
  expect(natOf('instance')).toEqual([0, 1]);
  expect(natOf('instance-per-zone')).toEqual([0, 3]);
  expect(natOf('single')).toEqual([1, 0]);
  expect(natOf('per-zone')).toEqual([3, 0]);
});

test('with a custom domain CloudFront uses HTTPS to the load balancer and requires TLS 1.2', () => {
  const stack = synthesise('prd', {
    settings: { domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } } },
  });
  expect(stack.one('aws_lb_listener')).toMatchObject({ port: 443, protocol: 'HTTPS' });
  expect(stack.one('aws_cloudfront_distribution', 'applications')).toMatchObject({
    aliases: ['app.example.com'],
    viewer_certificate: { minimum_protocol_version: 'TLSv1.2_2021', ssl_support_method: 'sni-only' },
  });
});

test('with a custom domain SigNoz has a subdomain, and the load balancer has its certificate', () => {
  const stack = synthesise('dev', {
    settings: { domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } } },
  });
  const { aliases, default_cache_behavior } = stack.one('aws_cloudfront_distribution', 'signoz');
  expect(aliases).toEqual(['signoz.dev.example.com']);
  // Without the visitor's host CloudFront would verify the certificate against the load balancer's own name.
  const { default_cache_behavior: site } = stack.one('aws_cloudfront_distribution', 'applications');
  expect(default_cache_behavior.origin_request_policy_id).toBe(site.origin_request_policy_id);
  const validation = stack.one('aws_acm_certificate_validation', 'signoz');
  expect(stack.one('aws_lb_listener_certificate').certificate_arn).toBe(`\${${validation.address}.certificate_arn}`);
});

test('another port creates another VPC origin, because one in use cannot be changed', () => {
  const origin = (settings: object) => synthesise('dev', { settings }).one('aws_cloudfront_vpc_origin');
  const [http, https] = [
    origin({}),
    origin({ domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } } }),
  ];
  expect(https.address).not.toBe(http.address);
  expect(https.vpc_origin_endpoint_config[0].name).not.toBe(http.vpc_origin_endpoint_config[0].name);
});

test('an environment that sleeps at night is backed up by day', () => {
  const { cluster } = dev;
  const [sleeping, awake] = [true, false].map((sleepsAtNight) =>
    synthesise('dev', { environment: { cluster: { ...cluster, sleepsAtNight } } }),
  ) as [Synthesised, Synthesised];
  expect(sleeping.one('aws_db_instance').backup_window).toBe('15:00-15:30');
  expect(sleeping.all('aws_autoscaling_schedule').length).toBeGreaterThan(0);
  expect(awake.all('aws_autoscaling_schedule')).toEqual([]);
  expect(awake.one('aws_db_instance').backup_window).not.toBe('15:00-15:30');
});
