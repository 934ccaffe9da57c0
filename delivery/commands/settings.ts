import { parseArgs } from 'node:util';
import { readSettings } from '../../infra/settings.ts';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { githubSettings, isPartOf } from '../github-settings.ts';

export const command: Command = {
  usage:
    'OWNER/REPOSITORY --reviewer LOGIN… [--docker-hub-user NAME] [--apply]   shows or applies the GitHub settings that the workflows need',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reviewer: { type: 'string', multiple: true, default: [] },
        'docker-hub-user': { type: 'string' },
        apply: { type: 'boolean', default: false },
      },
    });
    const [repository = ''] = positionals;
    if (!/^[^/\s]+\/[^/\s]+$/.test(repository)) throw new Refused(texts.settings.needsRepository);
    if (values.reviewer.length === 0) throw new Refused(texts.settings.needsReviewer);
    const all = githubSettings({
      repository,
      settings: readSettings(),
      reviewers: values.reviewer,
      dockerHubUser: values['docker-hub-user'],
    });
    let different = 0;
    for (const setting of all) {
      const current = setting.read();
      if (isPartOf(setting.wanted, current)) continue;
      different++;
      console.log(`${current === undefined ? '+' : '~'} ${setting.name}`);
      if (values.apply) setting.write(current);
    }
    console.log(
      different === 0
        ? texts.settings.right
        : values.apply
          ? texts.settings.set(different)
          : texts.settings.toSet(different),
    );
    return 0;
  },
};
