import { Refused } from 'command-line';
import { nameLabel } from 'platform';
import { texts } from '../../command-texts.ts';
import { endMark, isOver } from '../marks.ts';
import { waitFor } from '../steps.ts';
import { controller, deploymentsIn, list, podsIn, system } from './cluster.ts';
import { endOfDrill, type Fault, type Place } from './fault.ts';
import { hold } from './hold.ts';

const text = texts.faults.controller;

/** Annotation of the controller's deployment: how many replicas it had. */
const replicasMark = 'drill-replicas';
/** Seconds without the controller. Long enough for the load balancer to find out that a pod is gone. */
const away = 180;

/**
 * The load balancer controller has no pods. Its webhook then refuses new pods of the applications, and nothing tells the
 * load balancer of one that stops. To see both, a pod of an application is restarted meanwhile.
 */
export const controllerAway: Fault = {
  async prepare(place) {
    const { kubectl } = place;
    const before = await podsIn(kubectl);
    const [pod] = before;
    if (!pod) throw new Refused(text.noPod(place.environment.name));
    const replicas = (await deploymentOf(place))?.wanted;
    return {
      target: `${controller} (${replicas}), ${pod.name}`,
      tells: text.tells(replicas ?? 0, away / 60, pod.name),
      async play({ note, signal }) {
        const marks = [`${replicasMark}=${replicas}`, `${endMark}=${endOfDrill()}`];
        await kubectl(['annotate', 'deployment', controller, ...marks, '--overwrite'], system);
        await kubectl(['scale', 'deployment', controller, '--replicas=0'], system);
        // One that is about to stop still answers for its webhook.
        const areGone = async () => {
          const pods = await list(kubectl, ['pods', `--selector=${nameLabel}=${controller}`], system);
          return pods.length === 0 || undefined;
        };
        await waitFor(texts.drill.steps.play, areGone, { every: 5_000, times: 60, signal });
        await kubectl(['delete', 'pod', pod.name, '--wait=false']);
        note(text.restarted(pod.name));
        await hold(away, signal, async () => {
          const isNew = (name: string) => before.every((each) => each.name !== name);
          const unseen = (await podsIn(kubectl)).find(({ hasGate, name }) => isNew(name) && !hasGate);
          if (unseen) throw new Error(text.unseen(unseen.name));
        });
      },
    };
  },

  async left(place) {
    const deployment = await deploymentOf(place);
    const replicas = deployment?.annotations[replicasMark];
    if (replicas === undefined) return [];
    return [
      {
        what: controller,
        isOver: isOver(deployment?.annotations[endMark]),
        async undo() {
          await place.kubectl(['scale', 'deployment', controller, `--replicas=${replicas}`], system);
          await place.kubectl(['annotate', 'deployment', controller, `${replicasMark}-`, `${endMark}-`], system);
        },
      },
    ];
  },
};

const deploymentOf = async ({ kubectl }: Place) =>
  (await deploymentsIn(kubectl, system)).find(({ name }) => name === controller);
