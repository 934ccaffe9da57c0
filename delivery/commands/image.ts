import { applicationOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import { setOutputs } from '../github.ts';
import { contentTag, digestOf, repositoryOf } from '../images.ts';

export const command: Command = {
  usage: 'APPLICATION   names the image of this commit, with its digest if the registry already has it',
  async run([name]) {
    const application = applicationOf(name);
    const repository = repositoryOf(application, process.env);
    const tag = await contentTag(application);
    const digest = await digestOf(`${repository}:${tag}`);
    setOutputs({ repository, tag, digest: digest ?? '' });
    return 0;
  },
};
