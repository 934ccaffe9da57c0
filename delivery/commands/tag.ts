import { defineCommand, Refused, requireProgram } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { imageForm, readImage } from '../image-argument.ts';
import { addTags } from '../images.ts';

export const command = defineCommand({
  description: {
    pt: 'dá mais tags a uma imagem; só latest pode sair de outra imagem',
    en: 'adds tags to an image; only latest may move from another image',
  },
  words: { image: { name: imageForm, read: readImage }, tags: { name: 'TAG', repeated: true, read: readTag } },
  options: {},
  async run({ image: { digest, repository }, tags }) {
    requireProgram('docker');
    await addTags(repository, digest, tags);
    console.log(texts.images.tagged(`${repository}@${digest}`, tags.join(', ')));
    return 0;
  },
});

function readTag(given: string): string {
  if (!/^\w[\w.-]{0,127}$/.test(given)) throw new Refused(texts.images.badTag(given));
  return given;
}
