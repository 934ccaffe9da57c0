/**
 * Preloaded into a command: it waits a thousandth of the time that it means to wait, and a little longer, so that a busy
 * machine has time to answer what a command asks thirty times, once a second.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const { setTimeout: wait } = timers;
timers.setTimeout = ((milliseconds = 0, ...rest: [unknown?, object?]) =>
  wait(milliseconds / 1000 + 10, ...rest)) as typeof wait;
syncBuiltinESMExports();
