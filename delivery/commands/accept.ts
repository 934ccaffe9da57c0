import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { readVersion, versionForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { imageForm, readImage } from '../image-argument.ts';
import { acceptImage } from '../images.ts';

export const command = defineCommand({
  description: {
    pt: 'dá a uma imagem que passou no smoke test as tags que dizem isso: só essas vão de dev para prd',
    en: 'tags an image that passed the smoke test: only such images go on from dev to prd',
  },
  words: { image: { name: imageForm, read: readImage }, environment: environmentWord },
  options: {
    version: {
      value: versionForm,
      required: true,
      read: readVersion,
      description: { pt: 'o nome da versão, como dev-17', en: "the version's name, such as dev-17" },
    },
  },
  async run({ environment, image }, { version }) {
    requireProgram('docker');
    const tags = await acceptImage(environment, image, version);
    console.log(texts.images.tagged(`${image.repository}@${image.digest}`, tags.join(', ')));
    return 0;
  },
});
