import { parentPort, workerData } from 'node:worker_threads';
import { startAddress } from '../../apps/calculadora-api/test/support/address.ts';
import type { Place } from './own-address.ts';

const { first, host } = workerData as { readonly first: Place; readonly host: string };
const address = await startAddress(first, host);
parentPort?.on('message', (place: Place) => address.routeTo(place)).postMessage(address.port);
