import type { Text } from 'command-line';
import { texts } from '../command-texts.ts';
import { hostOf, noRepository, type Settings } from '../settings.ts';
import { addons, type Environment, logRetentionDays, type NodeChoices } from './environment.ts';
import { backupRegions } from './regions.ts';

/**
 * Days that CloudWatch can keep logs:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const cloudWatchDays = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];
/** GiB of the snapshot in Amazon Linux's image: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
const smallestDisk = 20;
/** GiB of RDS for MySQL on gp3: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const databaseStorage = { least: 20, most: 65_536 };
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const mostBackupDays = 35;
/** GiB of a gp3 volume: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html */
const largestVolume = 65_536;
/** Days. Mozilla recommends two years at most: https://wiki.mozilla.org/Security/Guidelines/Web_Security */
const longestHsts = 730;
/**
 * Characters of a certificate's first name:
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
 */
const longestCertificateName = 64;
/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const mostInstanceTypes = 20;
/** A /16 of the private networks of RFC 1918. `Network` divides it into blocks by their third octet. */
const privateNetwork = /^(10\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])|172\.(1[6-9]|2\d|3[01])|192\.168)\.0\.0\/16$/;

/**
 * Refuses values that AWS would otherwise refuse in the middle of a deployment.
 *
 * The rehearsal has its own rules for the same limits, on purpose. It checks the resources that result from these
 * values, and would not notice a wrong limit that it shared. Nor does a deployment depend on its code. A test compares
 * both.
 *
 * @throws Error that says in both languages, for every invalid value, what it should be
 */
export function checkEnvironment(
  environment: Environment,
  {
    domain,
    github,
    region,
    secondRegion,
    useSecondRegion = false,
  }: Partial<Pick<Settings, 'domain' | 'github' | 'region' | 'secondRegion' | 'useSecondRegion'>>,
  logDays = logRetentionDays,
): void {
  const { cluster, database, edge, network, observability, runner } = environment;
  const { initial, maximum } = database.storage;
  const connection = `"github.connections.${environment.name}"`;
  // Without settings there is nothing to deploy to, but everything can be synthesised and tested.
  const isUnset = (github?.repository ?? noRepository) === noRepository;
  const canRun = isUnset || github?.connections?.[environment.name];
  const problems = [
    ...expect('runner', runner, !runner || Boolean(canRun), {
      pt: `possível sem ${connection} em infra/settings.json`,
      en: `possible without ${connection} in infra/settings.json`,
    }),
    ...expect('network.cidr', network.cidr, privateNetwork.test(network.cidr), {
      pt: 'o endereço de uma rede privada de tamanho /16, como 10.0.0.0/16',
      en: 'the address of a private network of size /16, such as 10.0.0.0/16',
    }),
    ...nodeRelease(cluster),
    ...addonVersions(cluster),
    ...autoscaler(cluster),
    ...nodes('cluster.nodes', cluster.nodes, cluster.architecture),
    ...(cluster.baseNodes ? nodes('cluster.baseNodes', cluster.baseNodes, cluster.architecture) : []),
    ...nodes('cluster.storageNodes', cluster.storageNodes, cluster.architecture),
    ...expect('database.version', database.version, /^\d+\.\d+$/.test(database.version), {
      pt: 'uma versão do MySQL sem o patch, como 8.4',
      en: 'a version of MySQL without the patch, such as 8.4',
    }),
    ...whole('database.storage.initial', initial, databaseStorage.least, databaseStorage.most),
    // RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    ...expect('database.storage.maximum', maximum, isWhole(maximum, (initial * 11) / 10, databaseStorage.most), {
      pt: `um número inteiro pelo menos 10 % maior que o inicial (${initial}) e de até ${databaseStorage.most}`,
      en: `a whole number at least 10 % above the initial ${initial}, and at most ${databaseStorage.most}`,
    }),
    ...whole('database.backupDays', database.backupDays, 0, mostBackupDays),
    ...(database.copiesBackups && !useSecondRegion
      ? backupCopies(database.backupDays, isUnset, region, secondRegion)
      : []),
    ...whole('observability.storage', observability.storage, 1, largestVolume),
    ...expect('observability.retentionDays', observability.retentionDays, isWhole(observability.retentionDays, 1), {
      pt: 'um número inteiro de dias, de 1 em diante',
      en: 'a whole number of days, at least 1',
    }),
    ...expect('logRetentionDays', logDays, cloudWatchDays.includes(logDays), {
      pt: `um número de dias que o CloudWatch aceita: ${cloudWatchDays.join(', ')}`,
      en: `a number of days that CloudWatch accepts: ${cloudWatchDays.join(', ')}`,
    }),
    ...whole('edge.hstsDays', edge.hstsDays, 0, longestHsts),
    ...(domain ? names(domain, environment.name) : []),
  ];
  if (problems.length > 0) throw new Error(texts.invalidEnvironment(environment.name, problems));
}

/** https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html */
function nodeRelease({ nodeRelease: release, version }: Environment['cluster']): Text[] {
  const isExact = new RegExp(`^${version.replace('.', '\\.')}\\.\\d+-\\d{8}$`).test(release);
  return expect('cluster.nodeRelease', release, isExact, {
    pt: `uma versão exata da imagem das máquinas para o Kubernetes ${version}, como ${version}.1-20260714`,
    en: `an exact release of the node image for Kubernetes ${version}, such as ${version}.1-20260714`,
  });
}

/** https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html */
function addonVersions({ addons: versions, version }: Environment['cluster']): Text[] {
  return addons.flatMap((name) => {
    // kube-proxy has the version of the nodes that it runs on.
    const release = name === 'kube-proxy' ? `${version}.1` : '1.2.3';
    const start = name === 'kube-proxy' ? `${version.replace('.', '\\.')}\\.` : '\\d+\\.\\d+\\.';
    const isExact = new RegExp(`^v${start}\\d+-eksbuild\\.\\d+$`).test(versions[name]);
    return expect(`cluster.addons.${name}`, versions[name], isExact, {
      pt: `uma versão exata do EKS para o Kubernetes ${version}, como v${release}-eksbuild.4`,
      en: `an exact version of EKS for Kubernetes ${version}, such as v${release}-eksbuild.4`,
    });
  });
}

/** https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/README.md#releases */
function autoscaler({ autoscaler: image, version }: Environment['cluster']): Text[] {
  const isExact = new RegExp(`^v${version.replace('.', '\\.')}\\.\\d+$`).test(image);
  return expect('cluster.autoscaler', image, isExact, {
    pt: `uma versão exata da imagem do cluster autoscaler para o Kubernetes ${version}, como v${version}.0`,
    en: `an exact version of the cluster autoscaler's image for Kubernetes ${version}, such as v${version}.0`,
  });
}

/** What is in the way of copies of the backups in the second region. */
function backupCopies(
  days: number,
  isUnset: boolean,
  region: Settings['region'] | undefined,
  secondRegion: Settings['secondRegion'],
): Text[] {
  const path = 'database.copiesBackups';
  const possible = region ? backupRegions[region] : [];
  return [
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatedBackups.Replicating.Enable.html
    ...expect(path, true, days > 0, {
      pt: 'possível sem backups: "database.backupDays" tem de ser pelo menos 1',
      en: 'possible without backups: "database.backupDays" has to be at least 1',
    }),
    ...expect(path, true, isUnset || secondRegion !== undefined, {
      pt: 'possível sem "secondRegion" em infra/settings.json',
      en: 'possible without "secondRegion" in infra/settings.json',
    }),
    ...expect(path, true, !region || !secondRegion || possible.includes(secondRegion), {
      pt: `possível de ${region} para ${secondRegion}: o RDS só copia backups de ${region} para ${possible.join(', ')}`,
      en: `possible from ${region} to ${secondRegion}: RDS copies backups of ${region} to ${possible.join(', ')} only`,
    }),
  ];
}

function nodes(
  path: string,
  { desired, diskSize, instanceTypes, maximum, minimum }: NodeChoices,
  architecture: Environment['cluster']['architecture'],
): Text[] {
  const example = architecture === 'arm64' ? 't4g.large' : 't3.large';
  const wrong = instanceTypes.filter((type) => isGraviton(type) !== (architecture === 'arm64'));
  const count = instanceTypes.length;
  return [
    ...expect(`${path}.instanceTypes`, instanceTypes, count > 0 && count <= mostInstanceTypes, {
      pt: `uma lista de 1 a ${mostInstanceTypes} tipos de instância`,
      en: `a list of 1 to ${mostInstanceTypes} instance types`,
    }),
    ...wrong.flatMap((type) =>
      expect(`${path}.instanceTypes`, type, false, {
        pt: `um tipo de instância de arquitetura ${architecture}, como ${example}`,
        en: `an instance type of the architecture ${architecture}, such as ${example}`,
      }),
    ),
    // EKS: https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html
    ...expect(`${path}.desired`, desired, isWhole(desired, 1), {
      pt: 'um número inteiro de máquinas, de 1 em diante',
      en: 'a whole number of nodes, at least 1',
    }),
    ...expect(`${path}.minimum`, minimum, isWhole(minimum, 0, desired), {
      pt: `um número inteiro de máquinas, de 0 a ${desired}, o número desejado`,
      en: `a whole number of nodes, from 0 to the desired ${desired}`,
    }),
    ...expect(`${path}.maximum`, maximum, isWhole(maximum, desired), {
      pt: `um número inteiro de máquinas, a partir de ${desired}, o número desejado`,
      en: `a whole number of nodes, at least the desired ${desired}`,
    }),
    ...expect(`${path}.diskSize`, diskSize, isWhole(diskSize, smallestDisk, largestVolume), {
      pt: `um número inteiro de GiB, a partir dos ${smallestDisk} da imagem, até ${largestVolume}`,
      en: `a whole number of GiB, from the image's ${smallestDisk} to ${largestVolume}`,
    }),
  ];
}

/** The names that certificates get: of the site, and of SigNoz, which is the longest. */
function names(domain: NonNullable<Settings['domain']>, environment: Environment['name']): Text[] {
  const { zone } = domain;
  const longest = `signoz.${hostOf(domain, environment)}`;
  return expect('domain.zone', zone, longest.length <= longestCertificateName, {
    pt: `uma zona curta o bastante: o nome ${longest}, de um certificado, tem ${longest.length} caracteres, e o limite é ${longestCertificateName}`,
    en: `a zone that is short enough: the certificate's name ${longest} has ${longest.length} characters, and the limit is ${longestCertificateName}`,
  });
}

/**
 * Graviton families have a `g` after the generation, as in t4g, m7gd and c7gn:
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
const isGraviton = (type: string): boolean => /^[a-z]+\d+g[a-z]*\./.test(type) || type.startsWith('a1.');

const isWhole = (value: number, least: number, most = Infinity): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

const whole = (path: string, value: number, least: number, most: number): Text[] =>
  expect(path, value, isWhole(value, least, most), {
    pt: `um número inteiro de ${least} a ${most}`,
    en: `a whole number from ${least} to ${most}`,
  });

const expect = (path: string, value: unknown, isValid: boolean, expected: Text): Text[] =>
  isValid ? [] : [texts.settings.isNot(`"${path}"`, JSON.stringify(value), expected)];
