import { both, type Text } from 'command-line';

const isBack = 'was rolled back to the previous version: ';

/** What the notes of the nodes' images say about security, as one more sentence. Undefined if they could not be read. */
function securityNote(fixes: readonly string[] | undefined): Text {
  if (fixes === undefined) {
    return {
      pt: ' Veja nas notas da imagem que correções de segurança ela traz: daqui não puderam ser lidas.',
      en: " See the image's notes for the security fixes that it brings: they could not be read from here.",
    };
  }
  if (fixes.length === 0) return { pt: '', en: '' };
  const named = fixes.join(', ');
  return {
    pt: ` **Correções de segurança nas notas da imagem: ${named}.**`,
    en: ` **Security fixes in the image's notes: ${named}.**`,
  };
}

/** What was done with an issue, by its number, or its address if it is new. */
const keptIssue = {
  opened: (issue: string) => both(`Issue aberta: ${issue}`, `Issue opened: ${issue}`),
  updated: (issue: string) => both(`Issue atualizada: #${issue}`, `Issue updated: #${issue}`),
  closed: (issue: string) => both(`Issue fechada: #${issue}`, `Issue closed: #${issue}`),
};

/** Texts for people: Portuguese first, English below or beside it. */
export const texts = {
  summarised: both('O resumo está na página da execução.', 'The summary is on the page of the workflow run.'),
  needsSeconds: (given: string) =>
    both(`--timeout ${given}: informe um número de segundos.`, `--timeout ${given}: pass a number of seconds.`),
  needsBoolean: (option: string) => both(`Passe ${option} true ou false.`, `Pass ${option} true or false.`),
  noResponse: (seconds: number) => `sem resposta em ${seconds} s / no response within ${seconds} s`,
  release: {
    needsDigest: (image: string) =>
      both(
        `Falta o digest da imagem ${image} (repositório@sha256:…): uma tag pode mudar, um digest não.`,
        `The image ${image} has no digest (repository@sha256:…): a tag can move, a digest cannot.`,
      ),
    unknownApplication: (name: string, known: string) =>
      both(`A aplicação ${name} não existe. Use ${known}.`, `There is no application ${name}. Use ${known}.`),
    noDeployment: (name: string) =>
      both(
        `Os manifestos de ${name} não têm um deployment com esse nome.`,
        `The manifests of ${name} contain no deployment of that name.`,
      ),
    noVersion: (given: string, known: readonly string[]) =>
      both(
        `O cluster não tem a versão ${given}. Tem: ${known.join(', ') || 'nenhuma'}.`,
        `The cluster does not have version ${given}. It has: ${known.join(', ') || 'none'}.`,
      ),
    noVersions: (name: string) =>
      both(
        `Nenhuma versão de ${name} no cluster passou no smoke test.`,
        `No version of ${name} in the cluster has passed the smoke test.`,
      ),
    current: '← em serviço / in service',
    named: (name: string, version: string) =>
      both(`${name} ${version} passou no smoke test.`, `${name} ${version} passed the smoke test.`),
    pruned: (object: string) =>
      both(
        `${object} não está mais nos manifestos e foi apagado.`,
        `${object} is no longer in the manifests and was deleted.`,
      ),
    notPruned: (reason: string) =>
      both(
        `O que saiu dos manifestos não pôde ser apagado. O próximo release tenta de novo: ${reason}`,
        `What left the manifests could not be deleted. The next release tries again: ${reason}`,
      ),
    trial: both(
      'O primeiro pod da nova versão, antes que os usuários cheguem a ele:',
      'The first pod of the new version, before users reach it:',
    ),
    trialNotReady: (pod: string) =>
      both(
        `O primeiro pod da nova versão, ${pod}, não ficou pronto. Nenhum usuário o viu, e os pods em serviço não foram alterados.`,
        `The first pod of the new version, ${pod}, did not get ready. No user reached it, and the running pods were not changed.`,
      ),
    trialInterrupted: (pod: string) =>
      both(
        `Interrompido: o pod ${pod} foi apagado. Os pods em serviço não foram alterados.`,
        `Interrupted: the pod ${pod} was deleted. The running pods were not changed.`,
      ),
    trialFailed: (name: string) =>
      both(
        `${name}: o primeiro pod da nova versão não responde corretamente. Nenhum usuário o viu, e os pods em serviço não foram alterados.`,
        `${name}: the first pod of the new version does not respond correctly. No user reached it, and the running pods were not changed.`,
      ),
    trialUnreachable: (pod: string) =>
      both(
        `O pod ${pod} está pronto, mas não foi possível testá-lo sozinho. A entrega continua; o smoke test vem depois.`,
        `The pod ${pod} is ready, but could not be tested by itself. The release goes on; the smoke test follows.`,
      ),
    unchanged: (name: string) =>
      both(`${name} já está nesta versão: nada mudou.`, `${name} is already at this version: nothing has changed.`),
    jobDone: (name: string) => both(`O job ${name} já foi concluído.`, `Job ${name} has already completed.`),
    jobRuns: (name: string) => both(`Job ${name} iniciado.`, `Job ${name} started.`),
    jobFailed: (name: string) =>
      both(
        `O job ${name} falhou. Os pods em serviço não foram alterados.`,
        `Job ${name} failed. The running pods were not changed.`,
      ),
    jobGone: (name: string) =>
      both(
        `O job ${name} foi apagado antes de terminar. Os pods em serviço não foram alterados.`,
        `Job ${name} was deleted before it finished. The running pods were not changed.`,
      ),
    jobLate: (name: string, seconds: number) =>
      both(
        `O job ${name} não terminou em ${seconds} s e continua no cluster. Os pods em serviço não foram alterados.`,
        `Job ${name} did not finish within ${seconds} s and stays in the cluster. The running pods were not changed.`,
      ),
    jobInterrupted: (name: string) =>
      both(
        `Interrompido: o job ${name} continua no cluster. Os pods em serviço não foram alterados.`,
        `Interrupted: job ${name} stays in the cluster. The running pods were not changed.`,
      ),
    done: (name: string, image: string) => both(`${name} em serviço: ${image}`, `${name} is in service: ${image}`),
    failed: (name: string) =>
      both(`${name}: a nova versão não entrou em serviço.`, `${name}: the new version did not start serving.`),
    publicImages: both(
      'Imagens no Docker Hub precisam ser públicas, e cada IP pode baixar 100 em 6 horas. Veja IMAGE_REGISTRY em docs/delivery.md.',
      'Images on Docker Hub must be public, and each IP address may pull 100 in 6 hours. See IMAGE_REGISTRY in docs/delivery.md.',
    ),
    noReason: both('Nenhum pod informa o motivo.', 'No pod reports a reason.'),
    nothingBefore: (name: string) =>
      both(
        `Não há versão anterior de ${name} para restaurar: a aplicação fica como está.`,
        `There is no earlier version of ${name} to roll back to: it stays as it is.`,
      ),
    /** A part of the next text, by which the log of a job says that it rolled back. */
    isBack,
    back: (name: string, image: string) =>
      both(
        `${name} voltou para a versão anterior: ${image} (só os pods: service, autoscaler e o resto continuam como na nova)`,
        `${name} ${isBack}${image} (only its pods: service, autoscaler and the rest stay as in the new one)`,
      ),
    notBack: (name: string, image: string) =>
      both(
        `${name} não voltou a tempo para a versão anterior e está em ${image}: veja "kubectl -n calculator get pods".`,
        `${name} was not rolled back in time and is at ${image}: see "kubectl -n calculator get pods".`,
      ),
    interruptedBefore: (name: string) =>
      both(
        `Interrompido: os pods em serviço de ${name} não foram alterados.`,
        `Interrupted: the running pods of ${name} were not changed.`,
      ),
    interrupted: (name: string) =>
      both(
        `Interrompido: ${name} vai voltar para a versão anterior.`,
        `Interrupted: rolling ${name} back to the previous version.`,
      ),
  },
  images: {
    missingVariable: (name: string) =>
      both(
        `Falta a variável ${name}. Veja docs/delivery.md.`,
        `The variable ${name} is missing. See docs/delivery.md.`,
      ),
    unknownRegistry: (name: string) =>
      both(`IMAGE_REGISTRY é ${name}. Use docker-hub ou ecr.`, `IMAGE_REGISTRY is ${name}. Use docker-hub or ecr.`),
    registryFails: (reference: string, message: string) =>
      both(
        `Não foi possível consultar ${reference} no registry: ${message}`,
        `Could not look up ${reference} in the registry: ${message}`,
      ),
    tagged: (image: string, tags: string) => both(`${image} tem agora: ${tags}`, `${image} now has: ${tags}`),
    badVersion: (version: string) => both(`${version} não é uma versão válida.`, `${version} is not a valid version.`),
    notBuilt: (name: string, tag: string) =>
      both(
        `A imagem de ${name} com o conteúdo deste commit (${tag}) não existe: prd só recebe o que passou em dev. Faça o merge em develop, espere o smoke test e rode de novo.`,
        `There is no image of ${name} with this commit's content (${tag}): prd takes only what passed in dev. Merge to develop, wait for the smoke test, and run again.`,
      ),
    notPassed: (name: string, image: string) =>
      both(
        `A imagem ${image} não passou no smoke test de dev, e prd não a recebe. Corrija ${name} em develop ou, se a falha não era da imagem, rode de novo a entrega em dev.`,
        `The image ${image} did not pass dev's smoke test, so prd does not take it. Fix ${name} on develop or, if the image was not at fault, run the delivery to dev again.`,
      ),
  },
  waivers: {
    noList: both(
      'O arquivo não tem uma lista "waivers". Sem exceções, escreva "waivers: []".',
      'The file has no list "waivers". Without waivers, write "waivers: []".',
    ),
    incomplete: (line: string) =>
      both(
        `${line}: informe vulnerability, until (AAAA-MM-DD) e reason.`,
        `${line}: give vulnerability, until (YYYY-MM-DD) and reason.`,
      ),
    expired: (vulnerability: string, until: string) =>
      both(
        `O prazo de ${vulnerability} terminou em ${until}. Apague a linha de delivery/scan-waivers.yaml, ou decida de novo.`,
        `The waiver of ${vulnerability} ended on ${until}. Remove its line from delivery/scan-waivers.yaml, or decide again.`,
      ),
  },
  await: {
    nothing: (file: string) => both(`${file}: este commit não o executa.`, `${file}: this commit does not run it.`),
    done: (file: string) => both(`${file}: concluído.`, `${file}: done.`),
    failed: (file: string, run: string) =>
      both(
        `${file} não teve sucesso com este commit, e esta entrega depende dele. Veja ${run}, resolva e rode de novo os jobs que falharam.`,
        `${file} did not succeed for this commit, and this delivery depends on it. See ${run}, fix it, and re-run the failed jobs.`,
      ),
    late: (file: string, run: string) =>
      both(
        `${file} ainda não terminou: talvez espere uma aprovação. Veja ${run} e depois rode de novo os jobs que falharam.`,
        `${file} has not finished yet: it may be waiting for an approval. See ${run}, then re-run the failed jobs.`,
      ),
  },
  connect: {
    noInfrastructure: (environment: string) =>
      both(
        `A infraestrutura de ${environment} ainda não existe. Faça primeiro o deploy dela, com o workflow infra-${environment} ou pnpm infra deploy ${environment}, e depois rode de novo.`,
        `The infrastructure of ${environment} is not there yet. Deploy it first, with the workflow infra-${environment} or pnpm infra deploy ${environment}, and run again.`,
      ),
    unreachable: (environment: string, message: string) =>
      both(
        `O cluster de ${environment} não responde a esta máquina. Veja docs/decisions/0006-cluster-api-endpoint.md. ${message}`,
        `The cluster of ${environment} does not respond to this machine. See docs/decisions/0006-cluster-api-endpoint.md. ${message}`,
      ),
  },
  smoke: {
    noAddress: both(
      'Falta o endereço do ambiente (ConfigMap infra-environment). Faça o deploy da infraestrutura ou passe --address.',
      "The environment's address is missing (ConfigMap infra-environment). Deploy the infrastructure or use --address.",
    ),
    passed: (what: string) => `✓ ${what}`,
    failed: (what: string, found: string) => `✗ ${what}: ${found}`,
    allRight: (address: string) => both(`${address} responde corretamente.`, `${address} responds correctly.`),
    notRight: (address: string) =>
      both(`${address} não responde corretamente.`, `${address} does not respond correctly.`),
  },
  changes: {
    unknownBase: (base: string) =>
      both(
        `O git não conhece o commit ${base}: tudo é tratado como alterado.`,
        `git does not know the commit ${base}: everything is treated as changed.`,
      ),
  },
  preflight: {
    reached: (cluster: string) =>
      both(`A API do cluster ${cluster} responde.`, `The API of the cluster ${cluster} answers.`),
    nothingThere: (cluster: string) =>
      both(`O cluster ${cluster} ainda não existe.`, `The cluster ${cluster} does not exist yet.`),
    firstFromLaptop: (cluster: string) =>
      both(
        `O cluster ${cluster} ainda não existe, e este job não alcançaria a sua API, que só vai responder dentro da VPC: faça o primeiro deploy do seu computador, como em docs/runners.pt-BR.md.`,
        `The cluster ${cluster} does not exist yet, and this job could not reach its API, which will answer only inside the VPC: run the first deployment from your computer, as in docs/runners.md.`,
      ),
    unreachable: (cluster: string, reason: string) =>
      both(
        `Este job não alcança a API do cluster ${cluster} (${reason}), e nada foi feito: ele precisa de um runner dentro da VPC, ou do seu endereço em "clusterApiCidrs", como em docs/runners.pt-BR.md.`,
        `This job does not reach the API of the cluster ${cluster} (${reason}), and nothing was done: it needs a runner inside the VPC, or its address in "clusterApiCidrs", as in docs/runners.md.`,
      ),
    destroysItself: (environment: string) =>
      both(
        `Este job roda dentro da VPC de ${environment} e apagaria a rede da qual precisa para terminar: apague o ambiente do seu computador, como em docs/runners.pt-BR.md.`,
        `This job runs inside the VPC of ${environment}, and would delete the network that it needs to finish: destroy the environment from your computer, as in docs/runners.md.`,
      ),
    removesItself: (environment: string) =>
      both(
        `Este job roda no runner de ${environment}, que esta mudança apaga: antes do merge, rode "pnpm delivery settings" com --apply, como em docs/runners.pt-BR.md.`,
        `This job runs on the runner of ${environment}, which this change deletes: before you merge, run "pnpm delivery settings" with --apply, as in docs/runners.md.`,
      ),
  },
  plan: {
    nothing: both('Nada muda.', 'Nothing changes.'),
    ambiguous: (reason: string) =>
      both(
        `A configuração é ambígua e nada foi feito: ${reason}`,
        `The configuration is ambiguous, and nothing was done: ${reason}`,
      ),
    protected: (environment: string) =>
      both(
        `${environment} é protegido e não pode ser destruído. Antes, mude "protected" para false em infra/environments/${environment}.ts, em outro pull request, e faça o deploy.`,
        `${environment} is protected and cannot be destroyed. First set "protected" to false in infra/environments/${environment}.ts, in another pull request, and deploy.`,
      ),
    stateNotWritten: (file: string) =>
      `**O state não pôde ser gravado e está em ${file}. Antes de qualquer outro apply, siga docs/runbooks/terraform-state.md. / The state could not be written and is in ${file}. Before any other apply, follow docs/runbooks/terraform-state.md.**`,
    needsFingerprint: both(
      'Informe com --fingerprint qual plano foi aprovado.',
      'Pass the fingerprint of the approved plan with --fingerprint.',
    ),
    differs: both(
      'O plano atual não é o que foi aprovado: nada foi aplicado. Rode de novo todos os jobs ("Re-run all jobs"): um novo plano será feito e pedirá aprovação.',
      'The current plan is not the approved one: nothing was applied. Re-run all jobs, not only the failed ones: that makes a new plan and asks for its approval.',
    ),
  },
  costs: {
    noEstimate: (file: string) =>
      both(
        `${file || '--after'} não é a saída de "pnpm infra costs --json".`,
        `${file || '--after'} is not the output of "pnpm infra costs --json".`,
      ),
  },
  comment: {
    needsJson: both(
      'Passe o resultado de toJSON(needs) com --needs.',
      'Pass the result of toJSON(needs) with --needs.',
    ),
  },
  tell: {
    unknownPart: (given: string, known: string) =>
      both(`A parte ${given} não existe. Use ${known}.`, `There is no part ${given}. Use ${known}.`),
    noPullRequest: (commit: string) =>
      both(
        `Nenhum pull request trouxe o commit ${commit}: não há comentário a escrever.`,
        `No pull request brought the commit ${commit}: there is no comment to write.`,
      ),
    done: (number: number) => both(`Escrito no pull request #${number}.`, `Written to pull request #${number}.`),
  },
  supersede: {
    noWorkflow: both('Este comando roda dentro de um workflow do GitHub.', 'This command runs in a GitHub workflow.'),
    ended: (run: number) =>
      both(
        `A execução ${run} esperava uma aprovação e foi encerrada: esta é mais nova.`,
        `Run ${run} was waiting for an approval and was ended: this one is newer.`,
      ),
    noRuns: (workflow: string) =>
      both(`O GitHub não mostra as execuções de ${workflow}.`, `GitHub does not show the runs of ${workflow}.`),
    waits: (runs: string) =>
      both(`Esperando as execuções anteriores: ${runs}`, `Waiting for the earlier runs: ${runs}`),
    late: both(
      'As execuções anteriores não terminaram a tempo. Veja a aba Actions e rode de novo.',
      'The earlier runs did not finish in time. See the tab Actions, and run again.',
    ),
  },
  propose: {
    commit: 'Raise the versions of the clusters / Sobe as versões dos clusters',
    title: 'Versões dos clusters a subir / Versions of the clusters to raise',
    label: 'Versões a subir / Versions to raise',
    /**
     * @param repository its address
     * @param address the page that opens the pull request. Undefined if nothing was raised
     * @param fixes what the notes of the nodes' images name. Undefined if they could not be read
     */
    body: (printed: string, repository: string, address: string | undefined, fixes: readonly string[] | undefined) =>
      both(
        address
          ? `[Abra o pull request](${address}). \`dev\` recebe o que a AWS recomenda, e \`prd\`, o que \`dev\` já tem. Merge em \`develop\` sobe \`dev\`; a promoção para \`main\` sobe \`prd\`. O que fazer se algo parar: [Subir as versões do cluster](${repository}/blob/HEAD/docs/runbooks/upgrade.md).${securityNote(fixes).pt}\n`
          : 'Há versões a subir, mas algo impede. Resolva o que está marcado com ✗ e rode o workflow de novo.\n',
        [
          address
            ? `[Open the pull request](${address}). \`dev\` gets what AWS recommends, and \`prd\` what \`dev\` has already. Merging to \`develop\` raises \`dev\`; the promotion to \`main\` raises \`prd\`. What to do if something stops: [Raise the cluster's versions](${repository}/blob/HEAD/docs/runbooks/upgrade.en.md).${securityNote(fixes).en}`
            : 'There are versions to raise, but something is in the way. Solve what is marked with ✗, and run the workflow again.',
          `\`\`\`text\n${printed}\n\`\`\``,
        ].join('\n\n'),
      ),
    still: (run: string) => `Conferido de novo: ${run} / Checked again: ${run}`,
    gone: (run: string) => `Não há mais nada a subir: ${run} / Nothing is left to raise: ${run}`,
    ...keptIssue,
    none: both('Nada a subir, e não há issue aberta.', 'Nothing to raise, and no issue is open.'),
  },
  drilled: {
    title: (environment: string) =>
      `Nenhum ensaio de restauração de ${environment} passou / No restore drill of ${environment} passed`,
    label: (environment: string) => `Restauração de ${environment} / Restore of ${environment}`,
    still: (run: string) => `Continua assim: ${run} / Still so: ${run}`,
    gone: (run: string) => `Um ensaio passou: ${run} / A drill passed: ${run}`,
    ...keptIssue,
    never: (environment: string, weeks: number, workflow: string) =>
      both(
        `Nenhum ensaio de restauração de ${environment} passou nas últimas ${weeks} semanas: ninguém sabe se os backups servem. Rode o workflow ${workflow} e veja docs/runbooks/restore.md.`,
        `No restore drill of ${environment} passed in the last ${weeks} weeks: nobody knows whether the backups work. Run the workflow ${workflow}, and see docs/runbooks/restore.en.md.`,
      ),
    passed: (environment: string, time: string) =>
      both(
        `O último ensaio de restauração de ${environment} passou em ${time}.`,
        `The last restore drill of ${environment} passed at ${time}.`,
      ),
  },
  drift: {
    title: (environment: string) => `${environment} está diferente do código / ${environment} differs from the code`,
    label: (environment: string) => `Diferenças entre ${environment} e o código / Drift of ${environment}`,
    still: (run: string) => `Continua diferente: ${run} / It still differs: ${run}`,
    gone: (run: string) => `Voltou a corresponder ao código: ${run} / It matches the code again: ${run}`,
    opened: (environment: string, address: string | number) =>
      both(
        `${environment} difere do código. Issue aberta: ${address}`,
        `${environment} differs from the code. Issue opened: ${address}`,
      ),
    updated: (environment: string, issue: string | number) =>
      both(
        `${environment} ainda difere do código. Issue atualizada: #${issue}`,
        `${environment} still differs from the code. Issue updated: #${issue}`,
      ),
    closed: (environment: string, issue: string | number) =>
      both(
        `${environment} voltou a corresponder ao código. Issue fechada: #${issue}`,
        `${environment} matches the code again. Issue closed: #${issue}`,
      ),
    none: (environment: string) =>
      both(
        `${environment} corresponde ao código, e não há issue aberta.`,
        `${environment} matches the code, and no issue is open.`,
      ),
    needsPlan: (file: string) =>
      both(`${file} não é a saída do comando plan.`, `${file} is not the output of the command plan.`),
  },
  settings: {
    variable: (name: string) => `variável / variable ${name}`,
    environment: (name: string) => `ambiente / environment ${name}`,
    environmentBranches: (name: string, branches: readonly string[]) =>
      `ambiente / environment ${name}: só / only ${branches.join(', ')}`,
    branch: (name: string) => `o branch / the branch ${name}`,
    branchRules: (branch: string) => `regras de / rules of ${branch}`,
    mergeCommits: 'merge por commits de merge / merging by merge commits',
    label: (name: string) => `a label / the label ${name}`,
    riskLabel: 'Aceita uma mudança arriscada / Accepts a risky change',
    wakeLabel: 'Acorda o ambiente dev / Wakes the environment dev',
    subjectPrefix: (prefix: string) => `início do subject / start of the subject: github.subjectPrefix = ${prefix}`,
    bootstrapAgain: both(
      'Rode pnpm infra bootstrap de novo: antes disso, o GitHub não tem acesso à AWS.',
      'Run pnpm infra bootstrap again: until then, GitHub has no access to AWS.',
    ),
    /** Name of a ruleset on GitHub. */
    ruleset: (branch: string) => `Branch entregue / Delivered branch ${branch}`,
    refused: (count: number) =>
      both(
        `O GitHub recusou ${count}, marcadas com ✗. Com --apply, o resto foi ajustado. O que cada plano permite: em repositórios públicos, tudo. Em privados, o plano Free não tem environments nem regras de branches; Pro e Team têm ambos, mas sem quem aprove os environments, o que só o Enterprise tem: ali, quem aprova o pull request para main aprova também o deploy. Forks: ligue os workflows na aba Actions e rode o comando para o fork.`,
        `GitHub refused ${count}, marked with ✗. With --apply, the rest was set. What each plan allows: in public repositories, everything. In private ones, the Free plan has neither environments nor branch rules; Pro and Team have both, but no reviewers of environments, which only Enterprise has: there, approving the pull request to main approves the deployment, too. Forks: enable workflows in the Actions tab, and run the command for the fork.`,
      ),
    token:
      'token dos workflows: só leitura, sem aprovar pull requests / workflow token: read-only, cannot approve pull requests',
    unknownReviewer: (login: string) =>
      both(`O GitHub não conhece ${login}. Confira o --reviewer.`, `GitHub does not know ${login}. Check --reviewer.`),
    needsRepository: both('Informe o repositório: OWNER/REPOSITORY.', 'Pass the repository: OWNER/REPOSITORY.'),
    right: both('As configurações do GitHub estão corretas.', 'The GitHub settings are correct.'),
    toSet: (count: number) =>
      both(
        `Configurações a ajustar: ${count}. Rode de novo com --apply.`,
        `Settings to change: ${count}. Run again with --apply.`,
      ),
    set: (count: number) => both(`Configurações ajustadas: ${count}.`, `Settings changed: ${count}.`),
  },
} as const;
