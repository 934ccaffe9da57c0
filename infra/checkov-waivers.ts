export interface Waiver {
  /** Stack and resource, as in `dev load-balancer`. `*` stands for anything: what dev may lack must not excuse prd. */
  readonly where: readonly string[];
  readonly reason: string;
}

/** Accepted checkov findings by id. A test fails on any other finding and on a `where` without one. */
export const waivers: Readonly<Record<string, Waiver>> = {
  // Only without a custom domain, which is optional in the settings.
  CKV_AWS_2: {
    where: ['* load-balancer_listener'],
    reason:
      'Without a custom domain the load balancer has no certificate: HTTP inside AWS, and it has no public address',
  },
  CKV_AWS_103: {
    where: ['* load-balancer_listener'],
    reason: 'As CKV_AWS_2; with a custom domain the policy is TLS 1.2 and 1.3',
  },
  CKV_AWS_174: {
    where: ['* edge_*'],
    reason: "CloudFront's default certificate cannot require TLS 1.2; with a custom domain it is TLSv1.2_2021",
  },
  CKV_AWS_260: {
    where: ['* load-balancer_from-cloudfront', '* load-balancer_from-nodes'],
    reason: 'The rules admit only CloudFront and the nodes, no address on the internet',
  },
  CKV2_AWS_20: {
    where: ['* load-balancer'],
    reason: 'As CKV_AWS_2: CloudFront redirects to HTTPS',
  },
  CKV2_AWS_42: {
    where: ['* edge_*'],
    reason: 'As CKV_AWS_174',
  },
  // dev is cheaper than prd here.
  CKV2_AWS_11: {
    where: ['dev network_vpc'],
    reason: 'Flow logs are billed by the gigabyte: only prd has them',
  },
  CKV_AWS_91: {
    where: ['dev load-balancer'],
    reason: 'Load balancer access logs: only prd has them',
  },
  CKV_AWS_150: {
    where: ['dev load-balancer'],
    reason: 'dev must be deletable; prd is protected',
  },
  CKV_AWS_157: {
    where: ['dev database_instance'],
    reason: 'Only the prd database has a standby',
  },
  CKV_AWS_293: {
    where: ['dev database_instance'],
    reason: 'As CKV_AWS_150',
  },
  CKV_AWS_37: {
    where: ['prd cluster_control-plane'],
    reason: 'prd logs what an audit needs; scheduler and controller manager logs are billed by the gigabyte',
  },
  CKV_AWS_68: {
    where: ['dev edge_*'],
    reason: 'A firewall is billed by the month: only prd has one, for both distributions',
  },
  CKV_AWS_133: {
    where: ['dev database_instance'],
    reason: 'dev may do without backups (`database.backupDays: 0`)',
  },
  // These cost more than what they protect.
  CKV_AWS_18: {
    where: ['prd access-logs_bucket', 'bootstrap state_bucket', '* status-page_bucket'],
    reason:
      'Buckets of logs need no access logs, Terraform and CloudTrail show changes of the state, and CloudFront can log the visits of the status page',
  },
  CKV_AWS_118: {
    where: ['* database_instance'],
    reason: 'Enhanced monitoring costs extra; the alarms use free metrics',
  },
  CKV_AWS_144: {
    where: ['prd access-logs_bucket', 'bootstrap state_bucket', '* status-page_bucket'],
    reason: 'One region: what is lost with it is rebuilt',
  },
  CKV_AWS_158: {
    where: ['* *log*'],
    reason: "CloudWatch's own key encrypts the logs; no log needs tighter access than the others",
  },
  CKV_AWS_310: {
    where: ['* edge_*'],
    reason: 'There is one load balancer, so no second origin to fail over to',
  },
  CKV_AWS_338: {
    where: ['* *log*'],
    reason: 'No log is needed for a year',
  },
  CKV_AWS_50: {
    where: ['* database-logins_function', '* status-page_function'],
    reason: 'The logs of the functions are enough: one runs once a month, the other only reads and writes a file',
  },
  // By design.
  CKV2_AWS_19: {
    where: ['* network_nat-instance-*_address'],
    reason: 'The address of a NAT instance belongs to its network interface, which outlives the instance',
  },
  CKV_AWS_297: {
    where: ['* sleep-schedule_*'],
    reason: 'The schedules have names of alarms and of the database, no secrets',
  },
  CKV_AWS_115: {
    where: ['* database-logins_function', '* status-page_function'],
    reason: 'Only Secrets Manager or a schedule invokes the function, and a new account has no concurrency to reserve',
  },
  CKV_AWS_116: {
    where: ['* database-logins_function', '* status-page_function'],
    reason:
      'Secrets Manager repeats a rotation that failed, the status page is written again a minute later, and alarms report both',
  },
  CKV_AWS_173: {
    where: ['* database-logins_function', '* status-page_function'],
    reason: 'The environments of the functions have names, no secrets',
  },
  CKV_AWS_272: {
    where: ['* database-logins_function', '* status-page_function'],
    reason: 'The role that could replace the code of a function could also sign it',
  },
  CKV_AWS_117: {
    where: ['* status-page_function'],
    reason: 'The function must be right when the VPC is not, and needs nothing in it',
  },
  CKV2_AWS_61: {
    where: ['* status-page_bucket'],
    reason: 'The bucket has seven files, of which each deployment or run replaces its own',
  },
  CKV2_AWS_31: {
    where: ['prd firewall_acl'],
    reason: 'Sampled requests are enough to see what the firewall did; full logs are billed by the gigabyte',
  },
  CKV2_AWS_47: {
    where: ['* edge_*'],
    reason: 'prd blocks known bad inputs; no Java runs here',
  },
  CKV2_AWS_62: {
    where: ['prd access-logs_bucket', 'bootstrap state_bucket', '* status-page_bucket'],
    reason: 'Nothing consumes events of these buckets',
  },
  CKV2_AWS_64: {
    where: ['* cluster_secrets-key'],
    reason: "The default key policy leaves access to the account's IAM, which is intended",
  },
  CKV_AWS_21: {
    where: ['prd access-logs_bucket', '* status-page_bucket'],
    reason: 'Access logs are never overwritten and expire; of the figures of the status page, only the last count',
  },
  CKV_AWS_86: {
    where: ['* edge_*'],
    reason:
      "CloudFront's standard logging v2 is configured outside the distribution resource, where checkov does not look",
  },
  CKV_AWS_145: {
    where: ['prd access-logs_bucket', '* status-page_bucket'],
    reason:
      'The load balancer cannot write logs to a bucket encrypted with a KMS key, and the files of the status page are public',
  },
  CKV_AWS_149: {
    where: ['* database-logins_*'],
    reason: "Secrets Manager's own key encrypts the secrets, and IAM policies name who may read them",
  },
  CKV_AWS_161: {
    where: ['* database_instance'],
    reason: 'Each application has its own database users, whose passwords Secrets Manager rotates every month',
  },
  CKV_AWS_259: {
    where: ['* edge_*-headers'],
    reason: 'HSTS begins with a day and covers the host alone; preloading is a decision for the owner of the domain',
  },
  CKV_AWS_305: {
    where: ['* edge_signoz'],
    reason: 'SigNoz answers / itself',
  },
  CKV_AWS_339: {
    where: ['* cluster_control-plane'],
    reason: 'checkov does not know Kubernetes 1.36 yet, which EKS supports until August 2027',
  },
  CKV_AWS_374: {
    where: ['* edge_*'],
    reason: 'The site is public in every country',
  },
  CKV_AWS_378: {
    where: ['* load-balancer_*-targets'],
    reason: 'Inside the VPC the load balancer uses HTTP to the pods',
  },
  CKV_AWS_394: {
    where: ['* network_zones'],
    reason: 'A new availability zone moves no subnet: changes to the zone of a subnet are ignored',
  },
};
