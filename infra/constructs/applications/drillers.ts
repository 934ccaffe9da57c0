import type { Construct } from 'constructs';
import { type Application, drillersGroup } from 'platform';
import { AccessGroup, type AccessGroupProps } from './access-group.ts';

export interface DrillersProps extends Omit<AccessGroupProps, 'group' | 'rules'> {
  readonly applications: readonly Application[];
}

/**
 * Kubernetes group of the restore drill: reads which image an application with a database runs, and runs a job with it
 * that compares the copy with the live database.
 *
 * As with a release, a job can use any service account of the namespace, so this group can reach whatever the migration
 * can. Only workflows of the main branch get its role.
 */
export class Drillers extends AccessGroup {
  constructor(scope: Construct, id: string, { applications, ...props }: DrillersProps) {
    const withDatabase = applications.filter(({ database }) => database !== undefined).map(({ name }) => name);
    const rules = [
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: withDatabase, verbs: ['get'] },
      // No resourceNames, because these names end with a time.
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'delete'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ];
    super(scope, id, { ...props, group: drillersGroup, rules });
  }
}
