import { parentPort, workerData } from 'node:worker_threads';
import type { Asked, CrowdProps, Told } from './crowd.ts';
import { Users } from './users.ts';

const props = workerData as CrowdProps;
const users = new Users(props.address, props.users, props.rate);
const tell = (told: Told) => parentPort?.postMessage(told);

const timer = setInterval(() => {
  const { failed, longest, repeated } = users.period;
  tell({ acknowledged: users.acknowledged, now: { failed, longest, repeated } });
}, 100);

parentPort?.on('message', async (asked: Asked) => {
  if (asked !== 'leave') return users.begin(asked.begin);
  await users.leave();
  clearInterval(timer);
  const acknowledged = Uint8Array.from({ length: users.sent }, (_, number) => (users.isAcknowledged(number) ? 1 : 0));
  tell({ periods: users.periods.map(({ figures }) => figures), acknowledged, sent: users.sent });
});
