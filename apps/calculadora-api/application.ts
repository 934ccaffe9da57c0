import { paths, ports, type SumRequest } from 'contract';
import type { Application } from 'platform';

const operation: SumRequest = { nome: 'smoke test', operador1: 20, operador2: 22 };

export const application: Application = {
  name: 'calculadora-api',
  path: paths.sum,
  port: ports.api,
  healthPath: paths.ready,
  livePath: paths.live,
  stopTime: 10,
  database: 'calculadora',
  team: 'api',
  smokeTest: [
    { path: paths.sum, expected: 'API em execução!' },
    { method: 'POST', path: paths.sum, body: operation, isStored: true, expected: '{"resultado":42}' },
  ],
  dev: {
    variables: { port: 'PORT', file: 'DB_FILE' },
    args: () => ['--watch', '--watch-preserve-output', '--disable-warning=ExperimentalWarning', 'src/main.ts'],
    env: ({ port, file }) => ({ PORT: String(port), DB_FILE: file }),
    pages: [
      { title: 'API', path: paths.sum },
      { title: 'Docs', path: paths.docs },
    ],
  },
};
