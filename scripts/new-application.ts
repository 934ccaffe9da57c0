/**
 * `pnpm new application NAME --team TEAM [--database]`: makes an application that runs, is tested, released and watched
 * like the others. Its manifests, Dockerfile and place in Compose are those of the API, without what only the API needs.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configMaps, environmentNames, longestTeamName, nameLabel, names, statusPath, teamPattern } from 'platform';
import { applications } from 'platform/applications';
import { Pair, parseAllDocuments, Scalar, stringify, type YAMLMap } from 'yaml';
import { both, defineCommand, exactly, Refused, runCommand } from '../packages/command-line/src/index.ts';
import { composeDatabase, editCompose, install, root } from './repository.ts';

const templates = join(import.meta.dirname, 'new-application');
/** The application whose files are the pattern, and what stands for it in them. */
const pattern = { name: 'calculadora-api', title: 'API', path: '/backend', port: '7000' };
/** Its manifests. */
const manifests = [
  ...['autoscaler', 'deployment', 'disruption-budget', 'kustomization', 'migration'],
  ...['network-policy', 'service-account', 'service', 'target-group-binding'],
];
/** Databases that each MySQL server has. */
const systemDatabases = ['information_schema', 'mysql', 'performance_schema', 'sys'];

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
      database: {
        description: { pt: 'com um banco de dados só seu', en: 'with a database of its own' },
      },
    },
    run: ({ name }, { team, database }) => create(describe(name, team, database)),
  }),
);

/** What the templates name. */
interface NewApplication {
  readonly name: string;
  readonly team: string;
  readonly port: string;
  /** Prefix of its environment variables on a developer's machine. */
  readonly variable: string;
  /** Name of its database, if it has one. */
  readonly database?: string;
}

/** @throws {Refused} if there is a database of this name */
function describe(name: string, team: string, hasDatabase: boolean): NewApplication {
  const identifier = name.replaceAll('-', '_');
  const port = String(Math.max(...applications.map((application) => application.port)) + 1);
  const application = { name, team, port, variable: identifier.toUpperCase() };
  if (!hasDatabase) return application;
  const isOfServer = systemDatabases.includes(identifier);
  const owner = isOfServer ? 'MySQL' : applications.find(({ database }) => database === identifier)?.name;
  if (owner) {
    throw new Refused(
      both(
        `O banco de dados ${identifier} já é de ${owner}: use outro nome.`,
        `The database ${identifier} belongs to ${owner}: use another name.`,
      ),
    );
  }
  return { ...application, database: identifier };
}

async function create(application: NewApplication): Promise<number> {
  const { name, port, database } = application;
  const folder = `apps/${name}`;
  /** Writes a file of the application that is made of the pattern's. */
  const derive = async (file: string, edit = (text: string) => text) => {
    const text = await readFile(join(root, 'apps', pattern.name, file), 'utf8');
    await write(join(folder, file), renamed(edit(text), application));
  };

  for (const group of ['service', ...(database ? ['database'] : [])]) {
    for (const file of await readdir(join(templates, group), { recursive: true })) {
      if (!file.endsWith('.template')) continue;
      const text = await readFile(join(templates, group, file), 'utf8');
      await write(join(folder, file.replace(/\.template$/, '')), fill(text, application));
    }
  }
  await derive('tsconfig.json', (text) => text.replace('"scripts", ', ''));
  await derive('Dockerfile', (text) => toDockerfile(text, application));
  for (const kind of manifests.filter((some) => database || some !== 'migration')) {
    const file = `k8s/base/${kind}.yaml`;
    await derive(file, (text) => toManifest(file, text, application));
  }
  for (const environment of environmentNames) {
    await derive(`k8s/overlays/${environment}/kustomization.yaml`);
    const workflow = (application: string) => `.github/workflows/api-${environment}-${application}.yml`;
    const text = await readFile(join(root, workflow(pattern.name)), 'utf8');
    await write(workflow(name), renamed(text, application));
  }
  await editCompose((services, volumes) => addServices(services, volumes, application));
  install();
  console.log(`${folder}: pnpm dev, pnpm test ${name}. ${name} → http://localhost:${port}/${name}`);
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
  const isTaken = [...applications.map(({ path }) => path), statusPath].includes(`/${name}`);
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
  if (!teamPattern.test(team)) {
    throw new Refused(
      both(
        `--team ${team}: use até ${longestTeamName} letras minúsculas, números e hífens, a começar por uma letra.`,
        `--team ${team}: use at most ${longestTeamName} lower-case letters, digits and hyphens, and begin with a letter.`,
      ),
    );
  }
  return team;
}

/** Fills a template, in Mustache's form: `{{word}}`, and lines between `{{#word}}` or `{{^word}}` and `{{/word}}`. */
function fill(text: string, application: NewApplication): string {
  const known = text.replace(/^\{\{([#^])(\w+)\}\}\n(.*?)^\{\{\/\2\}\}\n/gms, (_, sign, word, lines) =>
    (sign === '#') === (application[word as keyof NewApplication] !== undefined) ? lines : '',
  );
  return known.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
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

function toDockerfile(text: string, { name, database }: NewApplication): string {
  const packages = ['platform', ...(database ? ['database'] : [])];
  const lines = text.split('\n').filter((line) => {
    const copied = /^COPY packages\/([\w-]+)/.exec(line)?.[1];
    return !line.startsWith('#') && (copied === undefined || packages.includes(copied));
  });
  const content = lines.join('\n').replace(/(image\.description=").*(")/, `$1${name}$2`);
  return `${explainedIn('Dockerfile')}${content.trimStart()}`;
}

/** A manifest without settings and metrics, which are the API's own, and without what is only for a database. */
function toManifest(file: string, text: string, { database }: NewApplication): string {
  const [object, ...others] = parseAllDocuments(text).map((document) => document.toJS());
  if (file.endsWith('deployment.yaml')) {
    const [container] = object.spec.template.spec.containers;
    delete object.spec.template.metadata.annotations;
    if (database) container.envFrom = [{ configMapRef: { name: configMaps.database(pattern.name) } }];
    else delete container.envFrom;
  }
  if (file.endsWith('kustomization.yaml')) {
    delete object.configMapGenerator;
    if (!database) object.resources = object.resources.filter((resource: string) => resource !== 'migration.yaml');
  }
  if (file.endsWith('network-policy.yaml') && !database) {
    object.spec.podSelector = { matchLabels: { [nameLabel]: pattern.name } };
  }
  // The service account of a migration.
  const objects = database ? [object, ...others] : [object];
  return explainedIn(file) + objects.map((some) => stringify(some, { lineWidth: 0 })).join('---\n');
}

/** Comments are not copied: they would grow old in each copy. */
function explainedIn(file: string): string {
  return `# The reasons for each line are in the ${pattern.title}'s ${file}.\n`;
}

/** Adds the pattern's service under another name, and with a database its MySQL. */
function addServices(services: YAMLMap, volumes: YAMLMap, { name, port, variable, database }: NewApplication): void {
  const copyOf = (service: string) => (services.get(service) as YAMLMap).clone() as YAMLMap;
  const add = (service: string, content: YAMLMap) => {
    const key = new Scalar(service);
    key.spaceBefore = true;
    services.add(new Pair(key, content));
  };
  const service = copyOf(pattern.name);
  service.set('image', name);
  service.setIn(['build', 'dockerfile'], `apps/${name}/Dockerfile`);
  service.set('ports', [`127.0.0.1:\${${variable}_PORT:-${port}}:${port}`]);
  if (database) {
    const { server, volume } = composeDatabase(name);
    const mysql = copyOf('mysql');
    mysql.setIn(['environment', 'MYSQL_DATABASE'], database);
    mysql.set('volumes', [`${volume}:/var/lib/mysql`]);
    mysql.delete('ports');
    add(server, mysql);
    volumes.set(volume, null);
    service.setIn(['environment', 'DB_HOST'], server);
    service.setIn(['environment', 'DB_NAME'], database);
    service.set('depends_on', { [server]: { condition: 'service_healthy' } });
  } else {
    for (const key of ['environment', 'depends_on']) service.delete(key);
  }
  add(name, service);
}

async function write(file: string, text: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
