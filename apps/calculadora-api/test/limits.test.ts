/** That the API waits as long as its limits say, where no test could wait for that. */
import { expect, jest, test } from '@jest/globals';
import * as otlp from '@opentelemetry/exporter-trace-otlp-http';

const made: unknown[] = [];
jest.unstable_mockModule('@opentelemetry/exporter-trace-otlp-http', () => ({
  ...otlp,
  OTLPTraceExporter: class {
    constructor(options: unknown) {
      made.push(options);
    }
    async shutdown() {}
  },
}));
const { startTelemetry } = await import('../src/telemetry/open-telemetry.ts');

test('an attempt to send spans ends after five seconds, so that the queue has room again', async () => {
  await startTelemetry({ endpoint: 'http://collector', database: 'mysql', onFailure: () => undefined }).close();
  expect(made).toEqual([{ url: 'http://collector/v1/traces', timeoutMillis: 5_000 }]);
});
