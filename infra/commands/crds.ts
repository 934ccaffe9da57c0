/** `pnpm infra crds`: brings the charts' definitions (CRDs) in the cluster to the charts' versions. */
import { defineCommand, environmentWord } from 'command-line';
import { stackFolder, synthesise } from '../terraform.ts';
import { publishedCharts, requirePrograms, updateInCluster } from '../upgrade/crds.ts';

export const command = defineCommand({
  description: {
    pt: 'atualiza no cluster as definições (CRDs) que os charts trazem; o deploy faz isto com os charts que mudam',
    en: 'updates the definitions (CRDs) in the cluster that charts bring; a deployment does so with charts that change',
  },
  words: { environment: environmentWord },
  options: {},
  async run({ environment }) {
    requirePrograms();
    await synthesise();
    await updateInCluster(environment, publishedCharts(stackFolder(environment)));
    return 0;
  },
});
