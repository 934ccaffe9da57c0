import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Application } from 'platform';
import { Refused } from './command.ts';
import { texts } from './delivery-texts.ts';

const root = join(import.meta.dirname, '..');
const text = texts.images;

/**
 * Where the images lie: on Docker Hub, as the variable `IMAGE_REGISTRY` has it by default, in ECR, or in a registry that it
 * names by its address, such as `localhost:5000`.
 *
 * @throws {Refused} naming what is missing
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
 * A tag made of all that enters the image, so that the same content is one image, built once: what ran in dev is what goes to
 * prd. What enters is what the Dockerfile copies, as the commit has it, without what `.dockerignore` leaves out.
 */
export async function contentTag({ name }: Application, repository = root): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: repository, maxBuffer: 2 ** 26 })).stdout;
  const dockerfile = `apps/${name}/Dockerfile`;
  const sources = copied(await git('show', `HEAD:${dockerfile}`));
  const ignored = leftOut(await git('show', 'HEAD:.dockerignore'));
  const stdout = await git('ls-tree', '-r', 'HEAD', '--', dockerfile, ...sources);
  const files = stdout.split('\n').filter((line) => {
    const path = line.slice(line.indexOf('\t') + 1);
    return path === dockerfile || !path.split('/').some((part) => ignored.some((pattern) => pattern.test(part)));
  });
  return `content-${createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16)}`;
}

/** Sources of the Dockerfile's COPY lines, as far as they are the repository's. */
function copied(dockerfile: string): string[] {
  return [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, files = '']) =>
    files.trim().split(/\s+/).slice(0, -1),
  );
}

/** The lines of `.dockerignore` that begin with two stars: names of files and folders that enter no image, at whatever depth. */
function leftOut(dockerignore: string): RegExp[] {
  return [...dockerignore.matchAll(/^\*\*\/(\S+)$/gm)].map(
    ([, name = '']) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
  );
}

/**
 * How registries say that there is no such tag. Docker Hub denies access to a repository that nobody has pushed to yet, even to
 * its owner, whose first push makes it; where it is the login that is missing, the push fails.
 */
const absent = /: not found$|^ERROR: pull access denied, repository does not exist or may require authorization/m;

/**
 * The digest that a tag has in its registry, or nothing if there is no such tag.
 *
 * @throws if the registry cannot be asked
 */
export async function digestOf(reference: string): Promise<string | undefined> {
  try {
    const format = '{{.Manifest.Digest}}';
    return (await buildx('imagetools', 'inspect', `--format=${format}`, reference)).trim();
  } catch (error) {
    const { message } = error as Error;
    if (absent.test(message)) return undefined;
    throw new Error(text.registryFails(reference, message));
  }
}

/** The one tag that moves on. */
const movingTag = 'latest';

/**
 * Gives an image's digest more tags. A tag that it has already is left alone, so that a second run changes nothing.
 *
 * @throws {Refused} for a tag that another image has: only `latest` moves on
 */
export async function addTags(repository: string, digest: string, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const current = await digestOf(`${repository}:${tag}`);
    if (current === digest) continue;
    if (current !== undefined && tag !== movingTag) throw new Refused(text.tagTaken(tag, current));
    // An image for one platform would by default be put into an index, which is another digest.
    await buildx(
      'imagetools',
      'create',
      '--prefer-index=false',
      `--tag=${repository}:${tag}`,
      `${repository}@${digest}`,
    );
  }
}

async function buildx(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('docker', ['buildx', ...args])).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(stderr?.trim() || message);
  }
}
