import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand, fileForm } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { grypeSettings, isExpired, readWaivers } from '../waivers.ts';

export const command = defineCommand({
  description: {
    pt: 'diz ao scan quais vulnerabilidades estão aceitas (delivery/scan-waivers.yaml), e falha se um prazo passou',
    en: 'tells the scan which vulnerabilities are waived (delivery/scan-waivers.yaml), and fails if a date has passed',
  },
  words: {},
  options: {
    file: {
      value: fileForm,
      default: join(import.meta.dirname, '../scan-waivers.yaml'),
      description: { pt: 'a lista; sem a opção, a do repositório', en: "the list; by default the repository's" },
    },
    out: {
      value: fileForm,
      default: '.grype.yaml',
      description: { pt: 'onde o scanner procura; sem a opção, .grype.yaml', en: 'where the scanner looks' },
    },
  },
  run(_, { file, out }) {
    const waivers = readWaivers(readFileSync(file, 'utf8'));
    const today = new Date().toISOString().slice(0, 10);
    const expired = waivers.filter((waiver) => isExpired(waiver, today));
    writeFileSync(out, grypeSettings(waivers.filter((waiver) => !expired.includes(waiver))));
    for (const { until, vulnerability } of expired) say(texts.waivers.expired(vulnerability, until));
    return expired.length > 0 ? 1 : 0;
  },
});
