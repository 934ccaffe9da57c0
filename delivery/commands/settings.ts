import { defineCommand, Refused, requireProgram } from 'command-line';
import { readSettings } from '../../infra/settings.ts';
import { texts } from '../delivery-texts.ts';
import { gh, ghList } from '../github-api.ts';
import { githubSettings, update } from '../github-settings.ts';
import { adoptSubjectPrefix } from '../subject-prefix.ts';

const text = texts.settings;

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
    alone: {
      description: {
        pt: 'time de uma pessoa: quem administra o repositório faz o merge sem a aprovação de outra',
        en: 'a team of one: an administrator can merge without the approval of another person',
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
  run({ repository }, { alone: isAlone, apply, 'docker-hub-user': dockerHubUser, reviewer: reviewers }) {
    requireProgram('gh');
    const isPrefixNew = adoptSubjectPrefix(repository, apply);
    const settings = readSettings();
    const all = githubSettings({ repository, settings, reviewers, isAlone, dockerHubUser, api: gh, list: ghList });
    const { different, refused } = update(all, apply);
    if (isPrefixNew) console.log(text.bootstrapAgain);
    if (refused > 0) console.error(text.refused(refused));
    else console.log(different === 0 ? text.right : apply ? text.set(different) : text.toSet(different));
    return refused > 0 ? 1 : 0;
  },
});

function readRepository(given: string): string {
  if (!/^[^/\s]+\/[^/\s]+$/.test(given)) throw new Refused(text.needsRepository);
  return given;
}
