/**
 * Resources as AWS gets them, whole: a field that is lost, or that has another value, would show only on AWS. References
 * are shortened to type and attribute, because `wiring.test.ts` follows them. Values that an environment file chooses are
 * read from it.
 */
import { describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { dev } from '../environments/dev.ts';
import type { NodeChoices } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { type Block, type Synthesised, synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const domain = { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } };
const production = synthesise('prd', { settings: { domain, region: 'sa-east-1', accountId: '123456789012' } });
/** With the cheapest choices. */
const cheapest = synthesise('dev', {
  environment: { network: { ...dev.network, nat: 'instance' }, cluster: { ...dev.cluster, sleepsAtNight: true } },
});
const bootstrap = synthesiseBootstrap({ imageRegistry: 'ecr' });

/** All resources, or data sources, of a type, in the order of their names. */
function whole(stack: Synthesised, type: string, kind: 'data' | 'resource' = 'resource'): Block[] {
  const found = Object.entries(stack.terraform[kind][type] ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify(
    found.map(([, block]) => block),
    (key, value) => (key === 'depends_on' ? undefined : value),
  );
  return JSON.parse(text.replaceAll(/\$\{(?:data\.)?(\w+)\.[\w-]+\.([^}]+)\}/g, '$1.$2'));
}
const three = (reference: string) => [reference, reference, reference];

describe('network', () => {
  test('the VPC resolves names, and everything in private subnets reaches S3 without NAT', () => {
    expect(whole(production, 'aws_vpc')).toEqual([
      {
        cidr_block: prd.network.cidr,
        enable_dns_hostnames: true,
        enable_dns_support: true,
        tags: { Name: 'desafio-aws-prd' },
      },
    ]);
    expect(whole(production, 'aws_vpc_endpoint')).toEqual([
      {
        vpc_id: 'aws_vpc.id',
        service_name: 'com.amazonaws.sa-east-1.s3',
        vpc_endpoint_type: 'Gateway',
        route_table_ids: three('aws_route_table.id'),
      },
    ]);
    const { route_table_ids } = production.one('aws_vpc_endpoint');
    const ofPrivate = production
      .some('aws_route_table_association')
      .filter(({ subnet_id }) => 'kubernetes.io/role/internal-elb' in production.target(subnet_id).tags);
    expect(route_table_ids).toEqual(ofPrivate.map(({ route_table_id }) => route_table_id));
  });

  test('each tier has a subnet in each of three zones', () => {
    const zones = production
      .some('aws_subnet')
      .map(({ availability_zone, cidr_block }) => [
        cidr_block,
        /^\$\{element\(data\.aws_availability_zones\.\w+\.names, (\d)\)\}$/.exec(availability_zone)?.[1],
      ]);
    expect(Object.fromEntries(zones)).toEqual({
      ...{ '192.168.1.0/24': '0', '192.168.2.0/24': '1', '192.168.3.0/24': '2' },
      ...{ '192.168.101.0/24': '0', '192.168.102.0/24': '1', '192.168.103.0/24': '2' },
      ...{ '192.168.201.0/24': '0', '192.168.202.0/24': '1', '192.168.203.0/24': '2' },
    });
  });

  test('the default security group admits nothing, and flow logs record everything', () => {
    expect(whole(production, 'aws_default_security_group')).toEqual([
      { vpc_id: 'aws_vpc.id', ingress: [], egress: [] },
    ]);
    expect(whole(production, 'aws_flow_log')).toEqual([
      {
        vpc_id: 'aws_vpc.id',
        traffic_type: 'ALL',
        log_destination: 'aws_cloudwatch_log_group.arn',
        iam_role_arn: 'aws_iam_role.arn',
      },
    ]);
  });

  test('a NAT instance admits the VPC, and reaches the internet', () => {
    const rule = (cidr: string, description: string) => ({
      cidr_blocks: [cidr],
      description,
      from_port: 0,
      to_port: 0,
      protocol: '-1',
      ipv6_cidr_blocks: null,
      prefix_list_ids: null,
      security_groups: null,
      self: null,
    });
    const groups = whole(cheapest, 'aws_security_group');
    expect(groups.filter(({ name_prefix }) => name_prefix === 'desafio-aws-dev-nat-')).toEqual([
      {
        name_prefix: 'desafio-aws-dev-nat-',
        description: expect.any(String),
        vpc_id: 'aws_vpc.id',
        ingress: [rule(dev.network.cidr, 'From the VPC')],
        egress: [rule('0.0.0.0/0', 'To the internet')],
        lifecycle: { create_before_destroy: true },
      },
    ]);
  });

  test('a security group or web ACL that is replaced is created before the old one, which is in use, is deleted', () => {
    const groups = [production, cheapest].flatMap((stack) => whole(stack, 'aws_security_group'));
    expect(groups.length).toBeGreaterThan(6);
    for (const { lifecycle, name, name_prefix } of groups) {
      expect([name, name_prefix, lifecycle]).toEqual([undefined, expect.any(String), { create_before_destroy: true }]);
    }
    const acls = whole(production, 'aws_wafv2_web_acl').map(({ lifecycle }) => lifecycle);
    expect(acls).toEqual([{ create_before_destroy: true }]);
  });

  test('private names are aliases that follow their target within a minute', () => {
    const records = whole(production, 'aws_route53_record').filter(({ ttl }) => ttl === 60);
    const alias = (name: string, target: string) => ({
      zone_id: 'aws_route53_zone.zone_id',
      name,
      type: 'CNAME',
      ttl: 60,
      records: [target],
    });
    expect(records).toEqual([
      ...applications.map(({ name }) => alias(`${name}-prd`, 'aws_lb.dns_name')),
      alias('mysql-prd', 'aws_db_instance.address'),
    ]);
    expect(whole(production, 'aws_route53_zone')).toEqual([
      {
        name: 'prd.desafio-aws.internal',
        comment: expect.any(String),
        vpc: [{ vpc_id: 'aws_vpc.id' }],
        force_destroy: true,
      },
    ]);
  });

  test('the interface of a NAT instance outlives it, and an instance with another script replaces it', () => {
    const { user_data, ...template } =
      whole(cheapest, 'aws_launch_template').find(({ name }) => /nat/.test(name)) ?? {};
    expect(template).toEqual({
      name: 'desafio-aws-dev-nat-1',
      image_id: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      instance_type: 't4g.nano',
      iam_instance_profile: { arn: 'aws_iam_instance_profile.arn' },
      network_interfaces: [
        { device_index: 0, network_interface_id: 'aws_network_interface.id', delete_on_termination: 'false' },
      ],
      metadata_options: { http_endpoint: 'enabled', http_tokens: 'required', http_put_response_hop_limit: 1 },
      block_device_mappings: [
        { device_name: '/dev/xvda', ebs: { encrypted: 'true', volume_type: 'gp3', volume_size: 8 } },
      ],
      tag_specifications: expect.any(Array),
    });
    expect(user_data).toBeDefined();
    expect(whole(cheapest, 'aws_autoscaling_group')).toEqual([
      {
        name: 'desafio-aws-dev-nat-1',
        min_size: 1,
        max_size: 1,
        availability_zones: ['aws_subnet.availability_zone'],
        launch_template: { id: 'aws_launch_template.id', version: expect.stringContaining('.latest_version)') },
        enabled_metrics: ['GroupInServiceInstances'],
        initial_lifecycle_hook: [
          {
            name: 'ready',
            lifecycle_transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
            heartbeat_timeout: 300,
            default_result: 'ABANDON',
          },
        ],
        instance_maintenance_policy: { min_healthy_percentage: 0, max_healthy_percentage: 100 },
        instance_refresh: {
          strategy: 'Rolling',
          preferences: { min_healthy_percentage: 0, max_healthy_percentage: 100 },
        },
        tag: expect.any(Array),
      },
    ]);
  });
});

describe('data', () => {
  test.each([
    ['prd', production, prd, { backup_window: '06:00-06:30', maintenance_window: 'sun:07:00-sun:08:00' }],
    ['dev', cheapest, dev, { backup_window: '15:00-15:30', maintenance_window: 'tue:16:00-tue:17:00' }],
  ] as const)('the database of %s', (name, stack, { database, protected: isProtected }, windows) => {
    expect(whole(stack, 'aws_db_instance')).toEqual([
      {
        ...windows,
        identifier: `desafio-aws-${name}-mysql`,
        engine: 'mysql',
        engine_version: '8.4',
        allow_major_version_upgrade: true,
        engine_lifecycle_support: 'open-source-rds-extended-support-disabled',
        auto_minor_version_upgrade: true,
        instance_class: database.instanceClass,
        multi_az: database.multiZone,
        port: 3306,
        username: 'admin',
        manage_master_user_password: true,
        allocated_storage: database.storage.initial,
        max_allocated_storage: database.storage.maximum,
        storage_type: 'gp3',
        storage_encrypted: true,
        db_subnet_group_name: 'aws_db_subnet_group.name',
        vpc_security_group_ids: ['aws_security_group.id'],
        publicly_accessible: false,
        parameter_group_name: 'aws_db_parameter_group.name',
        ca_cert_identifier: 'rds-ca-rsa2048-g1',
        backup_retention_period: database.backupDays,
        copy_tags_to_snapshot: true,
        delete_automated_backups: !database.finalSnapshot,
        skip_final_snapshot: !database.finalSnapshot,
        final_snapshot_identifier: `desafio-aws-${name}-mysql-final-aws_vpc.id`,
        enabled_cloudwatch_logs_exports: ['error', 'slowquery'],
        performance_insights_enabled: false,
        deletion_protection: isProtected,
        apply_immediately: !isProtected,
        lifecycle: { prevent_destroy: isProtected },
      },
    ]);
    expect(whole(stack, 'aws_db_parameter_group')).toEqual([
      {
        name_prefix: `desafio-aws-${name}-mysql-`,
        family: 'mysql8.4',
        skip_destroy: isProtected,
        lifecycle: { create_before_destroy: true },
        parameter: [
          { name: 'require_secure_transport', value: '1' },
          { name: 'character_set_server', value: 'utf8mb4' },
          { name: 'time_zone', value: 'UTC' },
          { name: 'slow_query_log', value: '1' },
          { name: 'long_query_time', value: '1' },
          { name: 'log_output', value: 'FILE' },
        ],
      },
    ]);
  });

  test('a secret is deleted at once, because its name is needed when the environment is created again', () => {
    const secrets = whole(production, 'aws_secretsmanager_secret');
    expect(secrets.length).toBeGreaterThan(1);
    for (const { description, name, tags, ...secret } of secrets)
      expect(secret).toEqual({ recovery_window_in_days: 0 });
  });

  test('the rotation function', () => {
    const [{ environment, filename, source_code_hash, ...rest } = {}] = whole(production, 'aws_lambda_function').filter(
      ({ function_name }) => function_name === 'desafio-aws-prd-database-logins',
    );
    expect([environment, filename, source_code_hash]).not.toContain(undefined);
    expect(rest).toEqual({
      function_name: 'desafio-aws-prd-database-logins',
      description: expect.any(String),
      role: 'aws_iam_role.arn',
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      memory_size: 256,
      timeout: 30,
      vpc_config: { subnet_ids: three('aws_subnet.id'), security_group_ids: ['aws_security_group.id'] },
    });
  });
});

describe('entrance', () => {
  test.each([
    ['prd', production, true, { bucket: 'aws_s3_bucket_policy.bucket', prefix: 'alb', enabled: true }],
    ['dev', cheapest, false, undefined],
  ] as const)('the load balancer of %s', (environment, stack, isProtected, access_logs) => {
    expect(whole(stack, 'aws_lb')).toEqual([
      {
        name: `cdn-app-alb-${environment}`,
        internal: true,
        load_balancer_type: 'application',
        security_groups: ['aws_security_group.id'],
        subnets: three('aws_subnet.id'),
        drop_invalid_header_fields: true,
        enable_deletion_protection: isProtected,
        idle_timeout: 60,
        ...(access_logs && { access_logs }),
      },
    ]);
    const groups = whole(stack, 'aws_lb_target_group');
    expect(groups).toHaveLength(applications.length + 1);
    for (const { name, health_check, ...group } of groups) {
      expect(group).toEqual({
        target_type: 'ip',
        // Of no application: a group in use cannot change its port.
        port: 80,
        protocol: 'HTTP',
        vpc_id: 'aws_vpc.id',
        deregistration_delay: '15',
      });
      expect(health_check).toEqual({
        path: expect.stringMatching(/health/),
        matcher: '200',
        interval: 5,
        timeout: 4,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
      });
    }
  });

  test('with a custom domain the listener and the origin use TLS 1.2 or later', () => {
    expect(whole(production, 'aws_lb_listener')).toEqual([
      {
        load_balancer_arn: 'aws_lb.arn',
        port: 443,
        protocol: 'HTTPS',
        certificate_arn: 'aws_acm_certificate_validation.certificate_arn',
        ssl_policy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
        default_action: [
          {
            type: 'fixed-response',
            fixed_response: { content_type: 'text/plain', status_code: '401', message_body: '401' },
          },
        ],
      },
    ]);
    expect(whole(production, 'aws_cloudfront_vpc_origin')).toEqual([
      {
        vpc_origin_endpoint_config: [
          {
            name: 'desafio-aws-prd-443',
            arn: 'aws_lb.arn',
            http_port: 80,
            https_port: 443,
            origin_protocol_policy: 'https-only',
            origin_ssl_protocols: [{ items: ['TLSv1.2'], quantity: 1 }],
          },
        ],
        lifecycle: { create_before_destroy: true },
      },
    ]);
  });

  test.each([
    ["the visitor's host, which is on its certificate, with a custom domain", production, 'Managed-AllViewer'],
    ['its own name without one', cheapest, 'Managed-AllViewerExceptHostHeader'],
  ])('the load balancer gets %s', (_, stack, policy) => {
    for (const { default_cache_behavior } of stack.some('aws_cloudfront_distribution')) {
      const [, type = '', name = ''] = default_cache_behavior.origin_request_policy_id.split('.');
      expect(stack.terraform.data[type]?.[name]).toEqual({ name: policy });
    }
  });

  test('the distributions', () => {
    const distributions = whole(production, 'aws_cloudfront_distribution');
    const codes = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];
    const distribution = (host: string, comment: string, origin: string, seconds: number) => ({
      aliases: [host],
      comment: `desafio-aws-prd: ${comment}`,
      enabled: true,
      http_version: 'http2and3',
      is_ipv6_enabled: true,
      price_class: 'PriceClass_All',
      origin: [
        {
          origin_id: 'load-balancer',
          domain_name: 'aws_lb.dns_name',
          vpc_origin_config: {
            vpc_origin_id: 'aws_cloudfront_vpc_origin.id',
            origin_keepalive_timeout: 50,
            origin_read_timeout: seconds,
          },
          custom_header: [{ name: 'X-Origin', value: origin }],
        },
      ],
      default_cache_behavior: {
        target_origin_id: 'load-balancer',
        viewer_protocol_policy: 'redirect-to-https',
        compress: true,
        origin_request_policy_id: 'aws_cloudfront_origin_request_policy.id',
        response_headers_policy_id: 'aws_cloudfront_response_headers_policy.id',
        allowed_methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
        cached_methods: ['GET', 'HEAD'],
        cache_policy_id: 'aws_cloudfront_cache_policy.id',
      },
      custom_error_response: codes.map((error_code) => ({ error_code, error_caching_min_ttl: 0 })),
      restrictions: { geo_restriction: { restriction_type: 'none' } },
      viewer_certificate: {
        acm_certificate_arn: 'aws_acm_certificate_validation.certificate_arn',
        ssl_support_method: 'sni-only',
        minimum_protocol_version: 'TLSv1.2_2021',
      },
      web_acl_id: 'aws_wafv2_web_acl.arn',
    });
    const applicationsOnly = distribution('app.example.com', 'the applications', 'applications', 20);
    expect(distributions).toEqual([
      {
        ...applicationsOnly,
        default_root_object: 'frontend/index.html',
        origin: [
          ...applicationsOnly.origin,
          {
            origin_id: 'files',
            domain_name: 'aws_s3_bucket.bucket_regional_domain_name',
            origin_access_control_id: 'aws_cloudfront_origin_access_control.id',
            s3_origin_config: { origin_access_identity: '' },
          },
        ],
        ordered_cache_behavior: ['/status', '/status/*'].map((path_pattern) => ({
          path_pattern,
          target_origin_id: 'files',
          viewer_protocol_policy: 'redirect-to-https',
          compress: true,
          response_headers_policy_id: 'aws_cloudfront_response_headers_policy.id',
          allowed_methods: ['GET', 'HEAD'],
          cached_methods: ['GET', 'HEAD'],
          cache_policy_id: 'aws_cloudfront_cache_policy.id',
        })),
      },
      distribution('signoz.app.example.com', 'SigNoz', 'signoz', 60),
    ]);
  });

  test('browsers get security headers, which only the applications may make laxer', () => {
    const headers = whole(production, 'aws_cloudfront_response_headers_policy');
    expect(headers).toHaveLength(2);
    for (const { security_headers_config } of headers) {
      expect(security_headers_config).toEqual({
        strict_transport_security: { access_control_max_age_sec: 86_400, include_subdomains: false, override: true },
        content_type_options: { override: true },
        frame_options: { frame_option: 'DENY', override: false },
        referrer_policy: { referrer_policy: 'strict-origin-when-cross-origin', override: false },
        content_security_policy: {
          content_security_policy: expect.stringMatching(/^default-src .*; frame-ancestors 'none'/),
          override: false,
        },
      });
    }
  });

  test('certificates are proved by a record in the public zone, and replaced before they are deleted', () => {
    expect(whole(production, 'aws_route53_zone', 'data')).toEqual([
      { name: 'example.com', private_zone: false },
      { name: 'example.com', private_zone: false },
    ]);
    const certificates = whole(production, 'aws_acm_certificate');
    expect(certificates).toHaveLength(4);
    for (const { domain_name, provider, ...certificate } of certificates) {
      expect(certificate).toEqual({ validation_method: 'DNS', lifecycle: { create_before_destroy: true } });
    }
    const proofs = whole(production, 'aws_route53_record').filter(({ ttl }) => ttl === 300);
    expect(proofs).toHaveLength(2);
    for (const proof of proofs) {
      expect(proof).toEqual({
        zone_id: 'aws_route53_zone.zone_id',
        name: expect.stringContaining('.resource_record_name'),
        type: expect.stringContaining('.resource_record_type'),
        records: [expect.stringContaining('.resource_record_value')],
        ttl: 300,
      });
    }
  });
});

describe('cluster', () => {
  const ofGroup = (name: string, nodes: NodeChoices, capacity_type: string, zones: number) => ({
    cluster_name: 'aws_eks_cluster.name',
    node_group_name_prefix: `desafio-aws-prd-${name}-`,
    version: prd.cluster.version,
    release_version: prd.cluster.nodeRelease,
    ami_type: 'AL2023_ARM_64_STANDARD',
    capacity_type,
    instance_types: nodes.instanceTypes,
    scaling_config: { min_size: nodes.minimum, desired_size: nodes.desired, max_size: nodes.maximum },
    subnet_ids: three('aws_subnet.id').slice(0, zones),
    node_role_arn: 'aws_iam_role.arn',
    launch_template: { id: 'aws_launch_template.id', version: 'aws_launch_template.latest_version' },
    update_config: { max_unavailable: 1 },
    node_repair_config: { enabled: true },
    // The autoscaler changes the desired number.
    lifecycle: { create_before_destroy: true, ignore_changes: ['scaling_config[0].desired_size'] },
  });

  test('the node groups', () => {
    const { baseNodes, nodes, storageNodes } = prd.cluster;
    expect(whole(production, 'aws_eks_node_group')).toEqual([
      ...(baseNodes ? [ofGroup('base', baseNodes, 'ON_DEMAND', 2)] : []),
      {
        ...ofGroup('spot', nodes, 'SPOT', 1),
        taint: [{ key: 'capacity', value: 'spot', effect: 'PREFER_NO_SCHEDULE' }],
      },
      {
        ...ofGroup('storage', storageNodes, 'ON_DEMAND', 1),
        labels: { workload: 'storage' },
        taint: [{ key: 'workload', value: 'storage', effect: 'NO_SCHEDULE' }],
      },
    ]);
  });

  test.each([
    ['prd', production, prd],
    ['dev', cheapest, dev],
  ] as const)('the control plane of %s', (name, stack, { cluster, protected: isProtected }) => {
    expect(whole(stack, 'aws_eks_cluster')).toEqual([
      {
        name: `desafio-aws-${name}`,
        version: cluster.version,
        role_arn: 'aws_iam_role.arn',
        access_config: { authentication_mode: 'API', bootstrap_cluster_creator_admin_permissions: false },
        upgrade_policy: { support_type: 'STANDARD' },
        bootstrap_self_managed_addons: false,
        deletion_protection: isProtected,
        enabled_cluster_log_types: cluster.logTypes,
        encryption_config: { provider: { key_arn: 'aws_kms_key.arn' }, resources: ['secrets'] },
        vpc_config: {
          subnet_ids: three('aws_subnet.id'),
          endpoint_private_access: true,
          endpoint_public_access: false,
        },
      },
    ]);
  });

  test('a node joins the cluster, keeps its credentials from pods, and leaves no volume behind', () => {
    const templates = whole(production, 'aws_launch_template').filter(({ name }) => !/-nat-/.test(name));
    expect(templates).toHaveLength(whole(production, 'aws_eks_node_group').length);
    for (const { name, tag_specifications, ...template } of templates) {
      expect(template).toEqual({
        update_default_version: true,
        block_device_mappings: [
          {
            device_name: '/dev/xvda',
            ebs: { volume_size: 20, volume_type: 'gp3', encrypted: 'true', delete_on_termination: 'true' },
          },
        ],
        metadata_options: { http_endpoint: 'enabled', http_tokens: 'required', http_put_response_hop_limit: 1 },
      });
    }
  });

  test("every chart's values but SigNoz's", () => {
    const onePerNode = (name: string) => [
      {
        topologyKey: 'kubernetes.io/hostname',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        nodeTaintsPolicy: 'Honor',
        labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
        matchLabelKeys: ['pod-template-hash'],
      },
    ];
    const resources = (cpu: string, memory: string, limit: string) => ({
      requests: { cpu, memory },
      limits: { memory: limit },
    });
    const unprivileged = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    };
    const found = whole(production, 'helm_release').map(({ name, values }) => [name, JSON.parse(values[0])]);
    const { signoz, ...values } = Object.fromEntries(found);
    expect(signoz).toBeDefined();
    expect(values).toEqual({
      'aws-load-balancer-controller': {
        clusterName: 'aws_eks_cluster.name',
        region: 'sa-east-1',
        vpcId: 'aws_vpc.id',
        serviceAccount: { name: 'aws-load-balancer-controller' },
        replicaCount: 2,
        podDisruptionBudget: { maxUnavailable: 1 },
        topologySpreadConstraints: onePerNode('aws-load-balancer-controller'),
        resources: resources('50m', '128Mi', '256Mi'),
        keepTLSSecret: true,
        podMutatorWebhookConfig: { failurePolicy: 'Fail' },
        objectSelector: {
          matchExpressions: [
            { key: 'app.kubernetes.io/name', operator: 'In', values: applications.map(({ name }) => name) },
          ],
        },
        enableServiceMutatorWebhook: false,
        enableBackendSecurityGroup: false,
        enableShield: false,
        enableWaf: false,
        enableWafv2: false,
        createIngressClassResource: false,
        ingressClassParams: { create: false },
        controllerConfig: {
          featureGates: { EnableServiceController: false, ALBGatewayAPI: false, NLBGatewayAPI: false },
        },
      },
      'cluster-autoscaler': {
        fullnameOverride: 'cluster-autoscaler',
        image: { tag: expect.stringMatching(/^v\d/) },
        autoDiscovery: { clusterName: 'aws_eks_cluster.name' },
        awsRegion: 'sa-east-1',
        rbac: { serviceAccount: { name: 'cluster-autoscaler' } },
        expanderPriorities: { 20: ['.*-spot-.*'], 10: ['.*'] },
        extraArgs: {
          expander: 'priority,least-waste',
          'max-node-provision-time': `${prd.cluster.nodeProvisionMinutes}m0s`,
          'balance-similar-node-groups': true,
          'skip-nodes-with-local-storage': false,
          'skip-nodes-with-system-pods': false,
        },
        resources: resources('50m', '128Mi', '512Mi'),
        securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
        containerSecurityContext: unprivileged,
      },
      'metrics-server': {
        replicas: 2,
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        topologySpreadConstraints: onePerNode('metrics-server'),
        resources: resources('50m', '100Mi', '200Mi'),
      },
      'k8s-infra': {
        global: { clusterName: 'aws_eks_cluster.name', deploymentEnvironment: 'prd' },
        otelCollectorEndpoint: 'http://signoz-otel-collector.observability.svc.cluster.local:4318',
        otelInsecure: true,
        presets: {
          hostMetrics: { rootPath: '', scrapers: { network: null } },
          logsCollection: {
            blacklist: { signozLogs: false, namespaces: ['observability'], pods: [] },
            operators: [
              { id: 'container-parser', type: 'container' },
              expect.objectContaining({ id: 'trace-parser', type: 'json_parser' }),
            ],
          },
          prometheus: { enabled: true, namespaces: ['calculator'] },
        },
        otelAgent: {
          priorityClassName: 'system-node-critical',
          ports: Object.fromEntries(
            ['otlp', 'otlp-http', 'metrics', 'health-check'].map((port) => [port, { hostPort: null }]),
          ),
          securityContext: { runAsUser: 0, runAsGroup: 0, ...unprivileged },
          resources: { limits: { memory: '256Mi' } },
        },
        otelDeployment: { resources: { limits: { memory: '256Mi' } } },
      },
      'signoz-binding': {
        targetGroupName: 'aws_lb_target_group.name',
        vpcId: 'aws_vpc.id',
        service: { name: 'signoz', port: 8080 },
      },
      'signoz-maintenance': {
        url: 'http://signoz:8080',
        retentionDays: prd.observability.retentionDays,
        organisation: expect.stringMatching(/^[\da-f-]{36}$/),
        rootSecret: 'signoz-secret-1',
        definitions: { configMap: 'signoz-definitions', hash: expect.stringContaining('sha256(jsonencode(') },
        images: { retention: expect.stringMatching(/signoz:v/) },
      },
    });
  });

  test('the add-ons, of which the first enforces network policies and gives a node addresses for more pods', () => {
    const onePerNode = {
      topologyKey: 'kubernetes.io/hostname',
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule',
      nodeTaintsPolicy: 'Honor',
      labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      matchLabelKeys: ['pod-template-hash'],
    };
    const configuration: Record<string, object> = {
      'vpc-cni': {
        enableNetworkPolicy: 'true',
        env: { ENABLE_PREFIX_DELEGATION: 'true', MINIMUM_IP_TARGET: '12', WARM_IP_TARGET: '2' },
      },
      coredns: { topologySpreadConstraints: [onePerNode] },
      'aws-ebs-csi-driver': { controller: { extraVolumeTags: expect.objectContaining({ environment: 'prd' }) } },
    };
    const found = whole(production, 'aws_eks_addon');
    expect(found).toHaveLength(Object.keys(prd.cluster.addons).length);
    for (const { addon_name, addon_version, configuration_values, ...addon } of found) {
      expect(configuration_values && JSON.parse(configuration_values)).toEqual(configuration[addon_name]);
      expect(addon).toEqual({
        cluster_name: 'aws_eks_cluster.name',
        resolve_conflicts_on_create: 'OVERWRITE',
        resolve_conflicts_on_update: 'OVERWRITE',
      });
    }
  });

  test('a volume is created in the zone of its pod, and deleted with its claim', () => {
    expect(whole(production, 'kubernetes_storage_class_v1')).toEqual([
      {
        metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        storage_provisioner: 'ebs.csi.aws.com',
        parameters: { type: 'gp3', encrypted: 'true' },
        volume_binding_mode: 'WaitForFirstConsumer',
        allow_volume_expansion: true,
        reclaim_policy: 'Delete',
      },
    ]);
  });

  test('the namespaces, with their standards and limits', () => {
    const standards = (enforce: string, warn: string) => ({
      'pod-security.kubernetes.io/enforce': enforce,
      'pod-security.kubernetes.io/warn': warn,
      'pod-security.kubernetes.io/audit': warn,
    });
    expect(whole(production, 'kubernetes_namespace_v1')).toEqual([
      {
        metadata: {
          name: 'calculator',
          labels: {
            ...standards('restricted', 'restricted'),
            'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
          },
        },
        timeouts: { delete: '15m' },
      },
      {
        metadata: { name: 'observability', labels: standards('privileged', 'baseline') },
        timeouts: { delete: '15m' },
      },
    ]);
  });

  test('the applications can use no more than their share', () => {
    const metadata = { name: 'applications', namespace: 'calculator' };
    expect(whole(production, 'kubernetes_resource_quota_v1')).toEqual([
      {
        metadata,
        spec: {
          hard: {
            pods: '40',
            'requests.cpu': '6',
            'requests.memory': '8Gi',
            'limits.memory': '16Gi',
            'services.loadbalancers': '0',
            'services.nodeports': '0',
            persistentvolumeclaims: '0',
          },
        },
      },
    ]);
    expect(whole(production, 'kubernetes_limit_range_v1')).toEqual([
      {
        metadata,
        spec: {
          limit: [
            {
              type: 'Container',
              default_request: { cpu: '50m', memory: '64Mi' },
              default: { memory: '256Mi' },
              max: { memory: '1Gi' },
            },
          ],
        },
      },
    ]);
  });

  test('the network policies: who reaches whom, on which ports', () => {
    const blocks = (start: number) => [0, 1, 2].map((zone) => ({ ip_block: { cidr: `192.168.${start + zone}.0/24` } }));
    const namespace = (name: string, pods: object = {}) => ({
      namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': name } },
      pod_selector: pods,
    });
    const tcp = (...ports: number[]) => ports.map((port) => ({ port: String(port), protocol: 'TCP' }));
    const pods = (name: string) => ({ match_labels: { 'app.kubernetes.io/name': name } });
    const internet = {
      cidr: '0.0.0.0/0',
      except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
    };
    const allButDatabase = {
      to: [{ ip_block: { cidr: '0.0.0.0/0', except: ['192.168.201.0/24', '192.168.202.0/24', '192.168.203.0/24'] } }],
    };
    const both = ['Ingress', 'Egress'];
    const denial = { pod_selector: {}, policy_types: both };
    const dns = {
      pod_selector: {},
      policy_types: ['Egress'],
      egress: [
        {
          to: [namespace('kube-system', { match_labels: { 'k8s-app': 'kube-dns' } })],
          ports: [{ port: '53', protocol: 'UDP' }, ...tcp(53)],
        },
      ],
    };
    const database = (name: string) => ({
      pod_selector: pods(name),
      policy_types: ['Egress'],
      egress: [
        { to: blocks(201), ports: tcp(3306) },
        { to: [{ ip_block: internet }], ports: tcp(443) },
        { to: [{ ip_block: { cidr: '169.254.170.23/32' } }], ports: tcp(80) },
      ],
    });
    const application = (name: string, port: number) => ({
      pod_selector: pods(name),
      policy_types: both,
      ingress: [{ from: [...blocks(1), namespace('observability')], ports: tcp(port) }],
      egress: [{ to: [namespace('observability')], ports: tcp(4317, 4318) }],
    });
    const found = whole(production, 'kubernetes_network_policy_v1').map(({ metadata, spec }) => [
      `${metadata.namespace} ${metadata.name}`,
      spec,
    ]);
    expect(Object.fromEntries(found)).toEqual({
      ...Object.fromEntries(
        ['default', 'kube-node-lease', 'kube-public'].map((name) => [
          `${name} no-egress`,
          { pod_selector: {}, policy_types: ['Egress'] },
        ]),
      ),
      'kube-system all-but-database': { pod_selector: {}, policy_types: ['Egress'], egress: [allButDatabase] },
      'calculator default-deny': denial,
      'calculator dns': dns,
      'calculator infra-calculadora-api': application('calculadora-api', 7000),
      'calculator infra-calculadora-api-database': database('calculadora-api'),
      'calculator infra-calculadora-api-migration-database': database('calculadora-api-migration'),
      'calculator infra-magic-calculator': application('magic-calculator', 5000),
      'observability default-deny': denial,
      'observability dns': dns,
      'observability infra-observability': {
        pod_selector: {},
        policy_types: both,
        ingress: [
          { from: [{ pod_selector: {} }] },
          { from: [namespace('calculator')], ports: tcp(4317, 4318) },
          { from: blocks(1), ports: tcp(8080) },
        ],
        egress: [allButDatabase],
      },
    });
  });
});

describe('alerting', () => {
  test.each([
    ['prd', production, prd],
    ['dev', cheapest, dev],
  ] as const)('the budget of %s counts that environment', (name, stack, { costs }) => {
    const notification = (notification_type: string, threshold: number) => ({
      notification_type,
      threshold,
      threshold_type: 'PERCENTAGE',
      comparison_operator: 'GREATER_THAN',
      subscriber_sns_topic_arns: ['aws_sns_topic_policy.arn'],
    });
    expect(whole(stack, 'aws_budgets_budget')).toEqual([
      {
        name: `desafio-aws-${name}-monthly`,
        budget_type: 'COST',
        time_unit: 'MONTHLY',
        limit_amount: costs.monthlyBudget.toFixed(1),
        limit_unit: 'USD',
        cost_filter: [{ name: 'TagKeyValue', values: [`user:environment$${name}`] }],
        notification: [notification('FORECASTED', 80), notification('ACTUAL', 100)],
      },
    ]);
  });

  test('a deployment at night enables no alarm, and every alarm is silent at night', () => {
    const alarms = cheapest.some('aws_cloudwatch_metric_alarm');
    for (const { lifecycle } of alarms) expect(lifecycle).toEqual({ ignore_changes: ['actions_enabled'] });
    const names = alarms.map(({ alarm_name }) => alarm_name).toSorted();
    const calls = whole(cheapest, 'aws_scheduler_schedule').map(({ target }) => [
      target.arn.split(':').at(-1),
      JSON.parse(target.input),
    ]);
    for (const [, input] of calls) input.AlarmNames?.sort();
    expect(Object.fromEntries(calls)).toEqual({
      disableAlarmActions: { AlarmNames: names },
      enableAlarmActions: { AlarmNames: names },
      stopDBInstance: { DbInstanceIdentifier: 'desafio-aws-dev-mysql' },
      startDBInstance: { DbInstanceIdentifier: 'desafio-aws-dev-mysql' },
    });
    for (const { flexible_time_window, target } of whole(cheapest, 'aws_scheduler_schedule')) {
      expect(flexible_time_window).toEqual({ mode: 'OFF' });
      expect(target.retry_policy).toEqual({ maximum_event_age_in_seconds: 600, maximum_retry_attempts: 5 });
    }
  });

  test('the status page', () => {
    const [bucket] = whole(production, 'aws_s3_bucket').filter(({ bucket_prefix }) => /status/.test(bucket_prefix));
    expect(bucket).toEqual({ bucket_prefix: 'desafio-aws-prd-status-', force_destroy: true });
    expect(whole(production, 'aws_cloudfront_origin_access_control')).toEqual([
      {
        name: 'desafio-aws-prd-status',
        description: expect.any(String),
        lifecycle: { create_before_destroy: true },
        origin_access_control_origin_type: 's3',
        signing_behavior: 'always',
        signing_protocol: 'sigv4',
      },
    ]);
    const file = (key: string, content_type: string) => ({
      bucket: 'aws_s3_bucket.bucket',
      key: `status${key}`,
      content_type,
      cache_control: 'no-cache',
      source: expect.stringContaining('assets/'),
      source_hash: expect.any(String),
    });
    const { source, source_hash, ...written } = file('/content.json', 'application/json');
    const byKey = whole(production, 'aws_s3_object').toSorted((one, other) => (one.key < other.key ? -1 : 1));
    expect(byKey).toEqual([
      file('', 'text/html; charset=utf-8'),
      file('/', 'text/html; charset=utf-8'),
      { ...written, content: expect.not.stringContaining('${') },
      file('/incidents.json', 'application/json'),
      file('/page.css', 'text/css'),
      file('/page.js', 'text/javascript'),
      file('/page.svg', 'image/svg+xml'),
    ]);
    const [{ environment, filename, source_code_hash, ...rest } = {}] = whole(production, 'aws_lambda_function').filter(
      ({ function_name }) => function_name === 'desafio-aws-prd-status',
    );
    expect([filename, source_code_hash]).not.toContain(undefined);
    expect(rest).toEqual({
      function_name: 'desafio-aws-prd-status',
      description: expect.any(String),
      role: 'aws_iam_role.arn',
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      memory_size: 256,
      timeout: 30,
    });
    expect(environment.variables).toEqual({
      ALARM_REGIONS: 'sa-east-1,us-east-1',
      BUCKET: 'aws_s3_bucket.bucket',
      CHECKS: expect.any(String),
      KEY: 'status/figures.json',
      TIME_ZONE: 'America/Sao_Paulo',
    });
    const alarm = (application: string, kind: string) => `desafio-aws-prd-${application}-${kind}`;
    const ofApplication = (name: string) => ({
      outage: [alarm(name, 'unreachable')],
      warnings: [
        ...['errors', 'slow', 'down'].map((kind) => alarm(name, kind)),
        'desafio-aws-prd-edge-errors',
        'desafio-aws-prd-load-balancer-errors',
      ],
    });
    expect(JSON.parse(environment.variables.CHECKS)).toEqual({
      'magic-calculator': ofApplication('magic-calculator'),
      'calculadora-api': ofApplication('calculadora-api'),
      database: { outage: [], warnings: ['desafio-aws-prd-database-cpu'], database: 'desafio-aws-prd-mysql' },
    });
  });

  test('the notices of AWS Health become one sentence', () => {
    const rules = whole(production, 'aws_cloudwatch_event_rule');
    expect(rules.filter(({ event_pattern }) => event_pattern)).toEqual([
      {
        name: 'desafio-aws-prd-aws-notices',
        description: expect.any(String),
        event_pattern: '{"source":["aws.health"]}',
      },
    ]);
    const targets = whole(production, 'aws_cloudwatch_event_target');
    expect(targets.filter(({ input_transformer }) => input_transformer)).toEqual([
      {
        rule: 'aws_cloudwatch_event_rule.name',
        arn: 'aws_sns_topic_policy.arn',
        input_transformer: {
          input_paths: { service: '$.detail.service', code: '$.detail.eventTypeCode', start: '$.detail.startTime' },
          input_template: expect.stringMatching(/^".*<service>.*<code>.*<start>.*"$/),
        },
      },
    ]);
  });

  test('every key rotates, and can be restored for a week', () => {
    const keys = whole(production, 'aws_kms_key');
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(key).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 7 });
  });

  test('the health checks ask from three continents, and give up after three failures', () => {
    expect(whole(production, 'aws_route53_health_check')).toEqual(
      applications.map(({ healthPath, name }) => ({
        type: 'HTTPS',
        fqdn: 'app.example.com',
        port: 443,
        enable_sni: true,
        resource_path: healthPath,
        request_interval: 30,
        failure_threshold: 3,
        regions: ['us-east-1', 'sa-east-1', 'eu-west-1'],
        tags: { Name: `desafio-aws-prd-${name}` },
      })),
    );
  });
});

describe('Terraform', () => {
  test('refuses credentials of another account, in each region', () => {
    const tags = { project: 'desafio-aws', environment: 'prd', owner: 'desafio-aws', 'managed-by': 'cdktf' };
    const common = { allowed_account_ids: ['123456789012'], default_tags: [{ tags }] };
    expect(production.terraform.provider.aws).toEqual([
      { ...common, region: 'sa-east-1' },
      { ...common, region: 'us-east-1', alias: 'global' },
    ]);
  });

  test.each([
    ['prd', production],
    ['dev', cheapest],
  ] as const)('refuses any workspace but %s in its stack', (name, stack) => {
    expect(stack.terraform.variable).toEqual({
      workspace: {
        type: 'string',
        default: name,
        description: expect.any(String),
        validation: [
          {
            condition: `\${var.workspace == "${name}" && terraform.workspace == "${name}"}`,
            error_message: expect.stringContaining(`Select the workspace ${name} first.`),
          },
        ],
      },
    });
  });
});

describe('bootstrap', () => {
  test('only the tag latest of an image can move, and enough images are kept for a rollback', () => {
    const repositories = whole(bootstrap, 'aws_ecr_repository');
    expect(repositories).toEqual(
      applications.map(({ name }) => ({
        name,
        image_tag_mutability: 'IMMUTABLE_WITH_EXCLUSION',
        image_tag_mutability_exclusion_filter: [{ filter: 'latest', filter_type: 'WILDCARD' }],
        image_scanning_configuration: { scan_on_push: true },
        encryption_configuration: [{ encryption_type: 'AES256' }],
      })),
    );
    const policies = whole(bootstrap, 'aws_ecr_lifecycle_policy');
    expect(policies).toHaveLength(repositories.length);
    const rule = (rulePriority: number, selection: object) => ({
      rulePriority,
      description: expect.any(String),
      selection: { ...selection, countType: 'imageCountMoreThan', countNumber: 30 },
      action: { type: 'expire' },
    });
    for (const { policy } of policies) {
      expect(JSON.parse(policy).rules).toEqual([
        rule(1, { tagStatus: 'tagged', tagPrefixList: ['prd-'] }),
        rule(2, { tagStatus: 'any' }),
      ]);
    }
  });

  test('the state bucket refuses every request without TLS, to itself and to its objects', () => {
    const [{ policy } = { policy: 'null' }, ...others] = whole(bootstrap, 'aws_s3_bucket_policy');
    expect(others).toEqual([]);
    expect(JSON.parse(policy).Statement).toEqual([
      {
        Effect: 'Deny',
        Action: ['s3:*'],
        Resource: ['aws_s3_bucket.arn', 'aws_s3_bucket.arn/*'],
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  test("a workflow's session lasts for a whole deployment", () => {
    for (const { max_session_duration } of bootstrap.some('aws_iam_role')) expect(max_session_duration).toBe(7200);
  });

  test('an overwritten state can be restored for 90 days', () => {
    expect(whole(bootstrap, 'aws_s3_bucket_lifecycle_configuration')).toEqual([
      {
        bucket: 'aws_s3_bucket.id',
        rule: [
          {
            id: 'old-versions',
            status: 'Enabled',
            filter: [{ prefix: '' }],
            noncurrent_version_expiration: [{ noncurrent_days: 90 }],
            abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
          },
        ],
      },
    ]);
  });
});
