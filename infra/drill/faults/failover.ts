import { Refused } from 'command-line';
import { names } from 'platform';
import { texts } from '../../command-texts.ts';
import { describe } from '../instances.ts';
import { waitFor } from '../steps.ts';
import type { Fault } from './fault.ts';

const text = texts.faults.failover;

/**
 * The database changes to its standby in another zone. One without a standby restarts: RDS refuses a forced failover of it
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html).
 */
export const failover: Fault = {
  async prepare({ aws, environment }) {
    const name = names(environment.name).database;
    const database = await describe(aws, name);
    if (!database) throw new Refused(texts.drill.noDatabase(environment.name, name));
    const hasStandby = database.MultiAZ === true;
    return {
      target: `${name} (${database.AvailabilityZone})`,
      tells: hasStandby ? text.tells(name) : text.tellsWithoutStandby(name),
      async play({ note, signal }) {
        const force = hasStandby ? ['--force-failover'] : [];
        await aws('rds', 'reboot-db-instance', '--db-instance-identifier', name, ...force);
        if (!hasStandby) note(text.noStandby(name));
        // RDS may still say for a moment that it is available. A restart may also be over before anybody asks.
        const hasBegun = async () => (await describe(aws, name))?.DBInstanceStatus !== 'available' || undefined;
        await waitFor(texts.drill.steps.play, hasBegun, { every: 5_000, times: 12, signal }).catch(() =>
          signal.throwIfAborted(),
        );
      },
    };
  },
};
