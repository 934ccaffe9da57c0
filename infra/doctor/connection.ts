import { texts } from '../command-texts.ts';
import { blocksDeployment, type Check } from './finding.ts';

const text = texts.doctor;

/**
 * Connections to GitHub that nobody has completed. A new one is pending until somebody authorises it in the console, and
 * CodeBuild cannot use it: https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html
 */
export const checkConnection: Check = async ({ ask, asked, settings }) => {
  const connections = new Set(asked.flatMap((name) => settings.github.connections?.[name] ?? []));
  const found = await Promise.all(
    [...connections].map(async (arn) => {
      const answer = await ask<{ Connection?: { ConnectionStatus?: string } }>(
        ...['codeconnections', 'get-connection', '--connection-arn', arn],
      );
      const status = answer?.Connection?.ConnectionStatus ?? 'AVAILABLE';
      return status === 'AVAILABLE' ? [] : [blocksDeployment(text.connectionNotReady(arn, status))];
    }),
  );
  return found.flat();
};
