import { both, type Text } from 'command-line';
import { type EngineName, minimumVersions } from './engine.ts';

const list = (problems: readonly Text[], language: keyof Text): string =>
  problems.map((problem) => `  ${problem[language]}`).join('\n');

/** Messages of the `pnpm infra` commands. */
export const texts = {
  protected: (name: string) =>
    both(
      `${name} é protegido e não foi alterado. Para apagá-lo, primeiro mude "protected" para false em infra/environments/${name}.ts, por pull request, e faça o deploy.`,
      `${name} is protected and was not changed. To delete it, first set "protected" to false in infra/environments/${name}.ts, by a pull request, and deploy.`,
    ),
  typeToDestroy: (name: string) =>
    both(
      `Isto apaga o ambiente ${name} e todos os dados dele. Para confirmar, digite ${name}.`,
      `This deletes the environment ${name} and all its data. To confirm, type ${name}: `,
    ),
  notDestroyed: both('Nada foi apagado.', 'Nothing was deleted.'),
  invalidEnvironment: (name: string, problems: readonly Text[]) =>
    both(
      `A AWS recusaria estes valores de infra/environments/${name}.ts ou de infra/settings.json:\n${list(problems, 'pt')}\n`,
      `AWS would refuse these values of infra/environments/${name}.ts or infra/settings.json:\n${list(problems, 'en')}`,
    ),
  done: both('Pronto.', 'Done.'),
  moveState: both(
    'O estado do bootstrap está nesta máquina (bootstrap.tfstate). Para guardá-lo no bucket, defina "bootstrapState": "bucket" em infra/settings.json e rode de novo: pnpm infra bootstrap',
    'The bootstrap state is on this machine (bootstrap.tfstate). To keep it in the bucket, set "bootstrapState": "bucket" in infra/settings.json and run again: pnpm infra bootstrap',
  ),
  stateMoved: (file: string) =>
    both(
      `O estado do bootstrap está agora no bucket. A cópia antiga pode ser apagada: ${file}`,
      `The bootstrap state is now in the bucket. The old copy can be deleted: ${file}`,
    ),
  costs: {
    written: both('docs/costs.md foi atualizado.', 'docs/costs.md was updated.'),
    upToDate: both('docs/costs.md está atualizado: nada mudou.', 'docs/costs.md is up to date: nothing changed.'),
    outOfDate: both(
      'docs/costs.md está desatualizado: rode pnpm infra costs e faça commit do resultado.',
      'docs/costs.md is out of date: run pnpm infra costs and commit the result.',
    ),
  },
  rehearse: {
    steps: {
      synthesis: { pt: 'síntese', en: 'synthesis' },
      bootstrap: { pt: 'bootstrap', en: 'bootstrap' },
      workspaces: { pt: 'workspaces', en: 'workspaces' },
      plan: { pt: 'plano', en: 'plan' },
      failure: { pt: 'deploy com falha', en: 'deployment with the failure' },
      deploy: { pt: 'deploy', en: 'deployment' },
      secondPlan: { pt: 'segundo plano, sem mudanças', en: 'second plan, without changes' },
      protection: { pt: 'destroy recusado pela proteção', en: 'destroy refused by the protection' },
      destroyFailure: { pt: 'destroy com falha', en: 'destroy with the failure' },
      destroy: { pt: 'destroy', en: 'destroy' },
    },
    resources: { pt: 'recursos', en: 'resources' },
    timeOnAws: { pt: 'Tempo na AWS', en: 'Time on AWS' },
    firstDeployment: { pt: 'primeiro deploy', en: 'first deployment' },
    criticalPath: { pt: 'Caminho crítico do primeiro deploy', en: 'Critical path of the first deployment' },
    unknown: { pt: 'Sem duração conhecida, contados como 0 s', en: 'Duration not known, counted as 0 s' },
    cost: { pt: 'Custo mensal', en: 'Monthly cost' },
    quotas: { pt: 'Uma conta nova não permite', en: 'A new account does not allow' },
    failed: { pt: 'Falha ensaiada', en: 'Rehearsed failure' },
    healed: { pt: 'a execução seguinte concluiu o que faltava', en: 'the next run completed what was missing' },
    page: { pt: 'Página com a linha do tempo', en: 'Page with the timeline' },
    noSuchChange: (name: string, fail: string) =>
      both(
        `O ensaio de ${name} não faz nenhuma mudança do tipo ${fail}.`,
        `The rehearsal of ${name} makes no change of the type ${fail}.`,
      ),
    invalidFail: (given: string) =>
      both(
        `${given}: use um tipo do Terraform e, se quiser, uma ação, como aws_eks_cluster ou helm_release/delete.`,
        `${given}: use a type of Terraform and, optionally, an action, as in aws_eks_cluster or helm_release/delete.`,
      ),
    didNotFail: (fail: string) =>
      both(`A falha de ${fail} não interrompeu a execução.`, `The failure of ${fail} did not stop the run.`),
    changesAgain: (output: string) =>
      both(`Um segundo plano ainda muda alguma coisa:\n${output}`, `A second plan still changes something; see above.`),
    notProtected: (name: string) =>
      both(
        `${name} é protegido, mas o Terraform não recusou apagá-lo.`,
        `${name} is protected, but Terraform did not refuse to destroy it.`,
      ),
    leftBehind: (addresses: readonly string[]) =>
      both(
        `O destroy deixou recursos: ${addresses.join(', ')}.`,
        `The destroy left resources behind: ${addresses.join(', ')}.`,
      ),
    refused: (step: string, errors: string) =>
      both(`O passo "${step}" falhou:\n${errors}`, `The step "${step}" failed; see above.`),
  },
  noCredentialsWithoutAws: both(
    'Não há credenciais da AWS em variáveis de ambiente, e o AWS CLI (aws), que encontra as outras, não está no PATH: instale-o e faça login.',
    'There are no AWS credentials in environment variables, and the AWS CLI (aws), which finds any others, is not on the PATH: install it and log in.',
  ),
  settings: {
    invalid: (path: string, problems: readonly Text[]) =>
      both(
        `Configurações inválidas em ${path} ou em variáveis INFRA_… (exemplo: infra/settings.example.json):\n${list(problems, 'pt')}\n`,
        `Invalid settings in ${path} or in INFRA_… variables (example: infra/settings.example.json):\n${list(problems, 'en')}`,
      ),
    isNot: (name: string, value: string, expected: Text): Text => ({
      pt: `${name}: ${value} não é ${expected.pt}.`,
      en: `${name}: ${value} is not ${expected.en}.`,
    }),
    missing: (name: string, expected: Text): Text => ({
      pt: `${name} falta: informe ${expected.pt}.`,
      en: `${name} is missing: give ${expected.en}.`,
    }),
    unknown: (name: string, closest: string): Text => ({
      pt: `${name} não existe. A configuração mais parecida é ${closest}.`,
      en: `${name} does not exist. The closest setting is ${closest}.`,
    }),
    emptyFile: (path: string) =>
      both(
        `${path} está vazio: copie infra/settings.example.json ou apague o arquivo. No GitHub, falta a variável INFRA_SETTINGS do repositório: veja pnpm delivery settings --help.`,
        `${path} is empty: copy infra/settings.example.json, or delete the file. On GitHub, the repository's variable INFRA_SETTINGS is missing: see pnpm delivery settings --help.`,
      ),
    emptyVariable: (name: string) =>
      both(
        `A variável ${name} está definida, mas vazia: dê um valor a ela ou remova-a.`,
        `The variable ${name} is set, but empty: give it a value or unset it.`,
      ),
    noObject: (path: string) => both(`${path} deve conter um objeto JSON.`, `${path} must contain a JSON object.`),
    noJson: (source: string, message: string) =>
      both(`${source} não é um JSON válido: ${message}`, `${source} is not valid JSON: ${message}`),
  },
  doctor: {
    allRight: both('Não falta nada.', 'Nothing is missing.'),
    noEngine: (program: string) =>
      both(
        `Instale o Terraform ${minimumVersions.Terraform} ou mais recente, ou o OpenTofu ${minimumVersions.OpenTofu} ou mais recente com TERRAFORM_BINARY_NAME=tofu: ${program} não foi encontrado ou não é nenhum dos dois.`,
        `Install Terraform ${minimumVersions.Terraform} or later, or OpenTofu ${minimumVersions.OpenTofu} or later with TERRAFORM_BINARY_NAME=tofu: ${program} was not found, or is neither of the two.`,
      ),
    oldEngine: (engine: EngineName, found: string) =>
      both(
        `A versão do ${engine} é ${found}; é preciso a ${minimumVersions[engine]} ou mais recente.`,
        `${engine} is ${found}; ${minimumVersions[engine]} or later is required.`,
      ),
    noAws: both(
      'Instale o AWS CLI (aws): ele não está no PATH, e sem ele não há acesso ao cluster. O resto não pôde ser verificado.',
      'Install the AWS CLI (aws): it is not on the PATH, and the cluster cannot be accessed without it. The rest could not be checked.',
    ),
    noCredentials: both(
      'As credenciais da AWS faltam ou expiraram: faça login com "aws sso login" ou defina AWS_PROFILE.',
      'AWS credentials are missing or have expired: log in with "aws sso login" or set AWS_PROFILE.',
    ),
    otherAccount: (found: string, wanted: string) =>
      both(
        `As credenciais são da conta ${found}, mas infra/settings.json indica a ${wanted}.`,
        `The credentials belong to account ${found}, but infra/settings.json names ${wanted}.`,
      ),
    noAccount: both(
      'Defina "accountId" em infra/settings.json, para que credenciais de outra conta sejam recusadas.',
      'Set "accountId" in infra/settings.json, so that credentials of any other account are refused.',
    ),
    defaultBucket: (bucket: string) =>
      both(
        `Defina "stateBucket" em infra/settings.json: ${bucket} é só um exemplo, e nomes de bucket são únicos em toda a AWS.`,
        `Set "stateBucket" in infra/settings.json: ${bucket} is only an example, and bucket names are globally unique.`,
      ),
    noBucket: (bucket: string) =>
      both(
        `O bucket do estado, ${bucket}, não existe ou não pode ser lido: rode primeiro pnpm infra bootstrap.`,
        `The state bucket, ${bucket}, does not exist or cannot be read: run pnpm infra bootstrap first.`,
      ),
    noWorkspace: (name: string) =>
      both(
        `O workspace ${name} não existe no bucket do estado, ou não pode ser lido: rode pnpm infra bootstrap.`,
        `The workspace ${name} does not exist in the state bucket, or cannot be read: run pnpm infra bootstrap.`,
      ),
    noRepository: both(
      'Defina "github.repository" em infra/settings.json: sem isso nenhum repositório pode fazer deploy, e os alarmes não têm link para os runbooks.',
      'Set "github.repository" in infra/settings.json: without it no repository can deploy, and alarms have no link to the runbooks.',
    ),
    noApiCidrs: (name: string) =>
      both(
        `Sem endereços em "clusterApiCidrs.${name}" de infra/settings.json, a API do cluster de ${name} só responde dentro da VPC: faça o deploy de lá, ou inclua o seu endereço.`,
        `Without addresses in "clusterApiCidrs.${name}" of infra/settings.json, the API of ${name}'s cluster answers only inside the VPC: deploy from there, or add your address.`,
      ),
    noAddresses: (team: string) =>
      both(
        `Ninguém do time ${team} recebe alertas: inclua e-mails em "alerts.${team}" em infra/settings.json.`,
        `Nobody in the team ${team} is alerted: add e-mail addresses to "alerts.${team}" in infra/settings.json.`,
      ),
    notAdmin: (role: string) =>
      both(
        `A role atual, ${role}, não tem acesso ao cluster: inclua-a em "clusterAdmins" em infra/settings.json.`,
        `The current role, ${role}, has no access to the cluster: add it to "clusterAdmins" in infra/settings.json.`,
      ),
    root: both(
      'As credenciais são da conta root, que não deve ser usada e não pode ter acesso ao cluster: entre com uma role ou um usuário.',
      'The credentials are those of the root user, who should not be used and cannot have access to the cluster: sign in with a role or a user.',
    ),
    addonNotOffered: (environment: string, addon: string, pinned: string, kubernetes: string, newest = '–') =>
      both(
        `O EKS não oferece ${addon} ${pinned} para o Kubernetes ${kubernetes}; a versão mais nova é ${newest}. Mude "cluster.addons" em infra/environments/${environment}.ts.`,
        `EKS does not offer ${addon} ${pinned} for Kubernetes ${kubernetes}; the newest is ${newest}. Change "cluster.addons" in infra/environments/${environment}.ts.`,
      ),
    nodesOutsideLimits: (group: string, live: number, limits: string, call: string) =>
      both(
        `O grupo ${group} tem ${live} máquinas, fora dos novos limites (${limits}), e o EKS os recusaria: esse número é do autoscaler, e o Terraform não o muda. Rode antes: ${call}`,
        `The node group ${group} has ${live} nodes, outside its new limits (${limits}), and EKS would refuse them: the number is the autoscaler's, and Terraform does not change it. First run: ${call}`,
      ),
    lowQuota: (name: string, found: number, wanted: number) =>
      both(
        `A cota da AWS "${name}" é ${found}, e o ambiente pode precisar de ${wanted}: peça um aumento.`,
        `The AWS quota "${name}" is ${found}, and the environment may need ${wanted}: request an increase.`,
      ),
  },
} as const;
