/** What is attached to what, in whole stacks: constructs that work alone must also be connected. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  bootstrapStateKey,
  deployersGroup,
  drillersGroup,
  infrastructureTeam,
  names as namesOf,
  plannersGroup,
  stateKey,
} from 'platform';
import { applications } from 'platform/applications';
import { signozPage } from '../constructs/observability/signoz.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { github } from './support/choices.ts';
import { type Block, type Synthesised, synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const domain = { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } };
type Choice = readonly [title: string, name: 'dev' | 'prd', changes: NonNullable<Parameters<typeof synthesise>[1]>];
const choices: Choice[] = [
  ['dev', 'dev', {}],
  ['dev with a custom domain', 'dev', { settings: { domain } }],
  ['dev in another region', 'dev', { settings: { region: 'sa-east-1' } }],
  [
    'dev with a NAT gateway, a runner and an on-demand node for SigNoz, awake at night',
    'dev',
    {
      environment: {
        network: { ...dev.network, nat: 'single' },
        cluster: { ...dev.cluster, sleepsAtNight: false, storageCapacity: 'on-demand' },
        runner: true,
      },
      settings: { github },
    },
  ],
  ['prd', 'prd', {}],
  [
    'prd with a NAT instance per zone',
    'prd',
    { environment: { network: { ...prd.network, nat: 'instance-per-zone' } } },
  ],
  ['prd with a custom domain', 'prd', { settings: { domain } }],
  ['prd with a custom domain in another region', 'prd', { settings: { domain, region: 'sa-east-1' } }],
];

describe.each(choices)('%s', (_, name, changes) => {
  const names = namesOf(name);
  const hasDomain = changes.settings?.domain !== undefined;
  const isElsewhere = changes.settings?.region !== undefined;
  let stack: Synthesised;
  beforeAll(() => {
    stack = synthesise(name, changes);
  });
  const some = (type: string) => stack.some(type);
  const rotation = () => stack.one('aws_lambda_function', 'database-logins');
  const distribution = (id: string) => stack.one('aws_cloudfront_distribution', `edge_${id}_`);

  /** The tier of a subnet, by its address: the test must not trust the name of a Terraform resource. */
  const tierOf = (subnet: unknown) => {
    const third = Number(stack.target(subnet).cidr_block.split('.')[2]);
    return third > 200 ? 'database' : third > 100 ? 'public' : 'private';
  };
  const tiersOf = (subnets: readonly unknown[]) => {
    expect(new Set(subnets).size).toBe(subnets.length);
    return subnets.map(tierOf);
  };
  const three = (tier: string) => [tier, tier, tier];

  describe('network', () => {
    test('the database is in the three database subnets, which have no route table of their own', () => {
      const group = stack.target(stack.one('aws_db_instance').db_subnet_group_name);
      expect(group.address).toMatch(/^aws_db_subnet_group\./);
      expect(tiersOf(group.subnet_ids)).toEqual(three('database'));
      const routed = some('aws_route_table_association').map(({ subnet_id }) => tierOf(subnet_id));
      expect(routed.toSorted()).toEqual([...three('private'), ...three('public')]);
    });

    test('the load balancer, control plane, nodes and rotation function are in private subnets', () => {
      expect(tiersOf(stack.one('aws_lb').subnets)).toEqual(three('private'));
      expect(tiersOf(stack.one('aws_eks_cluster').vpc_config.subnet_ids)).toEqual(three('private'));
      expect(tiersOf(stack.one('aws_lambda_function', 'database-logins').vpc_config.subnet_ids)).toEqual(
        three('private'),
      );
      for (const { subnet_ids } of some('aws_eks_node_group')) {
        expect(new Set(tiersOf(subnet_ids))).toEqual(new Set(['private']));
      }
    });

    test('public subnets lead to the internet gateway, and each private one to NAT in a public one', () => {
      for (const { route_table_id, subnet_id } of some('aws_route_table_association')) {
        const route = some('aws_route').find((each) => each.route_table_id === route_table_id);
        expect(route?.destination_cidr_block).toBe('0.0.0.0/0');
        if (tierOf(subnet_id) === 'public') {
          expect(stack.target(route?.gateway_id).address).toMatch(/^aws_internet_gateway\./);
        } else {
          const target = stack.target(route?.nat_gateway_id ?? route?.network_interface_id);
          expect(tierOf(target.subnet_id)).toBe('public');
        }
      }
    });

    test('everything is in the one VPC', () => {
      const vpc = `\${${stack.one('aws_vpc').address}.id}`;
      for (const type of ['aws_subnet', 'aws_security_group', 'aws_lb_target_group', 'aws_route_table']) {
        for (const { vpc_id } of some(type)) expect(vpc_id).toBe(vpc);
      }
      expect(stack.one('aws_route53_zone', 'dns_').vpc).toEqual([{ vpc_id: vpc }]);
    });

    test('each security group is attached to the resource that it is for', () => {
      const attached = [
        ...stack.one('aws_db_instance').vpc_security_group_ids,
        ...stack.one('aws_lb').security_groups,
        ...stack.one('aws_lambda_function', 'database-logins').vpc_config.security_group_ids,
        ...stack.all('aws_codebuild_project').flatMap(({ vpc_config }) => vpc_config.security_group_ids),
      ].map((id) => stack.target(id).name_prefix);
      expect(attached).toEqual([
        `${names.prefix}-mysql-`,
        `${names.loadBalancer}-`,
        `${names.prefix}-database-logins-`,
        ...(changes.environment?.runner ? [`${names.runner}-`] : []),
      ]);
      const ofNat = stack.all('aws_network_interface').flatMap((each) => each.security_groups.map(stack.target, stack));
      expect(some('aws_security_group')).toHaveLength(attached.length + Math.min(ofNat.length, 1));
    });

    test('each NAT instance takes its own interface, which forwards packets, and its own public address', () => {
      const { nat } = changes.environment?.network ?? { dev, prd }[name].network;
      const groups = stack.all('aws_autoscaling_group');
      expect(groups).toHaveLength(nat === 'instance' ? 1 : nat === 'instance-per-zone' ? 3 : 0);
      const interfaces = groups.map((group) => {
        expect([group.min_size, group.max_size, group.vpc_zone_identifier]).toEqual([1, 1, undefined]);
        const template = stack.target(group.launch_template.id);
        expect(group.launch_template.version).toContain(`${template.address}.latest_version`);
        const [{ network_interface_id }, ...others] = template.network_interfaces;
        expect(others).toEqual([]);
        const found = stack.target(network_interface_id);
        expect(found.source_dest_check).toBe(false);
        expect(group.availability_zones).toEqual([`\${${stack.target(found.subnet_id).address}.availability_zone}`]);
        const addresses = stack.all('aws_eip').filter((each) => each.network_interface === network_interface_id);
        expect(addresses).toHaveLength(1);
        expect(group.depends_on).toContain(addresses[0]?.address);
        const script = Buffer.from(template.user_data, 'base64').toString();
        expect(script).toContain(`--auto-scaling-group-name ${group.name} `);
        expect(script).toContain(`--lifecycle-hook-name ${group.initial_lifecycle_hook[0].name} `);
        const { role } = stack.target(template.iam_instance_profile.arn);
        const policies = some('aws_iam_role_policy').filter((policy) => policy.role === role);
        expect(JSON.parse(policies[0]?.policy).Statement).toEqual([
          {
            Effect: 'Allow',
            Action: ['autoscaling:CompleteLifecycleAction'],
            Resource: [expect.stringMatching(new RegExp(`autoScalingGroupName/${group.name}$`))],
          },
        ]);
        return found.address;
      });
      const routed = some('aws_route').flatMap((route) => route.network_interface_id ?? []);
      expect(routed).toHaveLength(groups.length > 0 ? 3 : 0);
      expect(new Set(routed.map((each) => stack.target(each).address))).toEqual(new Set(interfaces));
    });
  });

  describe('entrance', () => {
    test('both distributions forward every method to the load balancer through the VPC origin', () => {
      expect(some('aws_cloudfront_distribution')).toHaveLength(2);
      for (const { address: name, default_cache_behavior: behavior, origin } of some('aws_cloudfront_distribution')) {
        expect(behavior.allowed_methods.toSorted()).toEqual(
          ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'].toSorted(),
        );
        expect(origin).toHaveLength(name.includes('applications') ? 2 : 1);
        expect(behavior.target_origin_id).toBe(origin[0].origin_id);
        expect(stack.target(origin[0].domain_name)).toMatchObject({ name: names.loadBalancer });
        const { address, vpc_origin_endpoint_config } = stack.target(origin[0].vpc_origin_config.vpc_origin_id);
        expect(address).toMatch(/^aws_cloudfront_vpc_origin\./);
        expect(stack.target(vpc_origin_endpoint_config[0].arn).name).toBe(names.loadBalancer);
        expect(stack.target(behavior.response_headers_policy_id).security_headers_config).toBeDefined();
      }
    });

    test('the origin speaks the protocol and port of the listener', () => {
      const { port, protocol } = stack.one('aws_lb_listener');
      const [endpoint] = stack.one('aws_cloudfront_vpc_origin').vpc_origin_endpoint_config;
      const [wanted, policy] = hasDomain ? ['HTTPS', 'https-only'] : ['HTTP', 'http-only'];
      expect([protocol, endpoint.origin_protocol_policy]).toEqual([wanted, policy]);
      expect(port).toBe(hasDomain ? endpoint.https_port : endpoint.http_port);
      for (const side of ['from-cloudfront', 'from-nodes']) {
        const rule = stack.one('aws_vpc_security_group_ingress_rule', `load-balancer_${side}`);
        expect([rule.from_port, rule.to_port]).toEqual([port, port]);
      }
    });

    test('the firewall, where there is one, protects both distributions', () => {
      const acls = stack.all('aws_wafv2_web_acl').map(({ address }) => `\${${address}.arn}`);
      expect(acls).toHaveLength(name === 'prd' ? 1 : 0);
      for (const id of ['applications', 'signoz']) expect(distribution(id).web_acl_id).toBe(acls[0]);
    });

    test("the firewall's rules for the applications name the path of each", () => {
      if (name === 'dev') return;
      const rules = JSON.stringify(stack.one('aws_wafv2_web_acl').rule);
      for (const { path } of applications) expect(rules.split(`"search_string":"${path}"`)).toHaveLength(3);
    });

    test('no distribution keeps an error, which may be over a second later', () => {
      const cached = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];
      for (const { custom_error_response, default_cache_behavior } of some('aws_cloudfront_distribution')) {
        expect(custom_error_response).toEqual(cached.map((error_code) => ({ error_code, error_caching_min_ttl: 0 })));
        expect(default_cache_behavior.cache_policy_id).toContain('CachingDisabled');
      }
    });

    test('visitors in South America have edge locations there', () => {
      for (const { price_class } of some('aws_cloudfront_distribution')) expect(price_class).toBe('PriceClass_All');
    });

    test('browsers are told to use HTTPS for the host alone, and for a day', () => {
      for (const { security_headers_config } of some('aws_cloudfront_response_headers_policy')) {
        expect(security_headers_config.strict_transport_security).toEqual({
          access_control_max_age_sec: 86_400,
          include_subdomains: false,
          override: true,
        });
      }
    });

    test('no environment takes the zone itself, where it would decide for the rest of it', () => {
      const hosts = some('aws_cloudfront_distribution').flatMap(({ aliases = [] }) => aliases);
      const host = `${name === 'dev' ? 'dev' : 'app'}.example.com`;
      expect(hosts).toEqual(hasDomain ? [host, `signoz.${host}`] : []);
    });

    test('every listener rule has its own priority, and each target group exactly one rule', () => {
      const rules = some('aws_lb_listener_rule');
      expect(new Set(rules.map(({ priority }) => priority)).size).toBe(rules.length);
      const groups = rules.map(({ action }) => stack.target(action[0].target_group_arn).name);
      expect(groups.toSorted()).toEqual(
        [...applications.map((application) => application.name), 'signoz'].map(names.targetGroup).toSorted(),
      );
      for (const { listener_arn } of rules) expect(stack.target(listener_arn).port).toBe(hasDomain ? 443 : 80);
    });

    test("SigNoz's rule comes first and matches only the header that its own distribution sends", () => {
      const [first, ...others] = some('aws_lb_listener_rule').toSorted((one, other) => one.priority - other.priority);
      const header = first?.condition.flatMap(({ http_header }: Block) => http_header ?? []);
      expect(header).toEqual([{ http_header_name: 'X-Origin', values: ['signoz'] }]);
      expect(stack.target(first?.action[0].target_group_arn).name).toBe(names.targetGroup('signoz'));
      for (const { condition } of others) expect(condition).toEqual([{ path_pattern: expect.anything() }]);
      for (const id of ['applications', 'signoz']) {
        expect(distribution(id).origin[0].custom_header).toEqual([{ name: 'X-Origin', value: id }]);
      }
    });

    test('the load balancer can reach the port of each application and of SigNoz, and the nodes accept it', () => {
      const ports = [...applications, signozPage].map(({ port }) => port);
      expect(ports).toHaveLength(some('aws_lb_target_group').length);
      for (const port of ports) {
        const opens = (rule: Block) => rule.from_port === port && rule.to_port === port;
        const out = some('aws_vpc_security_group_egress_rule').find(opens);
        expect(stack.target(out?.security_group_id).name_prefix).toBe(`${names.loadBalancer}-`);
        expect(out?.referenced_security_group_id).toContain('cluster_security_group_id');
        const into = some('aws_vpc_security_group_ingress_rule').find(opens);
        expect(into?.security_group_id).toBe(out?.referenced_security_group_id);
        expect(into?.referenced_security_group_id).toBe(out?.security_group_id);
      }
    });

    test('access logs, where they are kept, come from the load balancer and the applications', () => {
      const [bucket] = stack.all('aws_s3_bucket').filter(({ address }) => address.includes('access-logs'));
      const { access_logs } = stack.one('aws_lb');
      if (name === 'dev') {
        expect([bucket, access_logs]).toEqual([undefined, undefined]);
        return;
      }
      const policy = stack.one('aws_s3_bucket_policy', 'access-logs');
      expect(stack.target(policy.bucket).address).toBe(bucket?.address);
      expect(access_logs).toMatchObject({ enabled: true, bucket: `\${${policy.address}.bucket}` });
      const writers: Block[] = JSON.parse(policy.policy).Statement;
      expect(writers.map(({ Resource }) => Resource[0])).toContainEqual(
        expect.stringContaining(`.arn}/${access_logs.prefix}/AWSLogs/`),
      );
      const delivery = stack.one('aws_cloudwatch_log_delivery');
      expect(stack.target(stack.target(delivery.delivery_source_name).resource_arn).address).toBe(
        distribution('applications').address,
      );
      const [{ destination_resource_arn }] = stack.target(
        delivery.delivery_destination_arn,
      ).delivery_destination_configuration;
      expect(stack.target(destination_resource_arn).address).toBe(bucket?.address);
    });
  });

  describe('status page', () => {
    test('CloudFront reads the page from its bucket, and nobody else does', () => {
      const page = distribution('applications');
      const origin = page.origin.find(({ origin_id }: Block) => origin_id === 'files');
      const bucket = stack.one('aws_s3_bucket', 'status-page');
      expect(stack.target(origin.domain_name).address).toBe(bucket.address);
      expect(stack.target(origin.origin_access_control_id)).toMatchObject({
        origin_access_control_origin_type: 's3',
        signing_behavior: 'always',
      });
      const policy = stack.one('aws_s3_bucket_policy', 'status-page');
      expect(stack.target(policy.bucket).address).toBe(bucket.address);
      const allowed = JSON.parse(policy.policy).Statement.filter(({ Effect }: Block) => Effect === 'Allow');
      expect(allowed).toEqual([
        {
          Effect: 'Allow',
          Action: ['s3:GetObject'],
          Resource: [`\${${bucket.address}.arn}/*`],
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceArn': `\${${page.address}.arn}` } },
        },
      ]);
    });

    test('each path that CloudFront takes from the bucket has its file, or is written by the function', () => {
      const { ordered_cache_behavior } = distribution('applications');
      expect(ordered_cache_behavior.map(({ path_pattern }: Block) => path_pattern)).toEqual(['/status', '/status/*']);
      const keys = some('aws_s3_object').map(({ bucket, key }) => {
        expect(stack.target(bucket).address).toBe(stack.one('aws_s3_bucket', 'status-page').address);
        return key;
      });
      const { variables } = stack.one('aws_lambda_function', 'status-page').environment;
      expect([...keys, variables.KEY].toSorted()).toEqual([
        'status',
        'status/',
        'status/content.json',
        'status/figures.json',
        'status/incidents.json',
        'status/page.css',
        'status/page.js',
        'status/page.svg',
      ]);
      expect(stack.target(variables.BUCKET).address).toBe(stack.one('aws_s3_bucket', 'status-page').address);
    });

    test('the function runs every minute, asks for alarms of this stack, and finds them in the regions that it asks', () => {
      const writer = stack.one('aws_lambda_function', 'status-page');
      const rule = stack.one('aws_cloudwatch_event_rule', 'status-page');
      expect(rule.schedule_expression).toBe('rate(1 minute)');
      const target = stack.one('aws_cloudwatch_event_target', 'status-page');
      expect([stack.target(target.rule).address, stack.target(target.arn).address]).toEqual([
        rule.address,
        writer.address,
      ]);
      const permission = stack.one('aws_lambda_permission', 'status-page');
      expect(permission.principal).toBe('events.amazonaws.com');
      expect(stack.target(permission.source_arn).address).toBe(rule.address);
      expect(writer.vpc_config).toBeUndefined();

      const { ALARM_REGIONS, CHECKS } = writer.environment.variables;
      const alarms = new Map(some('aws_cloudwatch_metric_alarm').map((alarm) => [alarm.alarm_name, alarm]));
      const checks: Block[] = Object.values(JSON.parse(CHECKS));
      expect(Object.keys(JSON.parse(CHECKS))).toEqual(['magic-calculator', 'calculadora-api', 'database']);
      const names: string[] = checks.flatMap(({ outage, warnings }) => [...outage, ...warnings]);
      expect(names.length).toBeGreaterThan(10);
      for (const alarm of names) {
        expect([alarm, alarms.has(alarm)]).toEqual([alarm, true]);
        const region =
          alarms.get(alarm)?.provider === undefined ? (changes.settings?.region ?? 'us-east-1') : 'us-east-1';
        expect(ALARM_REGIONS.split(',')).toContain(region);
      }
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
      expect(JSON.stringify(writer.environment.variables).length).toBeLessThan(4096);
      const content = JSON.parse(stack.one('aws_s3_object', 'content').content);
      expect(content.parts.map(({ id }: Block) => id)).toEqual(Object.keys(JSON.parse(CHECKS)));
      for (const [index, { outage, warnings }] of checks.entries())
        expect(Object.keys(content.parts[index].notices)).toEqual([...outage, ...warnings]);
    });
  });

  describe('names', () => {
    test('private names lead to the database and the load balancer', () => {
      const zone = `\${${stack.one('aws_route53_zone', 'dns_').address}.zone_id}`;
      const targets = some('aws_route53_record')
        .filter(({ zone_id }) => zone_id === zone)
        .map((record) => [record.name, stack.target(record.records[0]).address.split('.')[0]]);
      expect(Object.fromEntries(targets)).toEqual({
        [names.databaseRecord]: 'aws_db_instance',
        ...Object.fromEntries(applications.map((each) => [names.applicationRecord(each.name), 'aws_lb'])),
      });
    });

    test('each alias of a distribution points to it, for IPv4 and IPv6', () => {
      const pointers = stack
        .all('aws_route53_record')
        .filter(({ alias }) => alias)
        .map((record) => {
          expect(record.zone_id).toContain('data.aws_route53_zone.');
          expect(record.alias.zone_id).toBe(record.alias.name.replace('.domain_name}', '.hosted_zone_id}'));
          return `${record.type} ${record.name} ${stack.target(record.alias.name).address}`;
        });
      const wanted = some('aws_cloudfront_distribution').flatMap(({ address, aliases = [] }) =>
        aliases.flatMap((alias: string) => ['A', 'AAAA'].map((type) => `${type} ${alias} ${address}`)),
      );
      expect(wanted).toHaveLength(hasDomain ? 4 : 0);
      expect(pointers.toSorted()).toEqual(wanted.toSorted());
    });

    test('each certificate has the name that it serves, in the region that it serves', () => {
      const certificateOf = (validated: unknown) => {
        const validation = stack.target(validated);
        const certificate = stack.target(validation.certificate_arn);
        expect(certificate.provider).toBe(validation.provider);
        const [proof] = validation.validation_record_fqdns;
        expect(stack.target(proof).records).toHaveLength(1);
        return [certificate.domain_name, certificate.provider];
      };
      if (!hasDomain) {
        expect(stack.types).not.toContain('aws_acm_certificate');
        for (const { viewer_certificate } of some('aws_cloudfront_distribution')) {
          expect(viewer_certificate).toEqual({ cloudfront_default_certificate: true });
        }
        return;
      }
      const [global, regional] = isElsewhere ? ['aws.global', undefined] : ['aws', 'aws'];
      for (const { aliases, viewer_certificate } of some('aws_cloudfront_distribution')) {
        expect(certificateOf(viewer_certificate.acm_certificate_arn)).toEqual([aliases[0], global]);
      }
      const ofBalancer = [stack.one('aws_lb_listener'), stack.one('aws_lb_listener_certificate')];
      expect(ofBalancer.map(({ certificate_arn }) => certificateOf(certificate_arn))).toEqual([
        [distribution('applications').aliases[0], regional],
        [distribution('signoz').aliases[0], regional],
      ]);
    });
  });

  describe('roles', () => {
    test('every role has the permissions boundary of the environment', () => {
      for (const { permissions_boundary } of some('aws_iam_role')) {
        expect(permissions_boundary).toMatch(new RegExp(`:policy/${names.boundary}$`));
      }
    });

    test('each role trusts exactly the service of the resource that has it', () => {
      const services: Record<string, string> = {
        aws_codebuild_project: 'codebuild',
        aws_eks_cluster: 'eks',
        aws_eks_node_group: 'ec2',
        aws_eks_pod_identity_association: 'pods.eks',
        aws_flow_log: 'vpc-flow-logs',
        aws_iam_instance_profile: 'ec2',
        aws_lambda_function: 'lambda',
        aws_scheduler_schedule: 'scheduler',
      };
      const users = stack.types.flatMap(some);
      for (const { address, assume_role_policy } of some('aws_iam_role')) {
        const isUser = ({ address: user }: Block) => Object.keys(services).some((type) => user.startsWith(`${type}.`));
        const [user] = users.filter((block) => isUser(block) && JSON.stringify(block).includes(`\${${address}.`));
        const [type = ''] = user?.address.split('.') ?? [];
        const [{ Principal }] = JSON.parse(assume_role_policy).Statement;
        expect([address, Principal]).toEqual([address, { Service: `${services[type]}.amazonaws.com` }]);
      }
    });

    test('the apply role administers the cluster, and the plan, deploy and drill roles have a Kubernetes group each', () => {
      const granted = some('aws_eks_access_policy_association').map(({ policy_arn, principal_arn }) => [
        principal_arn.split('/').at(-1),
        policy_arn.split('/').at(-1),
      ]);
      expect(Object.fromEntries(granted)).toEqual({ [names.role('apply')]: 'AmazonEKSClusterAdminPolicy' });
      const groups = some('aws_eks_access_entry').flatMap(({ kubernetes_groups, principal_arn }) =>
        kubernetes_groups ? [[principal_arn.split('/').at(-1), kubernetes_groups]] : [],
      );
      expect(Object.fromEntries(groups)).toEqual({
        [names.role('plan')]: [plannersGroup],
        [names.role('deploy')]: [deployersGroup],
        [names.role('drill')]: [drillersGroup],
      });
    });
  });

  describe("what AWS creates without our tags has the environment's tag, by which the other environment is denied", () => {
    test("the cluster's security group", () => {
      const { key, resource_id, value } = stack.one('aws_ec2_tag');
      expect([key, value]).toEqual(['environment', name]);
      expect(stack.target(resource_id).address).toBe(stack.one('aws_eks_cluster').address);
      expect(resource_id).toContain('cluster_security_group_id');
    });

    test('the Auto Scaling group of each node group', () => {
      const tagged = some('aws_autoscaling_group_tag').map(({ autoscaling_group_name, tag }) => {
        expect(tag).toMatchObject({ key: 'environment', value: name });
        return stack.target(autoscaling_group_name).address;
      });
      expect(tagged.toSorted()).toEqual(
        some('aws_eks_node_group')
          .map(({ address }) => address)
          .toSorted(),
      );
    });

    test('the volumes of pods, and the instances and volumes of nodes', () => {
      const driver = JSON.parse(stack.one('aws_eks_addon', 'aws-ebs-csi-driver').configuration_values);
      expect(driver.controller.extraVolumeTags).toMatchObject({ environment: name });
      const byGroup = stack
        .all('aws_autoscaling_group')
        .map(({ launch_template }) => stack.target(launch_template.id).address);
      for (const { address, tag_specifications } of some('aws_launch_template')) {
        const tagged = tag_specifications.map(({ resource_type }: Block) => resource_type);
        // An Auto Scaling group of ours tags its instances itself.
        expect(tagged).toEqual(expect.arrayContaining(byGroup.includes(address) ? ['volume'] : ['instance', 'volume']));
        for (const { tags } of tag_specifications) expect(tags).toMatchObject({ environment: name });
      }
      for (const { tag } of stack.all('aws_autoscaling_group')) {
        expect(tag).toContainEqual({ key: 'environment', value: name, propagate_at_launch: true });
      }
    });
  });

  describe('data', () => {
    test('MySQL accepts only TLS, by a parameter group that the database uses', () => {
      const instance = stack.one('aws_db_instance');
      const { address, family, parameter } = stack.target(instance.parameter_group_name);
      expect(address).toMatch(/^aws_db_parameter_group\./);
      expect(family).toBe(`${instance.engine}${instance.engine_version}`);
      expect(parameter).toContainEqual({ name: 'require_secure_transport', value: '1' });
    });

    test("Kubernetes' secrets are encrypted with a key of the account that rotates", () => {
      const { provider, resources } = stack.one('aws_eks_cluster').encryption_config;
      expect(resources).toEqual(['secrets']);
      expect(stack.target(provider.key_arn)).toMatchObject({ enable_key_rotation: true });
    });

    test('every database login is rotated by the function, which Secrets Manager may call', () => {
      const rotated = some('aws_secretsmanager_secret_rotation').map(({ rotation_lambda_arn, secret_id }) => {
        expect(stack.target(rotation_lambda_arn).address).toBe(rotation().address);
        return stack.target(secret_id).address;
      });
      expect(rotated.toSorted()).toEqual(
        some('aws_secretsmanager_secret')
          .map(({ address }) => address)
          .toSorted(),
      );
      const permission = stack.one('aws_lambda_permission', 'database-logins');
      expect(permission).toMatchObject({ principal: 'secretsmanager.amazonaws.com', action: 'lambda:InvokeFunction' });
      expect(stack.target(permission.function_name).address).toBe(rotation().address);
    });

    test('the state is in its own bucket, encrypted, and locked while it is written', () => {
      expect(stack.terraform.terraform.backend).toEqual({
        s3: expect.objectContaining({ key: stateKey, encrypt: true, use_lockfile: true }),
      });
    });
  });

  describe('alarms', () => {
    test('each alarm notifies the topic of its team, in the region of its metric', () => {
      for (const { alarm_actions, alarm_name, ok_actions, provider } of some('aws_cloudwatch_metric_alarm')) {
        const owner = applications.find((application) => alarm_name.startsWith(`${names.prefix}-${application.name}-`));
        expect(alarm_actions).toHaveLength(1);
        expect(ok_actions).toEqual(alarm_actions);
        const topic = stack.target(stack.target(alarm_actions[0]).arn);
        expect([alarm_name, topic.name, topic.provider]).toEqual([
          alarm_name,
          `${names.prefix}-${owner?.team ?? infrastructureTeam}`,
          provider,
        ]);
      }
    });

    test('the budget and the notices of AWS go to the infrastructure team', () => {
      const arns = [
        ...stack
          .one('aws_budgets_budget')
          .notification.flatMap(({ subscriber_sns_topic_arns }: Block) => subscriber_sns_topic_arns),
        stack.one('aws_cloudwatch_event_target', 'aws-notices').arn,
      ];
      expect(arns).toHaveLength(3);
      for (const arn of arns) {
        expect(stack.target(stack.target(arn).arn).name).toBe(`${names.prefix}-${infrastructureTeam}`);
      }
      const { address } = stack.target(stack.one('aws_cloudwatch_event_target', 'aws-notices').rule);
      expect(address).toBe(stack.one('aws_cloudwatch_event_rule', 'aws-notices').address);
    });

    test('every topic admits alarms, budgets and events, and so does the key that encrypts it', () => {
      const services = ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com', 'events.amazonaws.com'];
      const admitted = (policy: string, action: string) =>
        JSON.parse(policy)
          .Statement.filter(({ Action, Effect }: Block) => Effect === 'Allow' && Action.includes(action))
          .flatMap(({ Principal }: Block) => Principal.Service ?? []);
      for (const topic of some('aws_sns_topic')) {
        const policies = some('aws_sns_topic_policy').filter(({ arn }) => stack.target(arn).address === topic.address);
        expect(policies.flatMap(({ policy }) => admitted(policy, 'sns:Publish')).toSorted()).toEqual(services);
        const key = stack.target(topic.kms_master_key_id);
        expect(key.provider).toBe(topic.provider);
        for (const action of ['kms:Decrypt', 'kms:GenerateDataKey*']) {
          expect(admitted(key.policy, action).toSorted()).toEqual(services);
        }
      }
    });

    test('each metric is that of the resource of the stack', () => {
      const resourceOf: Record<string, string> = {
        AutoScalingGroupName: 'aws_(eks_node|autoscaling)_group',
        ClusterName: 'aws_eks_cluster',
        DistributionId: 'aws_cloudfront_distribution',
        HealthCheckId: 'aws_route53_health_check',
        LoadBalancer: 'aws_lb',
        TargetGroup: 'aws_lb_target_group',
      };
      const dimensions = some('aws_cloudwatch_metric_alarm').flatMap(({ dimensions, metric_query = [] }) => [
        dimensions ?? {},
        ...metric_query.flatMap(({ metric }: Block) => metric?.dimensions ?? []),
      ]);
      const found = new Set<string>();
      for (const [key, value] of dimensions.flatMap(Object.entries)) {
        found.add(key);
        if (key in resourceOf) expect(stack.target(value).address).toMatch(new RegExp(`^${resourceOf[key]}\\.`));
      }
      expect([...found].toSorted()).toEqual(
        [...Object.keys(resourceOf), 'DBInstanceIdentifier', 'FunctionName', 'Region'].toSorted(),
      );
      const fixed = (key: string) => new Set(dimensions.flatMap((each) => each[key] ?? []));
      expect(fixed('DBInstanceIdentifier')).toEqual(new Set([stack.one('aws_db_instance').identifier]));
      expect(fixed('FunctionName')).toEqual(new Set(some('aws_lambda_function').map((each) => each.function_name)));
      for (const { fqdn } of some('aws_route53_health_check')) {
        if (hasDomain) expect(fqdn).toBe(distribution('applications').aliases[0]);
        else expect(stack.target(fqdn).address).toBe(distribution('applications').address);
      }
    });
  });
});

test('the state of the bootstrap is locked while it is written', () => {
  const { backend } = synthesiseBootstrap({ bootstrapState: 'bucket' }).terraform.terraform;
  expect(backend).toEqual({
    s3: expect.objectContaining({ key: bootstrapStateKey, encrypt: true, use_lockfile: true }),
  });
});
