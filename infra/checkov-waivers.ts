/** checkov's findings that are left as they are, by id, each with its reason. A test refuses any other, and any that is gone. */
export const waivers: Readonly<Record<string, string>> = {
  // Without an own domain, which is a choice of the settings.
  CKV_AWS_2:
    'Without an own domain there is no certificate for the load balancer: HTTP inside AWS, and it has no public address',
  CKV_AWS_103: 'As CKV_AWS_2; with an own domain the policy is TLS 1.2 and 1.3',
  CKV_AWS_174: "CloudFront's own certificate cannot ask for TLS 1.2; with an own domain it is TLSv1.2_2021",
  CKV_AWS_260: 'The rules admit CloudFront and the nodes, no address of the internet',
  CKV2_AWS_20: 'As CKV_AWS_2: CloudFront redirects to HTTPS',
  CKV2_AWS_42: 'As CKV_AWS_174',
  // Where dev is cheaper than prd.
  CKV2_AWS_11: 'Flow logs are paid by the gigabyte: prd has them',
  CKV_AWS_91: "The load balancer's access logs: prd has them",
  CKV_AWS_150: 'dev must be deletable; prd is protected',
  CKV_AWS_157: "dev's database has no standby; prd's has",
  CKV_AWS_293: 'As CKV_AWS_150',
  CKV_AWS_37: 'prd logs what an audit needs; the scheduler and controller manager are paid by the gigabyte',
  CKV_AWS_68: "dev has no firewall, and SigNoz's page has a login; prd's applications have one",
  // Dearer than what they protect.
  CKV_AWS_18: 'Access logs of buckets that hold logs, and a state whose changes Terraform and CloudTrail tell',
  CKV_AWS_118: 'Enhanced monitoring is paid; the alarms use what is free',
  CKV_AWS_144: 'One region: what is lost with it is built anew',
  CKV_AWS_158: "CloudWatch's own key encrypts; none of the logs is secret from those who may read them",
  CKV_AWS_310: 'One load balancer is all there is to fail over to',
  CKV_AWS_338: 'Logs are kept 30 days',
  // By design.
  CKV2_AWS_31: 'Samples of requests are enough to see what the firewall did; full logs are paid by the gigabyte',
  CKV2_AWS_47: 'The known bad inputs are blocked in prd; no Java runs here',
  CKV2_AWS_57: "The migration job renews the application's password; RDS renews the master's",
  CKV2_AWS_62: 'Nobody waits for events of these buckets',
  CKV2_AWS_64: "The account's IAM decides who uses the key, which is what a key without a policy of its own says",
  CKV_AWS_21: 'Access logs are never changed, and live 30 days',
  CKV_AWS_86:
    "CloudFront's second generation of access logs is set up beside the distribution, where checkov does not look",
  CKV_AWS_145: 'The load balancer cannot write its logs under a KMS key',
  CKV_AWS_149: "Secrets Manager's own key encrypts, and a policy names who may read",
  CKV_AWS_161: 'Each application has a user with a password of its own, renewed by its migration job',
  CKV_AWS_259:
    'HSTS lasts a year and covers subdomains; to be preloaded in browsers is for the owner of a domain to ask',
  CKV_AWS_305: 'SigNoz answers its bare address itself',
  CKV_AWS_339: 'checkov does not know Kubernetes 1.36 yet, which EKS supports until August 2027',
  CKV_AWS_374: 'The site is for everybody',
  CKV_AWS_378: 'Inside the VPC the load balancer speaks HTTP to the pods',
  CKV_AWS_394: 'A new zone moves no subnet: changes of their zone are ignored',
};
