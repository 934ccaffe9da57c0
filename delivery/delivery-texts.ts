/** What people read: Portuguese first, English below it or beside it. */
const both = (portuguese: string, english: string) => `${portuguese}\n${english}`;

export const texts = {
  release: {
    needsDigest: (image: string) =>
      both(
        `A imagem ${image} não diz o digest (repositório@sha256:…): uma tag pode mudar, um digest não.`,
        `The image ${image} names no digest (repository@sha256:…): a tag may move, a digest does not.`,
      ),
    unknownApplication: (name: string, known: string) =>
      both(`Não há aplicação ${name}: use ${known}.`, `There is no application ${name}: use ${known}.`),
    unknownEnvironment: (name: string) =>
      both(`Não há ambiente ${name}: use dev ou prd.`, `There is no environment ${name}: use dev or prd.`),
    unchanged: (name: string) =>
      both(`${name} já está assim: nada mudou.`, `${name} is like this already: nothing has changed.`),
    jobDone: (name: string) => both(`${name} já terminou antes.`, `${name} has already been done.`),
    jobRuns: (name: string) => both(`${name}: começou.`, `${name}: started.`),
    jobFailed: (name: string) =>
      both(
        `${name} falhou; os pods em serviço não foram tocados.`,
        `${name} failed; the pods in service were not touched.`,
      ),
    jobLate: (name: string, seconds: number) =>
      both(
        `${name} não terminou em ${seconds} s e continua no cluster; os pods em serviço não foram tocados.`,
        `${name} was not over within ${seconds} s and goes on in the cluster; the pods in service were not touched.`,
      ),
    jobInterrupted: (name: string) =>
      both(
        `Interrompido: ${name} continua no cluster; os pods em serviço não foram tocados.`,
        `Interrupted: ${name} goes on in the cluster; the pods in service were not touched.`,
      ),
    done: (name: string, image: string) => both(`${name} em serviço: ${image}`, `${name} is in service: ${image}`),
    failed: (name: string) =>
      both(`${name}: a nova versão não entrou em serviço.`, `${name}: the new version did not come into service.`),
    noReason: both('Nenhum pod diz por quê.', 'No pod says why.'),
    nothingBefore: (name: string) =>
      both(
        `Não há versão anterior de ${name} à qual voltar: ela fica como está.`,
        `There is no earlier version of ${name} to go back to: it stays as it is.`,
      ),
    back: (name: string, image: string) =>
      both(
        `${name} voltou para a versão anterior: ${image} (os pods; serviço, autoscaler e o resto ficam como na nova)`,
        `${name} went back to the version before: ${image} (its pods; service, autoscaler and the rest stay as in the new one)`,
      ),
    notBack: (name: string, image: string) =>
      both(
        `${name} não voltou a tempo para a versão anterior e está em ${image}: veja "kubectl -n calculator get pods".`,
        `${name} did not get back to the version before in time and is at ${image}: see "kubectl -n calculator get pods".`,
      ),
    interrupted: (name: string) =>
      both(
        `Interrompido: ${name} volta para a versão anterior.`,
        `Interrupted: ${name} goes back to the version before.`,
      ),
  },
  images: {
    missingVariable: (name: string) =>
      both(
        `Falta a variável ${name}: veja docs/delivery.md.`,
        `The variable ${name} is missing: see docs/delivery.md.`,
      ),
    unknownRegistry: (name: string) =>
      both(`IMAGE_REGISTRY é ${name}: use docker-hub ou ecr.`, `IMAGE_REGISTRY is ${name}: use docker-hub or ecr.`),
    registryFails: (reference: string, message: string) =>
      both(
        `O registro não disse se tem ${reference}: ${message}`,
        `The registry did not tell whether it has ${reference}: ${message}`,
      ),
    tagTaken: (tag: string, digest: string) =>
      both(
        `A tag ${tag} já é de outra imagem, ${digest}, e não muda de dono.`,
        `The tag ${tag} belongs to another image, ${digest}, and stays with it.`,
      ),
    badTag: (tag: string) => both(`${tag} não é uma tag.`, `${tag} is no tag.`),
  },
  smoke: {
    noAddress: both(
      'O ambiente não diz o seu endereço (ConfigMap infra-environment): faça o deploy da infraestrutura, ou passe --address.',
      'The environment does not tell its address (ConfigMap infra-environment): deploy the infrastructure, or pass --address.',
    ),
    passed: (what: string) => `✓ ${what}`,
    failed: (what: string, found: string) => `✗ ${what}: ${found}`,
    allRight: (address: string) => both(`${address} responde como deve.`, `${address} answers as it should.`),
    notRight: (address: string) =>
      both(`${address} não responde como deve.`, `${address} does not answer as it should.`),
  },
  changes: {
    unknownBase: (base: string) =>
      both(
        `O git não conhece o commit ${base}: tudo conta como alterado.`,
        `git does not know the commit ${base}: everything counts as changed.`,
      ),
  },
  plan: {
    title: (environment: string) => `Infraestrutura de ${environment} / Infrastructure of ${environment}`,
    nothing: 'Nada muda. / Nothing changes.',
    outputsAlone: 'Só as saídas mudam, nenhum recurso. / Only outputs change, and no resource.',
    kinds: {
      create: 'Criados / Created',
      update: 'Alterados / Changed',
      replace: 'Substituídos / Replaced',
      delete: 'Destruídos / Destroyed',
      forget: 'Esquecidos pelo Terraform / Forgotten by Terraform',
    },
    destroysAll: (environment: string) =>
      `O ambiente ${environment} inteiro é apagado. / The whole environment ${environment} is deleted.`,
    losesData: 'Perde dados / Loses data',
    replaces: 'substitui / replaces',
    deletes: 'destrói / destroys',
    lost: {
      aws_db_instance: 'o banco de dados, com as suas operações / the database, with its operations',
      aws_s3_bucket: 'os arquivos do bucket / the files of the bucket',
      aws_kms_key: 'o que foi cifrado com a chave / whatever was encrypted with the key',
      aws_secretsmanager_secret: 'o segredo / the secret',
      aws_route53_zone: 'os nomes da zona / the names of the zone',
      aws_eks_cluster: 'o cluster e tudo o que roda nele / the cluster and all that runs in it',
      aws_cloudwatch_log_group: 'os logs / the logs',
      aws_ecr_repository: 'as imagens / the images',
      kubernetes_namespace_v1: 'tudo o que está no namespace / all that is in the namespace',
      helm_release: 'os volumes da instalação, se os tiver / the volumes of the release, if it has any',
    },
    tooLong: 'A lista completa está na página da execução. / The whole list is on the page of the run.',
    doubt: (reason: string) =>
      both(`Nada foi feito, porque há dúvida: ${reason}`, `Nothing was done, because there is a doubt: ${reason}`),
    doubtful: (environment: string) =>
      `infra/destroy_config.json deixa em dúvida o que fazer com ${environment}: nada. / infra/destroy_config.json leaves in doubt what to do with ${environment}: nothing.`,
    protected: (environment: string) =>
      both(
        `${environment} é protegido e não é destruído: mude antes "protected" para false em infra/environments/${environment}.ts, por outro pull request, e faça o deploy.`,
        `${environment} is protected and is not destroyed: first set "protected" to false in infra/environments/${environment}.ts, by another pull request, and deploy.`,
      ),
    needsFingerprint: both(
      'Diga com --fingerprint qual plano foi aprovado.',
      'Say by --fingerprint which plan was approved.',
    ),
    differs: both(
      'O plano de agora não é o que foi aprovado: nada foi aplicado. Veja o que mudou e aprove de novo.',
      'The plan of now is not the one that was approved: nothing was applied. See what has changed, and approve again.',
    ),
  },
  costs: {
    title: (environment: string) => `Custo de ${environment} por mês / Monthly cost of ${environment}`,
    columns: ['', 'Antes / Before', 'Depois / After', 'Diferença / Difference'],
    total: 'Total',
    unknownBefore:
      'O custo de antes não é conhecido: alguém precisa conferir. / The cost of before is not known: somebody has to look.',
    above: (limit: string) =>
      `O aumento passa de ${limit} por mês: é preciso uma segunda aprovação (ambiente costs). / The rise is above ${limit} a month: it needs a second approval (environment costs).`,
    noEstimate: (file: string) =>
      both(
        `${file || '--after'} não é a saída de "pnpm infra costs --json".`,
        `${file || '--after'} is not what "pnpm infra costs --json" writes.`,
      ),
  },
  comment: {
    passed: 'Tudo certo / All is well',
    failed: 'Algo falhou / Something failed',
    whatFollows: (environment: string) =>
      `Ao fazer o merge, o ambiente **${environment}** passa a ser assim. / Merging makes the environment **${environment}** like this.`,
    whatToMend: (run: string) =>
      `Veja o que falhou e corrija com outro commit: [detalhes](${run}). / See what failed and mend it with another commit: [details](${run}).`,
    jobs: {
      changes: 'O que mudou / What changed',
      check: 'Estilo e tipos / Style and types',
      test: 'Testes / Tests',
      plan: 'Plano da infraestrutura / Plan of the infrastructure',
      costs: 'Custo / Cost',
    } as Readonly<Record<string, string>>,
    results: {
      success: 'passou / passed',
      failure: 'falhou / failed',
      cancelled: 'interrompido / broken off',
      skipped: 'não rodou / did not run',
    },
    noPlan: 'A infraestrutura não muda. / The infrastructure does not change.',
    notPlanned:
      'Não há plano: um fork não o recebe, nem um pull request de que não se sabe o que muda. / There is no plan: a fork gets none, nor does a pull request of which nobody knows what it changes.',
    needsJson: both('Passe com --needs o que toJSON(needs) diz.', 'Pass by --needs what toJSON(needs) says.'),
  },
  drift: {
    title: (environment: string) =>
      `${environment} não está como o código diz / ${environment} is not as the code says`,
    label: (environment: string) => `Drift of ${environment}`,
    still: (run: string) => `Continua assim: ${run} / It is still so: ${run}`,
    gone: (run: string) => `Está de novo como o código diz: ${run} / It is as the code says again: ${run}`,
    unknown: (environment: string) =>
      both(
        `Não se sabe se ${environment} está como o código diz: o que há sobre isso fica como está.`,
        `Nobody knows whether ${environment} is as the code says: whatever is open about it stays.`,
      ),
    needsDrifted: both('Diga --drifted true, false ou unknown.', 'Say --drifted true, false or unknown.'),
  },
  settings: {
    needsRepository: both('Diga o repositório: OWNER/REPOSITORY.', 'Name the repository: OWNER/REPOSITORY.'),
    needsReviewer: both(
      'Diga com --reviewer quem aprova o que chega a prd ou aumenta a conta.',
      'Say by --reviewer who approves what reaches prd or raises the bill.',
    ),
    right: both('Tudo certo no GitHub.', 'All is right on GitHub.'),
    toSet: (count: number) =>
      both(`${count} a ajustar: rode de novo com --apply.`, `${count} to set: run again with --apply.`),
    set: (count: number) => both(`${count} ajustados.`, `${count} set.`),
  },
} as const;
