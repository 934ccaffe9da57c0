import type { Values } from '../rules/index.ts';

/**
 * By type of resource, what the provider has in the state of one that was imported, and cannot read from AWS. Only these
 * types can be imported in a rehearsal.
 */
export const imported: Readonly<Record<string, Values>> = {
  // `resourceInstanceImport` and what `resourceInstanceRead` leaves out:
  // https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/internal/service/rds/instance.go
  aws_db_instance: {
    skip_final_snapshot: true,
    delete_automated_backups: true,
    final_snapshot_identifier: null,
    apply_immediately: null,
    allow_major_version_upgrade: null,
    manage_master_user_password: null,
  },
};
