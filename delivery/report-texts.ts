import type { Text } from 'command-line';
import type { EnvironmentName } from 'platform';

const text = (pt: string, en: string): Text => ({ pt, en });

/** Texts of the reports on GitHub's pages: Portuguese, with English folded below it. */
export const reportTexts = {
  plan: {
    title: (environment: string) => text(`Infraestrutura de ${environment}`, `Infrastructure of ${environment}`),
    nothing: text('Nada muda.', 'Nothing changes.'),
    onlyOutputs: text('Só os outputs mudam, nenhum recurso.', 'Only outputs change, no resources.'),
    kinds: {
      create: text('Criados', 'Created'),
      update: text('Alterados', 'Changed'),
      replace: text('Substituídos', 'Replaced'),
      delete: text('Destruídos', 'Destroyed'),
      move: text('Movidos no state', 'Moved in the state'),
      import: text('Importados para o state', 'Imported into the state'),
      forget: text('Removidos do state, mas não apagados', 'Removed from the state, but not deleted'),
    },
    where: text('Onde', 'Where'),
    areas: {
      permissions: text('permissões', 'permissions'),
      database: text('banco de dados', 'database'),
      secrets: text('segredos e chaves', 'secrets and keys'),
      edge: text('entrada do site (CloudFront)', 'entrance of the site (CloudFront)'),
      loadBalancer: text('balanceador', 'load balancer'),
      alarms: text('alarmes e avisos', 'alarms and notices'),
      logs: text('logs e arquivos', 'logs and files'),
      addresses: text('endereços (DNS)', 'addresses (DNS)'),
      cluster: text('cluster e suas máquinas', 'cluster and its nodes'),
      inCluster: text('serviços dentro do cluster', 'services inside the cluster'),
      images: text('imagens', 'images'),
      network: text('rede', 'network'),
      others: text('outros', 'others'),
    },
    destroysAll: (environment: string) =>
      text(
        `O ambiente ${environment} inteiro será apagado, e nada nele vai responder.`,
        `The whole environment ${environment} will be deleted, and nothing in it will respond.`,
      ),
    losesData: text('Haverá perda de dados', 'Data will be lost'),
    replaces: text('substitui', 'replaces'),
    deletes: text('destrói', 'destroys'),
    lost: {
      aws_db_instance: text('o banco de dados, com as operações gravadas', 'the database, with the stored operations'),
      aws_s3_bucket: text('os arquivos do bucket', 'the files in the bucket'),
      aws_kms_key: text('tudo o que foi criptografado com a chave', 'everything that was encrypted with the key'),
      aws_secretsmanager_secret: text('o segredo', 'the secret'),
      aws_route53_zone: text('os registros de DNS da zona', 'the DNS records of the zone'),
      aws_eks_cluster: text('o cluster e tudo o que roda nele', 'the cluster and everything that runs in it'),
      aws_cloudwatch_log_group: text('os logs', 'the logs'),
      aws_ecr_repository: text('as imagens', 'the images'),
      kubernetes_namespace_v1: text('tudo o que está no namespace', 'everything in the namespace'),
      helm_release: text('os volumes da instalação, se houver', 'the volumes of the release, if it has any'),
    },
    usersNotice: text('O que os usuários notam', 'What users notice'),
    noticed: {
      aws_cloudfront_distribution: text(
        'a página fica fora do ar, e sem domínio próprio muda de endereço',
        'the page goes down, and without an own domain its address changes',
      ),
      aws_cloudfront_vpc_origin: text(
        'o site e a API ficam fora do ar por minutos',
        'site and API are down for minutes',
      ),
      aws_lb: text('o site e a API ficam fora do ar por minutos', 'site and API are down for minutes'),
      aws_lb_listener: text('o site e a API ficam fora do ar por minutos', 'site and API are down for minutes'),
      aws_lb_target_group: text('a aplicação fica fora do ar por minutos', 'the application is down for minutes'),
      aws_db_instance: text('nenhuma soma é feita até o banco voltar', 'no sums until the database is back'),
      aws_eks_cluster: text(
        'tudo fica fora do ar por mais de 20 minutos',
        'everything is down for more than 20 minutes',
      ),
      aws_eks_node_group: text(
        'os pods mudam de nó: nada, se os novos nós vierem antes',
        'the pods move to other nodes: nothing, if the new nodes come first',
      ),
      aws_vpc: text('tudo fica fora do ar', 'everything is down'),
      aws_subnet: text('o que está na sub-rede fica fora do ar', 'what is in the subnet is down'),
      aws_route53_record: text('o endereço pode não responder por minutos', 'the address may not resolve for minutes'),
    },
    risky: (label: string) =>
      text(
        `Mudança arriscada: para o merge, alguém precisa aceitá-la com a label \`${label}\``,
        `Risky change: to merge it, somebody has to accept it with the label \`${label}\``,
      ),
    policies: {
      dataLost: text('perde dados, como listado abaixo', 'loses data, as listed below'),
      databasePublic: text('abre o banco de dados para a internet', 'opens the database to the internet'),
      groupOpen: text('aceita conexões de qualquer endereço', 'accepts connections from any address'),
      protectionOff: text('desliga uma proteção ou backups', 'turns off a protection or backups'),
      rightsWidened: text('amplia permissões', 'widens permissions'),
    },
    movedFrom: (address: string) => text(`antes: \`${address}\``, `before: \`${address}\``),
    because: (reasons: string) => text(`por causa de ${reasons}`, `because of ${reasons}`),
    secret: text('(secreto)', '(secret)'),
    email: '(e-mail)',
    knownLater: text('(só se sabe depois)', '(known after apply)'),
    removed: (value: string) => text(`${value} → (removido)`, `${value} → (removed)`),
    tooLong: text('A lista completa está na página da execução.', 'The full list is on the page of the workflow run.'),
  },
  costs: {
    title: (environment: string) => text(`Custo de ${environment} por mês`, `Monthly cost of ${environment}`),
    columns: text('| | Antes | Depois | Diferença |', '| | Before | After | Difference |'),
    total: 'Total',
    /** The names of `infra/costs/parts.ts`, for people. One that is missing here is shown as it is. */
    parts: {
      controlPlane: text('controle do Kubernetes', 'Kubernetes control plane'),
      computing: text('máquinas das aplicações', 'compute for the applications'),
      observability: text('SigNoz', 'SigNoz'),
      wayOut: text('saída para a internet (NAT)', 'way out to the internet (NAT)'),
      database: text('banco de dados', 'database'),
      loadBalancing: text('balanceadores', 'load balancers'),
      edge: text('CloudFront', 'CloudFront'),
      firewall: text('firewall (WAF)', 'firewall (WAF)'),
      watching: text('logs e alarmes', 'logs and alarms'),
      names: text('DNS, chaves e segredos', 'DNS, keys and secrets'),
      delivery: text('runner do CodeBuild', 'CodeBuild runner'),
      betweenZones: text('tráfego entre zonas', 'traffic between zones'),
    } as Readonly<Record<string, Text>>,
    same: (total: string) => text(`O custo não muda: ${total}.`, `The cost does not change: ${total}.`),
    unknownBefore: text(
      'O custo anterior é desconhecido: alguém precisa conferir.',
      'The previous cost is unknown: somebody has to review it.',
    ),
    source: text(
      'Estimado por `pnpm infra costs`, com preços de tabela da AWS.',
      'Estimated by `pnpm infra costs`, at AWS list prices.',
    ),
    above: (limit: string) =>
      text(
        `O aumento passa de ${limit} por mês: é preciso uma segunda aprovação.`,
        `The increase is above ${limit} a month: it needs a second approval.`,
      ),
  },
  comment: {
    passed: text('✅ Tudo certo', '✅ All checks passed'),
    failed: text('❌ Algo falhou', '❌ Something failed'),
    waits: text('✋ Falta uma aprovação', '✋ An approval is missing'),
    changes: (environment: string) =>
      text(`O que muda em **${environment}** com o merge:`, `What merging changes in **${environment}**:`),
    newVersion: (application: string) =>
      text(
        `**${application}**: uma nova versão, sem interrupção. Se ela não responder bem, a anterior volta sozinha.`,
        `**${application}**: a new version, without an interruption. If it does not respond well, the previous one comes back.`,
      ),
    infrastructure: text(
      '**infraestrutura**: os recursos listados abaixo.',
      '**infrastructure**: the resources below.',
    ),
    unplanned: text(
      '**infraestrutura**: não há plano, porque ele falhou, ou o pull request vem de um fork.',
      '**infrastructure**: there is no plan, because it failed, or the pull request comes from a fork.',
    ),
    nothing: (environment: string) =>
      text(`Nada muda em **${environment}** com o merge.`, `Merging changes nothing in **${environment}**.`),
    unknown: text(
      'Não foi possível saber o que o merge muda.',
      'It could not be determined what merging would change.',
    ),
    next: text('O que fazer agora', 'What to do now'),
    fix: (run: string) =>
      text(
        `Corrija o que falhou com outro commit. [Página da execução](${run})`,
        `Fix what failed with another commit. [Page of the run](${run})`,
      ),
    rerun: (run: string) =>
      text(
        `Uma verificação foi cancelada: abra a [página da execução](${run}) e clique em **Re-run all jobs**.`,
        `A check was cancelled: open the [page of the run](${run}) and click **Re-run all jobs**.`,
      ),
    acceptRisk: (label: string) =>
      text(
        `Mudança arriscada: leia a lista sob 🔴, abaixo. Quem a aceita põe a label \`${label}\` neste pull request (**Labels**, à direita). Um novo commit a retira.`,
        `Risky change: read the list under 🔴, below. To accept it, add the label \`${label}\` to this pull request (**Labels**, on the right). The next commit removes it.`,
      ),
    approveCosts: (who: Text, run: string) =>
      text(
        `O custo sobe acima do limite: ${who.pt} abre a [página da execução](${run}) e clica em **Review deployments**, \`costs\`, **Approve and deploy**.`,
        `The cost rises above the limit: ${who.en} opens the [page of the run](${run}) and clicks **Review deployments**, \`costs\`, **Approve and deploy**.`,
      ),
    review: text(
      'Outra pessoa do time aprova em **Files changed**, **Review changes**, **Approve**. Depois: **Merge pull request**.',
      'Another person of the team approves in **Files changed**, **Review changes**, **Approve**. Then: **Merge pull request**.',
    ),
    approveDeployment: (who: Text, environments: string, runs: string) =>
      text(
        `Depois do merge, ${who.pt} abre a execução em [Actions](${runs}) e clica em **Review deployments**, ${environments}, **Approve and deploy**.`,
        `After the merge, ${who.en} opens the run in [Actions](${runs}) and clicks **Review deployments**, ${environments}, **Approve and deploy**.`,
      ),
    somebody: text('quem aprova', 'a reviewer'),
    oneOf: (logins: string) => text(`uma destas pessoas (${logins})`, `one of these people (${logins})`),
    checks: text('Verificações', 'Checks'),
    jobs: {
      changes: text('O que mudou', 'What changed'),
      check: text('Estilo e tipos', 'Style and types'),
      test: text('Testes', 'Tests'),
      plan: text('Plano da infraestrutura', 'Infrastructure plan'),
      costs: text('Custo', 'Cost'),
      'risk-approval': text('Risco aceito', 'Risk accepted'),
      supersede: text('Aprovações antigas', 'Earlier approvals'),
      image: text('Imagem', 'Image'),
      order: text('O que o mesmo push entrega antes', 'What the same push delivers first'),
      release: text('Entrada em serviço', 'Release'),
      apply: text('Aplicação da infraestrutura', 'Apply of the infrastructure'),
    } as Readonly<Record<string, Text>>,
    waiting: text('espera a label', 'waits for the label'),
    results: {
      success: text('passou', 'passed'),
      failure: text('falhou', 'failed'),
      cancelled: text('cancelado', 'cancelled'),
      skipped: text('não rodou', 'did not run'),
    },
    lastLines: (job: string) => text(`Últimas linhas de ${job}`, `Last lines of ${job}`),
    tooLong: (run: string) =>
      text(
        `O resto não cabe num comentário: veja a [página da execução](${run}).`,
        `The rest does not fit into a comment: see the [page of the run](${run}).`,
      ),
  },
  delivered: {
    title: text('Depois do merge', 'After the merge'),
    before: 'Antes do merge / Before the merge',
    infra: text('infraestrutura', 'infrastructure'),
    served: (part: string, environment: EnvironmentName, since: Text, run: string) =>
      text(
        `✅ **${part}** em ${environment} desde ${since.pt}. [Execução](${run})`,
        `✅ **${part}** in ${environment} since ${since.en}. [Run](${run})`,
      ),
    unchanged: (part: string, environment: EnvironmentName, run: string) =>
      text(
        `✅ **${part}** de ${environment}: nada a mudar. [Execução](${run})`,
        `✅ **${part}** of ${environment}: nothing to change. [Run](${run})`,
      ),
    wentBack: (part: string, environment: EnvironmentName, run: string) =>
      text(
        `❌ **${part}** em ${environment} voltou à versão anterior, pelo motivo abaixo. [Execução](${run})`,
        `❌ **${part}** in ${environment} went back to the previous version, for the reason below. [Run](${run})`,
      ),
    stuck: (part: string, environment: EnvironmentName, run: string) =>
      text(
        `❌ **${part}** em ${environment}: a nova versão falhou, e a anterior pode não ter voltado. Olhe agora: [execução](${run}).`,
        `❌ **${part}** in ${environment}: the new version failed, and the previous one may not be back. Look now: [run](${run}).`,
      ),
    notReleased: (part: string, environment: EnvironmentName, job: Text, run: string) =>
      text(
        `❌ **${part}** não chegou a ${environment}: falhou ${job.pt}. O que estava em serviço continua. [Execução](${run})`,
        `❌ **${part}** did not reach ${environment}: ${job.en} failed. What was in service stays. [Run](${run})`,
      ),
    applyFailed: (part: string, environment: EnvironmentName, run: string) =>
      text(
        `❌ **${part}** de ${environment}: o apply falhou, e o ambiente pode estar entre o antigo e o novo. [Execução](${run})`,
        `❌ **${part}** of ${environment}: the apply failed, and the environment may be between old and new. [Run](${run})`,
      ),
    replaced: (part: string, environment: EnvironmentName, run: string) =>
      text(
        `⚠️ **${part}** não chegou a ${environment}: cancelado, por alguém ou por uma execução mais nova. [Execução](${run})`,
        `⚠️ **${part}** did not reach ${environment}: cancelled, by somebody or by a newer run. [Run](${run})`,
      ),
    todo: (page: string) =>
      text(
        `O que fazer: corrija num novo pull request, ou desfaça este com o botão **Revert**, abaixo. [Passo a passo](${page})`,
        `What to do: fix it in a new pull request, or undo this one with the button **Revert**, below. [Step by step](${page})`,
      ),
    doNotPromote: text(
      '**Não promova para prd** até lá: `develop` tem código que dev não serve.',
      '**Do not promote to prd** until then: `develop` has code that dev does not serve.',
    ),
  },
} as const;
