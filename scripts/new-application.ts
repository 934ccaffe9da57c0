/**
 * `pnpm new application NAME --team TEAM`: makes an application that runs, is tested, released and watched like the others.
 * Its manifests, Dockerfile and place in Compose are those of the API, without what only the API needs.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type EnvironmentName, environmentNames, nameLabel, names } from 'platform';
import { applications } from 'platform/applications';
import { isMap, parseAllDocuments, parseDocument, stringify, type YAMLMap } from 'yaml';
import { argumentsOf, both, exactly, Refused } from '../packages/command-line/src/index.ts';
import { install } from './install.ts';

const root = resolve(import.meta.dirname, '..');
const templates = join(import.meta.dirname, 'new-application');
/** The application whose files are the pattern, and what stands for it in them. */
const pattern = { name: 'calculadora-api', title: 'API', path: '/backend', port: '7000' };

const {
  words: { name },
  options: { team },
} = await argumentsOf('pnpm new', {
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
});

const port = Math.max(...applications.map((application) => application.port)) + 1;
const folder = `apps/${name}`;
const words: Readonly<Record<string, string>> = {
  name,
  team,
  port: String(port),
  variable: `${name.replaceAll('-', '_').toUpperCase()}_PORT`,
};

for (const file of await readdir(templates, { recursive: true })) {
  if (file.endsWith('.template')) {
    await write(join(folder, file.replace(/\.template$/, '')), fill(await readFile(join(templates, file), 'utf8')));
  }
}
await write(`${folder}/tsconfig.json`, await ofPattern('tsconfig.json', (text) => text.replace('"scripts", ', '')));
await write(`${folder}/Dockerfile`, await ofPattern('Dockerfile', toDockerfile));
const base = [
  ...['autoscaler', 'deployment', 'disruption-budget', 'kustomization'],
  ...['network-policy', 'service-account', 'service', 'target-group-binding'],
];
for (const file of base.map((kind) => `k8s/base/${kind}.yaml`)) await write(`${folder}/${file}`, await manifest(file));
for (const environment of environmentNames) {
  const file = `k8s/overlays/${environment}/kustomization.yaml`;
  await write(`${folder}/${file}`, await ofPattern(file));
  await write(`.github/workflows/api-${environment}-${name}.yml`, await workflow(environment));
}
await addToCompose();
install(root);

console.log(`${folder}: pnpm dev, pnpm test ${name}. ${name} → http://localhost:${port}/${name}`);

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

function fill(text: string): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const value = words[word];
    if (value === undefined) throw new Error(`A template asks for ${word}, which nothing fills`);
    return value;
  });
}

/** A file of the pattern, about the new application. */
async function ofPattern(file: string, edit = (text: string) => text): Promise<string> {
  const text = await readFile(join(root, 'apps', pattern.name, file), 'utf8');
  return renamed(edit(text));
}

function renamed(text: string): string {
  return text
    .replaceAll(pattern.name, name)
    .replaceAll(`${pattern.path}/`, `/${name}/`)
    .replaceAll(new RegExp(`\\b${pattern.port}\\b`, 'g'), String(port));
}

function toDockerfile(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && !line.includes('packages/contract'));
  const content = lines.join('\n').replace(/(image\.description=").*(")/, `$1${name}$2`);
  return `${explainedIn('Dockerfile')}${content.trimStart()}`;
}

/** A manifest of the pattern without database, settings and metrics, which are the API's own. */
async function manifest(file: string): Promise<string> {
  return ofPattern(file, (text) => {
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
  });
}

/** Comments are not copied: they would grow old in each copy. */
function explainedIn(file: string): string {
  return `# The reasons for each line are in the ${pattern.title}'s ${file}.\n`;
}

async function workflow(environment: EnvironmentName): Promise<string> {
  return renamed(await readFile(join(root, `.github/workflows/api-${environment}-${pattern.name}.yml`), 'utf8'));
}

async function addToCompose(): Promise<void> {
  const file = join(root, 'docker-compose.yml');
  const document = parseDocument(await readFile(file, 'utf8'));
  const services = document.get('services');
  if (!isMap(services)) throw new Error('docker-compose.yml has no services');
  const service = (services.get(pattern.name) as YAMLMap).clone() as YAMLMap;
  for (const key of ['environment', 'depends_on']) service.delete(key);
  service.set('image', name);
  service.setIn(['build', 'dockerfile'], `${folder}/Dockerfile`);
  service.set('ports', [`127.0.0.1:\${${words.variable}:-${port}}:${port}`]);
  const key = document.createNode(name);
  key.spaceBefore = true;
  services.add(document.createPair(key, service));
  await writeFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}

async function write(file: string, text: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
