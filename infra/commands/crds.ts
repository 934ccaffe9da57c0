/** `pnpm infra crds`: brings the charts' definitions (CRDs) in the cluster to the charts' versions. */
import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { names } from 'platform';
import { aws } from '../doctor/aws.ts';
import { withKubeconfig } from '../kubeconfig.ts';
import { readSettings } from '../settings.ts';
import { stackFolder, synthesise } from '../terraform.ts';
import { publishedCharts, updateDefinitions } from '../upgrade/crds.ts';

export const command = defineCommand({
  description: {
    pt: 'atualiza no cluster as definições (CRDs) que os charts trazem, antes de um deploy com charts novos',
    en: 'updates the definitions (CRDs) in the cluster that charts bring, before a deployment with new charts',
  },
  words: { environment: environmentWord },
  options: {},
  async run({ environment }) {
    for (const program of ['aws', 'helm', 'kubectl']) requireProgram(program);
    const { region } = readSettings();
    await synthesise();
    return withKubeconfig(async (file) => {
      const cluster = ['--name', names(environment).cluster, '--region', region];
      await aws('eks', 'update-kubeconfig', ...cluster, '--kubeconfig', file);
      await updateDefinitions(publishedCharts(stackFolder(environment)), file);
      return 0;
    });
  },
});
