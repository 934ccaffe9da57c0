/** What these programs say: Portuguese first, English below it. */
const both = (portuguese: string, english: string) => `${portuguese}\n${english}`;

export const texts = {
  usage: both(
    `Uso: pnpm infra COMANDO
  doctor [dev|prd]    diz o que falta antes de criar qualquer coisa
  bootstrap           uma vez por conta: bucket do estado, confiança no GitHub, papéis
  plan dev|prd        mostra o que mudaria
  deploy dev|prd      mostra o que muda, pergunta e faz (--yes: não pergunta)
  output dev|prd      endereços e nomes do ambiente
  destroy dev|prd     apaga o ambiente (--yes: não pergunta)
  costs               escreve docs/costs.md (--check: só confere; --json: mostra os valores)
`,
    `Usage: pnpm infra COMMAND
  doctor [dev|prd]    tells what is missing before anything is created
  bootstrap           once for an account: the state's bucket, trust in GitHub, roles
  plan dev|prd        shows what would change
  deploy dev|prd      shows what changes, asks, and does it (--yes: does not ask)
  output dev|prd      addresses and names of the environment
  destroy dev|prd     deletes the environment (--yes: does not ask)
  costs               writes docs/costs.md (--check: only checks it; --json: prints the figures)`,
  ),
  unknownCommand: (command: string) => both(`Comando desconhecido: ${command}.`, `Unknown command: ${command}.`),
  whichEnvironment: (given: string | undefined) =>
    given === undefined
      ? both('Diga o ambiente: dev ou prd.', 'Name the environment: dev or prd.')
      : both(`Não há ambiente ${given}: use dev ou prd.`, `There is no environment ${given}: use dev or prd.`),
  protected: (name: string) =>
    both(
      `${name} é protegido e não foi tocado. Para apagá-lo, mude antes "protected" para false em infra/environments/${name}.ts, por pull request, e faça o deploy.`,
      `${name} is protected and was not touched. To delete it, first set "protected" to false in infra/environments/${name}.ts, by a pull request, and deploy.`,
    ),
  typeToDestroy: (name: string) =>
    both(
      `Isto apaga o ambiente ${name} e os seus dados. Para confirmar, digite ${name}.`,
      `This deletes the environment ${name} and its data. To confirm, type ${name}: `,
    ),
  notDestroyed: both('Nada foi apagado.', 'Nothing was deleted.'),
  done: both('Pronto.', 'Done.'),
  moveState: both(
    'O estado do bootstrap está nesta máquina (bootstrap.tfstate). Para guardá-lo no bucket, ponha "bootstrapState": "bucket" em infra/settings.json e rode de novo: pnpm infra bootstrap',
    'The bootstrap\'s state is on this machine (bootstrap.tfstate). To keep it in the bucket, set "bootstrapState": "bucket" in infra/settings.json and run again: pnpm infra bootstrap',
  ),
  stateMoved: (file: string) =>
    both(
      `O estado do bootstrap está agora no bucket. A cópia antiga pode ser apagada: ${file}`,
      `The bootstrap's state is now in the bucket. The old copy may be deleted: ${file}`,
    ),
  doctor: {
    allRight: both('Nada falta.', 'Nothing is missing.'),
    noTerraform: both(
      'Falta o Terraform 1.11 ou mais novo no PATH.',
      'Terraform 1.11 or later is missing on the PATH.',
    ),
    oldTerraform: (found: string) =>
      both(
        `O Terraform é o ${found}; é preciso o 1.11 ou mais novo.`,
        `Terraform is ${found}; 1.11 or later is needed.`,
      ),
    noAws: both(
      'Falta o AWS CLI (aws) no PATH: sem ele o Terraform não entra no cluster. O resto não pôde ser verificado.',
      'The AWS CLI (aws) is missing on the PATH: without it Terraform cannot enter the cluster. The rest could not be checked.',
    ),
    noCredentials: both(
      'Faltam credenciais da AWS, ou venceram: entre com "aws sso login" ou defina AWS_PROFILE.',
      'AWS credentials are missing or have expired: log in with "aws sso login" or set AWS_PROFILE.',
    ),
    otherAccount: (found: string, wanted: string) =>
      both(
        `As credenciais são da conta ${found}, e infra/settings.json pede a ${wanted}.`,
        `The credentials are of account ${found}, and infra/settings.json asks for ${wanted}.`,
      ),
    noAccount: both(
      'Ponha "accountId" em infra/settings.json, para que credenciais de outra conta sejam recusadas.',
      'Set "accountId" in infra/settings.json, so that credentials of another account are refused.',
    ),
    defaultBucket: (bucket: string) =>
      both(
        `Ponha "stateBucket" em infra/settings.json: ${bucket} é só o exemplo, e nomes de bucket são únicos no mundo.`,
        `Set "stateBucket" in infra/settings.json: ${bucket} is only the example, and bucket names are unique in the world.`,
      ),
    noBucket: (bucket: string) =>
      both(
        `O bucket do estado, ${bucket}, não existe ou não pode ser lido: rode antes pnpm infra bootstrap.`,
        `The state's bucket, ${bucket}, does not exist or cannot be read: run pnpm infra bootstrap first.`,
      ),
    noWorkspace: (name: string) =>
      both(
        `O workspace ${name} não existe no bucket do estado, ou não pode ser lido: rode pnpm infra bootstrap.`,
        `The workspace ${name} does not exist in the state's bucket, or cannot be read: run pnpm infra bootstrap.`,
      ),
    noRepository: both(
      'Ponha "github.repository" em infra/settings.json: sem ele nenhum repositório pode fazer deploy, e os alarmes não levam aos runbooks.',
      'Set "github.repository" in infra/settings.json: without it no repository may deploy, and alarms do not lead to the runbooks.',
    ),
    noApiCidrs: both(
      'Ponha "clusterApiCidrs" em infra/settings.json: sem endereços, a API do cluster só responde dentro da VPC, e o Helm não chega lá.',
      'Set "clusterApiCidrs" in infra/settings.json: with no address the cluster\'s API answers inside the VPC alone, and Helm cannot reach it.',
    ),
    noAddresses: (team: string) =>
      both(
        `Ninguém do time ${team} recebe avisos: ponha endereços em "alerts.${team}" em infra/settings.json.`,
        `Nobody in the team ${team} is alerted: put addresses into "alerts.${team}" in infra/settings.json.`,
      ),
    notAdmin: (role: string) =>
      both(
        `Quem faz o deploy agora, ${role}, não entra no cluster: ponha em "clusterAdmins" em infra/settings.json.`,
        `Whoever deploys now, ${role}, may not enter the cluster: add it to "clusterAdmins" in infra/settings.json.`,
      ),
    lowQuota: (name: string, found: number, wanted: number) =>
      both(
        `A cota da AWS "${name}" é ${found}, e o ambiente pode precisar de ${wanted}: peça um aumento.`,
        `AWS's quota "${name}" is ${found}, and the environment may need ${wanted}: ask for more.`,
      ),
  },
} as const;
