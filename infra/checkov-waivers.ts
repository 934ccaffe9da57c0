/** Accepted checkov findings by id, each with its reason. A test fails on any other finding and on unused waivers. */
export const waivers: Readonly<Record<string, string>> = {
  // Only without a custom domain, which is optional in the settings.
  CKV_AWS_2:
    'Without a custom domain the load balancer has no certificate: HTTP inside AWS, and it has no public address',
  CKV_AWS_103: 'As CKV_AWS_2; with a custom domain the policy is TLS 1.2 and 1.3',
  CKV_AWS_174: "CloudFront's default certificate cannot require TLS 1.2; with a custom domain it is TLSv1.2_2021",
  CKV_AWS_260: 'The rules admit only CloudFront and the nodes, no address on the internet',
  CKV2_AWS_20: 'As CKV_AWS_2: CloudFront redirects to HTTPS',
  CKV2_AWS_42: 'As CKV_AWS_174',
  // dev is cheaper than prd here.
  CKV2_AWS_11: 'Flow logs are billed by the gigabyte: only prd has them',
  CKV_AWS_91: 'Load balancer access logs: only prd has them',
  CKV_AWS_150: 'dev must be deletable; prd is protected',
  CKV_AWS_157: 'Only the prd database has a standby',
  CKV_AWS_293: 'As CKV_AWS_150',
  CKV_AWS_37: 'prd logs what an audit needs; scheduler and controller manager logs are billed by the gigabyte',
  CKV_AWS_68: 'dev has no firewall; in prd it protects the applications, and the SigNoz page requires a login',
  // These cost more than what they protect.
  CKV_AWS_18: 'Buckets of logs need no access logs, and Terraform and CloudTrail show changes of the state',
  CKV_AWS_118: 'Enhanced monitoring costs extra; the alarms use free metrics',
  CKV_AWS_144: 'One region: what is lost with it is rebuilt',
  CKV_AWS_158: "CloudWatch's own key encrypts the logs; no log needs tighter access than the others",
  CKV_AWS_310: 'There is one load balancer, so no second origin to fail over to',
  CKV_AWS_338: 'No log is needed for a year',
  CKV_AWS_50: 'The log of the rotation function is enough; it runs once a month',
  // By design.
  CKV_AWS_115: 'Only Secrets Manager invokes the rotation function, and a new account has no concurrency to reserve',
  CKV_AWS_116: 'Secrets Manager repeats a rotation that failed, and an alarm reports it',
  CKV_AWS_173: "The rotation function's environment has names, no secrets",
  CKV_AWS_272: 'The role that could replace the code of the rotation function could also sign it',
  CKV2_AWS_31: 'Sampled requests are enough to see what the firewall did; full logs are billed by the gigabyte',
  CKV2_AWS_47: 'prd blocks known bad inputs; no Java runs here',
  CKV2_AWS_62: 'Nothing consumes events of these buckets',
  CKV2_AWS_64: "The default key policy leaves access to the account's IAM, which is intended",
  CKV_AWS_21: 'Access logs are never overwritten and expire',
  CKV_AWS_86:
    "CloudFront's standard logging v2 is configured outside the distribution resource, where checkov does not look",
  CKV_AWS_145: 'The load balancer cannot write logs to a bucket encrypted with a KMS key',
  CKV_AWS_149: "Secrets Manager's own key encrypts the secrets, and IAM policies name who may read them",
  CKV_AWS_161: 'Each application has its own database users, whose passwords Secrets Manager rotates every month',
  CKV_AWS_259: 'HSTS lasts a year and covers subdomains; preloading is a decision for the owner of the domain',
  CKV_AWS_305: 'SigNoz answers / itself',
  CKV_AWS_339: 'checkov does not know Kubernetes 1.36 yet, which EKS supports until August 2027',
  CKV_AWS_374: 'The site is public in every country',
  CKV_AWS_378: 'Inside the VPC the load balancer uses HTTP to the pods',
  CKV_AWS_394: 'A new availability zone moves no subnet: changes to the zone of a subnet are ignored',
};
