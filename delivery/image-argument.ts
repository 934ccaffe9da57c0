import { Refused } from 'command-line';
import { texts } from './delivery-texts.ts';
import { type Image, parseImage } from './manifests.ts';

/** How the usage names an image. */
export const imageForm = { pt: 'REPOSITÓRIO@sha256:…', en: 'REPOSITORY@sha256:…' } as const;

/** Reads an image with its digest. @throws {Refused} if it has none */
export function readImage(given: string): Image {
  const image = parseImage(given);
  if (!image) throw new Refused(texts.release.needsDigest(given));
  return image;
}
