import { defineCommand, requireProgram } from 'command-line';
import { applicationWord } from '../arguments.ts';
import { setOutputs } from '../github.ts';
import { contentTag, digestOf, repositoryOf } from '../images.ts';

export const command = defineCommand({
  description: {
    pt: 'diz o nome da imagem deste commit, e o digest se o registry já a tem',
    en: 'names the image of this commit, with its digest if the registry already has it',
  },
  words: { application: applicationWord },
  options: {},
  async run({ application }) {
    const repository = repositoryOf(application, process.env);
    requireProgram('docker');
    const tag = await contentTag(application);
    const digest = await digestOf(`${repository}:${tag}`);
    setOutputs({ repository, tag, digest: digest ?? '' });
    return 0;
  },
});
