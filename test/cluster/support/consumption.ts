import { readFile } from 'node:fs/promises';

/** Resource usage of a container, as the kernel counts it. */
export interface Consumption {
  /** /proc/PID/status of its first process. */
  readonly status: string;
  /** Bytes: current and peak usage of all its processes, with their page cache. */
  readonly memory: number;
  readonly peak: number;
  readonly limit: number;
  /** Bytes: peak resident memory of its first process. */
  readonly resident: number;
  readonly cpuSeconds: number;
}

/** Reads the usage of the container in which a process runs, from cgroup v1 or v2. */
export async function consumptionOf(process: number): Promise<Consumption> {
  const groups = await readFile(`/proc/${process}/cgroup`, 'utf8');
  const status = await readFile(`/proc/${process}/status`, 'utf8');
  const read = (file: string) => readFile(`/sys/fs/cgroup/${file}`, 'utf8');
  const resident = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;

  // A machine may have both versions, with the accounting in v1.
  const unified = /^\d+:(?:\w+,)*memory[:,]/m.test(groups) ? undefined : /^0::\/(.*)$/m.exec(groups)?.[1];
  if (unified !== undefined) {
    const number = async (file: string) => Number(await read(`${unified}/${file}`));
    const microseconds = Number(/^usage_usec (\d+)$/m.exec(await read(`${unified}/cpu.stat`))?.[1]);
    return {
      status,
      resident,
      memory: await number('memory.current'),
      peak: await number('memory.peak'),
      limit: await number('memory.max'),
      cpuSeconds: microseconds / 1e6,
    };
  }
  const group = (controller: string) => {
    const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:/(.*)$`, 'm').exec(groups)?.[1];
    if (path === undefined) throw new Error(`The kernel does not count ${controller} here:\n${groups}`);
    return `${controller}/${path}`;
  };
  const memory = async (what: string) => Number(await read(`${group('memory')}/memory.${what}_in_bytes`));
  return {
    status,
    resident,
    memory: await memory('usage'),
    peak: await memory('max_usage'),
    limit: await memory('limit'),
    cpuSeconds: Number(await read(`${group('cpuacct')}/cpuacct.usage`)) / 1e9,
  };
}
