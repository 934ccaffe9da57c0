/**
 * `pnpm new application NAME --team TEAM`: makes an application that runs, is tested, released and watched like the others.
 * Its manifests, Dockerfile and place in Compose are those of the API, without what only the API needs.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentNames, nameLabel, names } from 'platform';
import { applications } from 'platform/applications';
import { Pair, parseAllDocuments, Scalar, stringify, type YAMLMap } from 'yaml';
import { both, defineCommand, exactly, Refused, runCommand } from '../packages/command-line/src/index.ts';
import { editServices, install, root } from './repository.ts';

const templates = join(import.meta.dirname, 'new-application/service');
/** The application whose files are the pattern, and what stands for it in them. */
const pattern = { name: 'calculadora-api', title: 'API', path: '/backend', port: '7000' };
/** Its manifests, but for the migration's. */
const manifests = [
  ...['autoscaler', 'deployment', 'disruption-budget', 'kustomization'],
  ...['network-policy', 'service-account', 'service', 'target-group-binding'],
];

process.exitCode = await runCommand(
  'pnpm new',
  defineCommand({
    description: {
      pt: 'cria uma aplicação com testes, imagem, manifestos e workflows',
      en: 'creates an application with tests, image, manifests and workflows',
    },
    words: { kind: exactly('application'), name: { name: { pt: 'NOME', en: 'NAME' }, read: readName } },
    options: {
      team: {
        value: { pt: 'TIME', en: 'TEAM' },
        required: true,
        read: readTeam,
        description: { pt: 'o time que recebe os alertas', en: 'the team that gets the alerts' },
      },
    },
    run: ({ name }, { team }) => create(name, team),
  }),
);

/** What the templates name. */
interface NewApplication {
  readonly name: string;
  readonly team: string;
  readonly port: string;
  /** Environment variable for another port. */
  readonly variable: string;
}

async function create(name: string, team: string): Promise<number> {
  const application: NewApplication = {
    name,
    team,
    port: String(Math.max(...applications.map(({ port }) => port)) + 1),
    variable: `${name.replaceAll('-', '_').toUpperCase()}_PORT`,
  };
  const folder = `apps/${name}`;
  /** Writes a file of the application that is made of the pattern's. */
  const derive = async (file: string, edit = (text: string) => text) => {
    const text = await readFile(join(root, 'apps', pattern.name, file), 'utf8');
    await write(join(folder, file), renamed(edit(text), application));
  };

  for (const file of await readdir(templates, { recursive: true })) {
    if (!file.endsWith('.template')) continue;
    const text = await readFile(join(templates, file), 'utf8');
    await write(join(folder, file.replace(/\.template$/, '')), fill(text, application));
  }
  await derive('tsconfig.json', (text) => text.replace('"scripts", ', ''));
  await derive('Dockerfile', (text) => toDockerfile(text, name));
  for (const kind of manifests) {
    const file = `k8s/base/${kind}.yaml`;
    await derive(file, (text) => toManifest(file, text));
  }
  for (const environment of environmentNames) {
    await derive(`k8s/overlays/${environment}/kustomization.yaml`);
    const workflow = (application: string) => `.github/workflows/api-${environment}-${application}.yml`;
    const text = await readFile(join(root, workflow(pattern.name)), 'utf8');
    await write(workflow(name), renamed(text, application));
  }
  await editServices((services) => addService(services, application));
  install();
  console.log(`${folder}: pnpm dev, pnpm test ${name}. ${name} → http://localhost:${application.port}/${name}`);
  return 0;
}

/** Reads the name of the new application. @throws {Refused} if AWS would not accept it, or if it is taken */
function readName(name: string): string {
  const longest = 32 - names('prd').targetGroup('').length;
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > longest) {
    throw new Refused(
      both(
        `${name}: use até ${longest} letras minúsculas, números e hífens, a começar por uma letra.`,
        `${name}: use at most ${longest} lower-case letters, digits and hyphens, and begin with a letter.`,
      ),
    );
  }
  const isTaken = applications.some(({ path }) => path === `/${name}`);
  if (existsSync(join(root, 'apps', name)) || isTaken) {
    throw new Refused(
      both(
        `${name} já existe: apps/${name} ou o caminho /${name}.`,
        `${name} is taken: apps/${name}, or the path /${name}.`,
      ),
    );
  }
  return name;
}

function readTeam(team: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(team)) {
    throw new Refused(
      both(
        `--team ${team}: use letras minúsculas, números e hífens, a começar por uma letra.`,
        `--team ${team}: use lower-case letters, digits and hyphens, and begin with a letter.`,
      ),
    );
  }
  return team;
}

function fill(text: string, application: NewApplication): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const value = application[word as keyof NewApplication];
    if (value === undefined) throw new Error(`A template asks for ${word}, which nothing fills`);
    return value;
  });
}

function renamed(text: string, { name, port }: NewApplication): string {
  return text
    .replaceAll(pattern.name, name)
    .replaceAll(`${pattern.path}/`, `/${name}/`)
    .replaceAll(new RegExp(`\\b${pattern.port}\\b`, 'g'), port);
}

function toDockerfile(text: string, name: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && !line.includes('packages/contract'));
  const content = lines.join('\n').replace(/(image\.description=").*(")/, `$1${name}$2`);
  return `${explainedIn('Dockerfile')}${content.trimStart()}`;
}

/** A manifest without database, settings and metrics, which are the API's own. */
function toManifest(file: string, text: string): string {
  const object = parseAllDocuments(text)[0]?.toJS();
  if (file.endsWith('deployment.yaml')) {
    delete object.spec.template.metadata.annotations;
    delete object.spec.template.spec.containers[0].envFrom;
  }
  if (file.endsWith('kustomization.yaml')) {
    delete object.configMapGenerator;
    object.resources = object.resources.filter((resource: string) => resource !== 'migration.yaml');
  }
  if (file.endsWith('network-policy.yaml')) {
    object.spec.podSelector = { matchLabels: { [nameLabel]: pattern.name } };
  }
  return explainedIn(file) + stringify(object, { lineWidth: 0 });
}

/** Comments are not copied: they would grow old in each copy. */
function explainedIn(file: string): string {
  return `# The reasons for each line are in the ${pattern.title}'s ${file}.\n`;
}

/** Adds the pattern's service under another name, without its database. */
function addService(services: YAMLMap, { name, port, variable }: NewApplication): void {
  const service = (services.get(pattern.name) as YAMLMap).clone() as YAMLMap;
  for (const key of ['environment', 'depends_on']) service.delete(key);
  service.set('image', name);
  service.setIn(['build', 'dockerfile'], `apps/${name}/Dockerfile`);
  service.set('ports', [`127.0.0.1:\${${variable}:-${port}}:${port}`]);
  const key = new Scalar(name);
  key.spaceBefore = true;
  services.add(new Pair(key, service));
}

async function write(file: string, text: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
