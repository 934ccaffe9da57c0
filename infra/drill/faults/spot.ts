import { Refused } from 'command-line';
import { texts } from '../../command-texts.ts';
import { endMark, isOver } from '../marks.ts';
import { CallFailed } from '../programs.ts';
import { nodesIn, podsIn } from './cluster.ts';
import { endOfDrill, type Fault, type Place } from './fault.ts';

const text = texts.faults.spot;

/** Seconds between AWS's notice and the end: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const notice = 120;

/**
 * AWS takes back a spot node. This does what EKS does after the notice of two minutes, and then ends the instance as EC2
 * does. AWS's own notice comes only from its Fault Injection Service, which needs a role and a template in the account:
 * https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#send-spot-instance-interruptions
 */
export const spot: Fault = {
  async prepare(place) {
    const pods = await podsIn(place.kubectl);
    const podsOf = (name: string) => pods.filter(({ node }) => node === name).length;
    const [node] = (await nodesIn(place))
      .filter(({ kind }) => kind === 'spot')
      .toSorted((a, b) => podsOf(b.name) - podsOf(a.name));
    if (!node) throw new Refused(text.noNode(place.environment.name));
    const { instance, name, zone } = node;
    return {
      target: `${name} (${instance}, ${zone})`,
      tells: text.tells(name, instance, zone, podsOf(name)),
      async play({ note, signal }) {
        const { aws, kubectl } = place;
        await kubectl(['annotate', 'node', name, `${endMark}=${endOfDrill()}`, '--overwrite']);
        const options = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${notice}s`];
        await kubectl(['drain', name, ...options], { signal, timeout: (notice + 30) * 1000 }).catch((error) => {
          // AWS does not wait, either.
          if (!(error instanceof CallFailed)) throw error;
          note(text.notDrained(name, error.message));
        });
        signal.throwIfAborted();
        await aws('ec2', 'terminate-instances', '--instance-ids', instance);
        // It ends now: a later drill must not make it schedulable again.
        await unmark(place, name);
      },
    };
  },

  async left(place) {
    return (await nodesIn(place))
      .filter(({ annotations }) => annotations[endMark] !== undefined)
      .map(({ annotations, name }) => ({
        what: name,
        isOver: isOver(annotations[endMark]),
        async undo() {
          await place.kubectl(['uncordon', name]);
          await unmark(place, name);
        },
      }));
  },
};

async function unmark({ kubectl }: Place, node: string): Promise<void> {
  await kubectl(['annotate', 'node', node, `${endMark}-`]).catch((error) => {
    // Kubernetes forgets a node when its instance has ended.
    if (!(error instanceof CallFailed && error.message.includes('NotFound'))) throw error;
  });
}
