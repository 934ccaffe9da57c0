import { defineCommand, environmentWord, Refused, requireProgram } from 'command-line';
import { applicationWord } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { contentTag, digestOf, hasPassed, repositoryOf } from '../images.ts';

export const command = defineCommand({
  description: {
    pt: 'diz o nome da imagem deste commit, e o digest se o registry já a tem; para prd, recusa a que não passou em dev',
    en: 'names the image of this commit, with its digest if it exists; for prd, refuses one that did not pass in dev',
  },
  words: { application: applicationWord, environment: environmentWord },
  options: {},
  async run({ application, environment }) {
    const repository = repositoryOf(application, process.env);
    requireProgram('docker');
    const tag = await contentTag(application);
    const digest = await digestOf(`${repository}:${tag}`);
    const isPassed = digest !== undefined && (await hasPassed('dev', { repository, digest }));
    if (environment === 'prd' && !isPassed) {
      const { notBuilt, notPassed } = texts.images;
      throw new Refused(
        digest === undefined ? notBuilt(application.name, tag) : notPassed(application.name, `${repository}@${digest}`),
      );
    }
    setOutputs({ repository, tag, digest: digest ?? '', passed: String(isPassed) });
    return 0;
  },
});
