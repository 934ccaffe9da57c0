import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { Aspects, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { infrastructureTeam, names as namesOf, namespaces, statusPath, tagsOf } from 'platform';
import { applications, homePage } from 'platform/applications';
import { accountOf } from '../accounts.ts';
import { Alarms } from '../constructs/alerting/alarms.ts';
import { Budget } from '../constructs/alerting/budget.ts';
import { Dashboard } from '../constructs/alerting/dashboard.ts';
import { ConfigMaps } from '../constructs/applications/config-maps.ts';
import { Deployers } from '../constructs/applications/deployers.ts';
import { Drillers } from '../constructs/applications/drillers.ts';
import { Workload } from '../constructs/applications/workload.ts';
import { Cluster } from '../constructs/cluster/cluster.ts';
import { ClusterServices } from '../constructs/cluster/cluster-services.ts';
import { Planners } from '../constructs/cluster/planners.ts';
import { SleepSchedule } from '../constructs/cluster/sleep-schedule.ts';
import { Database } from '../constructs/data/database.ts';
import { DatabaseLogins } from '../constructs/data/database-logins.ts';
import { Runner } from '../constructs/delivery/runner.ts';
import { AccessLogs } from '../constructs/edge/access-logs.ts';
import { Domain } from '../constructs/edge/domain.ts';
import { contentSecurityPolicy, Edge } from '../constructs/edge/edge.ts';
import { Firewall } from '../constructs/edge/firewall.ts';
import { LoadBalancer } from '../constructs/edge/load-balancer.ts';
import { Dns } from '../constructs/network/dns.ts';
import { Network } from '../constructs/network/network.ts';
import { Observability } from '../constructs/observability/observability.ts';
import { StatusPage } from '../constructs/status/status-page.ts';
import { Providers } from '../constructs/terraform/providers.ts';
import { State } from '../constructs/terraform/state.ts';
import type { Environment } from '../environments/environment.ts';
import { hostOf, type Settings } from '../settings.ts';

export interface EnvironmentStackProps {
  readonly environment: Environment;
  readonly settings: Settings;
}

/** One environment. dev and prd are the same stack with different values. */
export class EnvironmentStack extends TerraformStack {
  constructor(scope: Construct, id: string, { environment, settings }: EnvironmentStackProps) {
    super(scope, id);
    const { region, useSecondRegion: isSecond } = settings;
    const names = namesOf(environment.name, isSecond);
    const { prefix } = names;
    /** Made by the bootstrap, in the first region, for both. */
    const deliveryRole = (purpose: string) => providers.roleArn(namesOf(environment.name).role(purpose));
    const account = accountOf(settings, environment.name);
    const isProtected = environment.protected;

    new State(this, 'state', { bucket: account.stateBucket, region, workspace: environment.name });
    const tags = tagsOf(environment.name, settings.owner);
    const providers = new Providers(this, 'providers', {
      accountId: account.id,
      region,
      // There is no third region.
      ...(!isSecond && { secondRegion: settings.secondRegion }),
      tags,
    });

    const network = new Network(this, 'network', {
      ...environment.network,
      prefix,
      clusterName: names.cluster,
      region,
      tags,
    });
    const cluster = new Cluster(this, 'cluster', {
      ...environment.cluster,
      environment: environment.name,
      name: names.cluster,
      prefix,
      network,
      protected: isProtected,
      admins: { applier: deliveryRole('apply'), ...byName(account.clusterAdmins) },
      apiCidrs: settings.clusterApiCidrs[environment.name],
      tags,
    });
    providers.connect(cluster);
    const connectionArn = settings.github.connections?.[environment.name];
    if (environment.runner && connectionArn) {
      new Runner(this, 'runner', {
        name: names.runner,
        roleName: names.role('runner'),
        accountId: providers.accountId,
        region,
        repository: settings.github.repository,
        connectionArn,
        network,
        cluster,
      });
    }
    new Planners(this, 'planners', { cluster, roleArn: deliveryRole('plan') });
    const clusterServices = new ClusterServices(this, 'cluster-services', {
      names,
      cluster,
      network,
      region,
      autoscaler: environment.cluster.autoscaler,
      nodeProvisionMinutes: environment.cluster.nodeProvisionMinutes,
      applications,
    });

    const database = new Database(this, 'database', {
      ...environment.database,
      identifier: names.database,
      network,
      providers,
      protected: isProtected,
      isSecond,
      restoreFrom: isSecond ? settings.restoreFrom[environment.name] : undefined,
      sleepsAtNight: environment.cluster.sleepsAtNight,
    });
    database.allowFrom('nodes', cluster.nodeSecurityGroupId);
    const databaseLogins = new DatabaseLogins(this, 'database-logins', {
      names,
      accountId: providers.accountId,
      applications,
      database,
      network,
    });

    const host = settings.domain && hostOf(settings.domain, environment.name);
    const domainOf = (id: string, prefix = '') =>
      host && account.zone
        ? new Domain(this, id, { name: `${prefix}${host}`, zone: account.zone, region, takesOver: isSecond, providers })
        : undefined;
    const domain = domainOf('domain');
    const logs = environment.edge.accessLogs
      ? new AccessLogs(this, 'access-logs', { prefix, bucketPrefix: names.accessLogsBucketPrefix, providers })
      : undefined;
    const firewall = environment.edge.waf
      ? new Firewall(this, 'firewall', { prefix, providers, paths: applications.map(({ path }) => path) })
      : undefined;
    const loadBalancer = new LoadBalancer(this, 'load-balancer', {
      name: names.loadBalancer,
      network,
      nodeSecurityGroupId: cluster.nodeSecurityGroupId,
      protected: isProtected,
      ...(domain && { certificateArn: domain.regionalCertificateArn }),
      ...(logs && { accessLogBucket: logs.bucket }),
    });
    const statusPage = environment.edge.statusPage
      ? new StatusPage(this, 'status-page', { names, environment: environment.name, providers, region })
      : undefined;
    const edge = new Edge(this, 'edge', { prefix, loadBalancer, hstsDays: environment.edge.hstsDays });
    const site = edge.distribution('applications', {
      origin: 'applications',
      comment: `${prefix}: the applications`,
      rootObject: homePage.slice(1),
      contentSecurityPolicy,
      // The API gives up on a request after 15 s at the latest.
      readTimeout: 20,
      ...(domain && { domain }),
      ...(firewall && { webAclArn: firewall.arn }),
      ...(statusPage && { files: statusPage.files }),
    });
    domain?.pointTo(site);
    logs?.record('applications', site);

    const dns = new Dns(this, 'dns', { zone: names.privateZone, network });
    const databaseName = dns.name(names.databaseRecord, database.host);
    const workloads = applications.map(
      (application, index) =>
        new Workload(this, application.name, {
          application,
          names,
          cluster,
          databaseLogins,
          dns,
          loadBalancer,
          // After SigNoz's rule, which also matches a header.
          priority: 10 + index,
        }),
    );
    const inNamespace = { namespace: namespaces.applications, dependsOn: clusterServices.applicationsReady };
    new ConfigMaps(this, 'config-maps', {
      ...inNamespace,
      region,
      siteAddress: `https://${site.host}`,
      database,
      workloads,
    });
    new Deployers(this, 'deployers', {
      ...inNamespace,
      cluster,
      applications,
      roleArn: deliveryRole('deploy'),
    });
    new Drillers(this, 'drillers', {
      ...inNamespace,
      cluster,
      applications,
      roleArn: deliveryRole('drill'),
    });

    const alarms = new Alarms(this, 'alarms', {
      prefix,
      settings,
      providers,
      network,
      cluster,
      clusterChoices: environment.cluster,
      database,
      databaseChoices: environment.database,
      databaseLogins,
      loadBalancer,
      workloads,
      site,
      statusFunction: statusPage?.functionName,
    });
    const observability = new Observability(this, 'observability', {
      ...environment.observability,
      environmentName: environment.name,
      prefix,
      cluster,
      network,
      clusterServices,
      loadBalancer,
      edge,
      domain: domainOf('signoz-domain', 'signoz.'),
      webAclArn: firewall?.arn,
      applications,
      alarms,
      settings,
    });
    statusPage?.publish({ site, applications, database, alarms: alarms.all });
    new Dashboard(this, 'dashboard', {
      prefix,
      settings,
      alarms: alarms.all,
      teams: alarms.teams,
      database,
      loadBalancer,
      workloads,
    });
    new Budget(this, 'budget', {
      prefix,
      environment: environment.name,
      monthlyBudget: environment.costs.monthlyBudget,
      topicArn: alarms.topicArn(infrastructureTeam),
    });
    if (environment.cluster.sleepsAtNight) {
      new SleepSchedule(this, 'sleep-schedule', {
        prefix,
        providers,
        cluster,
        clusterChoices: environment.cluster,
        database,
        alarms: alarms.all,
      });
    }

    // The apply role cannot create a role without it.
    const boundary = providers.policyArn(names.boundary);
    Aspects.of(this).add({
      visit(node: IConstruct) {
        if (node instanceof IamRole) node.permissionsBoundary = boundary;
      },
    });

    this.#output({
      site_address: `https://${site.host}/`,
      cluster_name: cluster.name,
      cluster_endpoint: cluster.endpoint,
      kubeconfig_command: `aws eks update-kubeconfig --region ${region} --name ${cluster.name}`,
      database_host: database.host,
      database_name: databaseName,
      target_groups: workloads.map(({ targetGroupName }) => targetGroupName),
      ...(statusPage && { status_address: `https://${site.host}${statusPath}`, status_bucket: statusPage.bucket }),
      signoz_address: `https://${observability.host}/`,
      signoz_password_command: observability.passwordCommand,
    });
  }

  #output(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) new TerraformOutput(this, name, { value });
  }
}

/** Labels by name, not by index: removing a role or user must not recreate the access entries of the others. */
function byName(arns: readonly string[]): Record<string, string> {
  // From the last colon, because a role and a user may have the same name.
  return Object.fromEntries(arns.map((arn) => [`admin-${arn.slice(arn.lastIndexOf(':') + 1)}`, arn]));
}
