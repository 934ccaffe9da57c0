import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refused } from 'command-line';
import type { Application, EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';
import { type Image, shortDigest } from './manifests.ts';

const root = join(import.meta.dirname, '..');
const text = texts.images;

/**
 * The repository of an application's images. `IMAGE_REGISTRY` names the registry: `docker-hub` (the default), `ecr`, or
 * an address such as `localhost:5000`.
 *
 * @throws {Refused} if a variable is missing; the message names it
 */
export function repositoryOf({ name }: Application, environment: NodeJS.ProcessEnv): string {
  const required = (variable: string) => {
    const value = environment[variable];
    if (!value) throw new Refused(text.missingVariable(variable));
    return value;
  };
  const registry = environment.IMAGE_REGISTRY || 'docker-hub';
  if (registry === 'docker-hub') return `docker.io/${required('DOCKERHUB_USERNAME')}/${name}`;
  if (registry === 'ecr') {
    return `${required('AWS_ACCOUNT_ID')}.dkr.ecr.${required('AWS_REGION')}.amazonaws.com/${name}`;
  }
  if (/[.:]/.test(registry)) return `${registry}/${name}`;
  throw new Refused(text.unknownRegistry(registry));
}

/**
 * A tag derived from the content of the image: the files that the Dockerfile copies, as committed, without those that
 * `.dockerignore` excludes. The same content is built only once, so that the image that ran in dev is promoted to prd.
 */
export async function contentTag({ name }: Application, repository = root): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: repository, maxBuffer: 2 ** 26 })).stdout;
  const dockerfile = `apps/${name}/Dockerfile`;
  const sources = copiedPaths(await git('show', `HEAD:${dockerfile}`));
  const ignored = ignoredNames(await git('show', 'HEAD:.dockerignore'));
  const stdout = await git('ls-tree', '-r', 'HEAD', '--', dockerfile, ...sources);
  const files = stdout.split('\n').filter((line) => {
    const path = line.slice(line.indexOf('\t') + 1);
    return path === dockerfile || !path.split('/').some((part) => ignored.some((pattern) => pattern.test(part)));
  });
  return `content-${createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16)}`;
}

/** Sources of the Dockerfile's COPY lines that are in the repository. */
function copiedPaths(dockerfile: string): string[] {
  return [...dockerfile.matchAll(/^COPY (?!.*--from=)(?:--\S+\s+)*(.+)$/gm)].flatMap(([, files = '']) =>
    files.trim().split(/\s+/).slice(0, -1),
  );
}

/** Lines of `.dockerignore` that begin with `**`: names of files and folders that are excluded at any depth. */
function ignoredNames(dockerignore: string): RegExp[] {
  return [...dockerignore.matchAll(/^\*\*\/(\S+)$/gm)].map(
    ([, name = '']) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
  );
}

/**
 * How registries report that a tag does not exist. Docker Hub creates a repository on its first push. Until then, it
 * denies access even to the owner. If only the login is missing, the push fails later.
 */
const missingTag = /: not found$|^ERROR: pull access denied, repository does not exist or may require authorization/m;

/**
 * The digest of a tag in its registry, or undefined if there is no such tag.
 *
 * @throws if the registry gives no answer
 */
export async function digestOf(reference: string): Promise<string | undefined> {
  try {
    const format = '{{.Manifest.Digest}}';
    return (await buildx('imagetools', 'inspect', `--format=${format}`, reference)).trim();
  } catch (error) {
    const { message } = error as Error;
    if (missingTag.test(message)) return undefined;
    throw new Error(text.registryFails(reference, message));
  }
}

/**
 * The tag of an image that passed the smoke test in an environment. It contains part of the image's digest, so that no
 * other image can have it, although the registry's tags never move.
 */
const passedTag = (environment: EnvironmentName, image: Image): string =>
  `passed-${environment}-${shortDigest(image, 16)}`;

/** Whether an image passed the smoke test in an environment. */
export async function hasPassed(environment: EnvironmentName, image: Image): Promise<boolean> {
  return (await digestOf(`${image.repository}:${passedTag(environment, image)}`)) === image.digest;
}

/**
 * Tags an image that passed the smoke test in an environment: as passed, with its version, and as `latest`. It is
 * idempotent: existing tags of the image stay as they are.
 *
 * GitHub counts runs from 1 again after a workflow's file was renamed or the repository made anew. So if the version's
 * tag belongs to another image, this one gets the version with part of its digest.
 *
 * @param version such as `dev-17`
 * @returns the tags
 */
export async function acceptImage(environment: EnvironmentName, image: Image, version: string): Promise<string[]> {
  const { digest, repository } = image;
  const owner = await digestOf(`${repository}:${version}`);
  const isTaken = owner !== undefined && owner !== digest;
  const name = isTaken ? `${version}-${shortDigest(image, 7)}` : version;
  const tags = [passedTag(environment, image), name, 'latest'];
  for (const tag of tags) await addTag(image, tag);
  return tags;
}

async function addTag({ digest, repository }: Image, tag: string): Promise<void> {
  if ((await digestOf(`${repository}:${tag}`)) === digest) return;
  // By default, an image for one platform would be wrapped in an index, which has another digest.
  await buildx('imagetools', 'create', '--prefer-index=false', `--tag=${repository}:${tag}`, `${repository}@${digest}`);
}

async function buildx(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('docker', ['buildx', ...args])).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(stderr?.trim() || message);
  }
}
