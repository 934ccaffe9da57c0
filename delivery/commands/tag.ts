import { parseArgs } from 'node:util';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { addTags } from '../images.ts';
import { parseImage } from '../manifests.ts';

export const command: Command = {
  usage: 'REPOSITORY@sha256:… TAG…   adds tags to an image; only `latest` may move from another image',
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [reference = '?', ...tags] = positionals;
    const image = parseImage(reference);
    if (!image) throw new Refused(texts.release.needsDigest(reference));
    const wrong = tags.find((tag) => !/^\w[\w.-]{0,127}$/.test(tag));
    if (wrong !== undefined || tags.length === 0) throw new Refused(texts.images.badTag(wrong ?? '?'));
    await addTags(image.repository, image.digest, tags);
    return 0;
  },
};
