import { defineCommand, Refused, requireProgram } from 'command-line';
import { readSettings } from '../../infra/settings.ts';
import { texts } from '../delivery-texts.ts';
import { githubSettings, isPartOf } from '../github-settings.ts';

export const command = defineCommand({
  description: {
    pt: 'mostra ou ajusta as configurações do GitHub de que os workflows precisam',
    en: 'shows or applies the GitHub settings that the workflows need',
  },
  words: { repository: { name: 'OWNER/REPOSITORY', read: readRepository } },
  options: {
    reviewer: {
      value: 'LOGIN',
      required: true,
      repeated: true,
      description: {
        pt: 'quem aprova os deploys em prd e os aumentos de custo',
        en: 'who approves deployments to prd and cost increases',
      },
    },
    'docker-hub-user': {
      value: { pt: 'NOME', en: 'NAME' },
      description: {
        pt: 'a conta do Docker Hub que guarda as imagens',
        en: 'the Docker Hub account that holds the images',
      },
    },
    apply: {
      description: { pt: 'ajusta o que está diferente', en: 'changes what is different' },
    },
  },
  run({ repository }, { apply, 'docker-hub-user': dockerHubUser, reviewer: reviewers }) {
    const settings = readSettings();
    requireProgram('gh');
    const all = githubSettings({ repository, settings, reviewers, dockerHubUser });
    let different = 0;
    for (const setting of all) {
      const current = setting.read();
      if (isPartOf(setting.wanted, current)) continue;
      different++;
      console.log(`${current === undefined ? '+' : '~'} ${setting.name}`);
      if (apply) setting.write(current);
    }
    console.log(
      different === 0 ? texts.settings.right : apply ? texts.settings.set(different) : texts.settings.toSet(different),
    );
    return 0;
  },
});

function readRepository(given: string): string {
  if (!/^[^/\s]+\/[^/\s]+$/.test(given)) throw new Refused(texts.settings.needsRepository);
  return given;
}
