/** The applications behind the load balancer. One entry gives an application all that it needs of AWS; add a third here. */
import { paths, ports } from 'contract';

export interface Application {
  /** Also its Kubernetes service, service account and, with `tg-`, its target group: 1 to 24 characters. */
  readonly name: string;
  /** The load balancer and CloudFront send it this path and all below it. */
  readonly path: string;
  readonly port: number;
  readonly healthPath: string;
  /** Whether its pods, and only such pods, may reach MySQL. */
  readonly usesDatabase: boolean;
  /** Which team is called when it fails. */
  readonly team: Team;
}

export type Team = 'api' | 'site' | 'infrastructure';

export const applications: readonly Application[] = [
  {
    name: 'calculadora-api',
    path: paths.sum,
    port: ports.api,
    healthPath: paths.ready,
    usesDatabase: true,
    team: 'api',
  },
  {
    name: 'magic-calculator',
    path: paths.site,
    port: ports.site,
    healthPath: paths.siteHealth,
    usesDatabase: false,
    team: 'site',
  },
];

/** What a visitor of the bare address sees. */
export const homePage = `${paths.site}/index.html`;
