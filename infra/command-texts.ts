import { both, type Text } from 'command-line';
import { type EngineName, minimumVersions } from './engine.ts';
import { evening, morning, timeZone } from './environments/night.ts';

const list = (problems: readonly Text[], language: keyof Text): string =>
  problems.map((problem) => `  ${problem[language]}`).join('\n');

/** Activates tags for costs. Billing is in this region for all. */
const activation = (tags: readonly string[]): string =>
  `aws ce update-cost-allocation-tags-status --region us-east-1 --cost-allocation-tags-status ${tags.map((tag) => `TagKey=${tag},Status=Active`).join(' ')}`;

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

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
  confirmAlerts: both(
    'A AWS manda a cada endereço de "alerts" que ainda não confirmou um e-mail com o link "Confirm subscription": sem o clique, o endereço não recebe nenhum alarme.',
    'AWS sends each address in "alerts" that has not confirmed yet an e-mail with the link "Confirm subscription": without the click, the address gets no alarm.',
  ),
  activateTags: (tags: readonly string[]) =>
    both(
      `Uma vez por conta, um dia depois do primeiro deploy: ative as tags ${quoted(tags)} para custos. Até lá o orçamento mostra zero e não avisa. Na conta que paga, rode: ${activation(tags)}`,
      `Once per account, a day after the first deployment: activate the tags ${quoted(tags)} for costs. Until then the budget shows zero and never alerts. In the account that pays, run: ${activation(tags)}`,
    ),
  whichAccount: (environments: readonly string[]) =>
    both(
      `Cada ambiente tem uma conta: diga de qual se trata, ${environments.join(' ou ')}.`,
      `Each environment has its own account: say which one is meant, ${environments.join(' or ')}.`,
    ),
  secondRegion: {
    none: (given: string) =>
      both(
        `Não há segunda região: defina "secondRegion": "${given}" em infra/settings.json. Se a primeira ainda responde, rode antes pnpm infra bootstrap, que cria nela o bucket do estado e dá as permissões.`,
        `There is no second region: set "secondRegion": "${given}" in infra/settings.json. If the first still answers, run pnpm infra bootstrap before, which creates the bucket of the state there and gives the permissions.`,
      ),
    isOther: (given: string, second: string) =>
      both(
        `${given} não é a segunda região. Em infra/settings.json ela é ${second}: só para lá vão as cópias dos backups e as permissões.`,
        `${given} is not the second region. In infra/settings.json it is ${second}: copies of backups and permissions are for that one only.`,
      ),
    noBootstrap: (region: string) =>
      both(
        `O bootstrap é da primeira região, e o que ele fez vale para as duas. Em ${region} não há o que criar: rode pnpm infra deploy.`,
        `The bootstrap is of the first region, and what it made is for both. In ${region} there is nothing to create: run pnpm infra deploy.`,
      ),
    noBucket: (bucket: string, region: string) =>
      both(
        `O bucket do estado da segunda região, ${bucket}, não existe ou não pode ser lido. O bootstrap o cria enquanto a primeira região responde. Se ela já se perdeu, crie-o: aws s3 mb s3://${bucket} --region ${region}. As roles da entrega não o alcançam então: faça o deploy com as suas credenciais.`,
        `The bucket of the second region's state, ${bucket}, does not exist or cannot be read. The bootstrap creates it while the first region answers. If that is lost already, create it: aws s3 mb s3://${bucket} --region ${region}. The delivery roles do not reach it then: deploy with your own credentials.`,
      ),
    takenNames: (taken: readonly { readonly alias: string; readonly distribution: string }[]) => {
      const lines = taken.map(({ alias, distribution }) => `  ${distribution}: ${alias}`).join('\n');
      return both(
        `O CloudFront dá cada nome a uma só distribuição, e estas, da região perdida, ainda os têm:\n${lines}\nTire-os delas no console do CloudFront (General, Settings, Edit, Alternate domain names), e rode de novo.\n`,
        `CloudFront gives each name to one distribution only, and these, of the lost region, still have them:\n${lines}\nRemove them in CloudFront's console (General, Settings, Edit, Alternate domain names), and run again.`,
      );
    },
    noBackups: (name: string, region: string, copies: boolean) =>
      both(
        `Não há cópia dos backups de ${name} em ${region}${copies ? ', embora "database.copiesBackups" seja true' : ': "database.copiesBackups" é false'}. O banco começaria vazio, e os dados estariam perdidos. Para isso, use --empty-database.`,
        `There is no copy of the backups of ${name} in ${region}${copies ? ', although "database.copiesBackups" is true' : ': "database.copiesBackups" is false'}. The database would begin empty, and the data would be lost. For that, use --empty-database.`,
      ),
    restores: (name: string, until: string) =>
      both(
        `O banco de ${name} é restaurado da cópia dos backups, até ${until}. O que foi gravado depois se perdeu.`,
        `The database of ${name} is restored from the copy of its backups, until ${until}. What was stored later is lost.`,
      ),
    globalServices: (region: string) =>
      both(
        `IAM, CloudFront e Route 53 são comandados de ${region}, em qualquer região: se ela não responde, o deploy para na primeira role, e continua quando rodado de novo.`,
        `IAM, CloudFront and Route 53 are controlled from ${region}, whatever the region: if it does not answer, the deployment stops at the first role, and goes on when run again.`,
      ),
    next: (region: string) =>
      both(
        `Agora defina "useSecondRegion": true em infra/settings.json, para que todo comando e todo workflow trabalhe em ${region}, e publique as aplicações: docs/runbooks/region-lost.md.`,
        `Now set "useSecondRegion": true in infra/settings.json, so that every command and workflow works in ${region}, and release the applications: docs/runbooks/region-lost.en.md.`,
      ),
  },
  moveState: (file: string, again: string) =>
    both(
      `O estado do bootstrap está nesta máquina (${file}). Para guardá-lo no bucket, defina "bootstrapState": "bucket" em infra/settings.json e rode de novo: ${again}`,
      `The bootstrap state is on this machine (${file}). To keep it in the bucket, set "bootstrapState": "bucket" in infra/settings.json and run again: ${again}`,
    ),
  moveBothStates: both(
    'Só depois do bootstrap das duas contas: antes, a outra ainda não tem bucket.',
    'Only after the bootstrap of both accounts: before, the other one has no bucket yet.',
  ),
  stateMoved: (file: string) =>
    both(
      `O estado do bootstrap está agora no bucket. A cópia antiga pode ser apagada: ${file}`,
      `The bootstrap state is now in the bucket. The old copy can be deleted: ${file}`,
    ),
  delegateZone: (zone: string, servers: readonly string[]) =>
    both(
      `A zona ${zone} foi criada. Onde o domínio foi registrado ou, se é um subdomínio, em um registro NS da zona acima, indique os servidores de nomes dela: ${servers.join(', ')}.`,
      `The zone ${zone} was created. Where the domain is registered or, for a subdomain, in an NS record of the zone above, enter its name servers: ${servers.join(', ')}.`,
    ),
  costs: {
    written: both('docs/costs.md foi atualizado.', 'docs/costs.md was updated.'),
    upToDate: both('docs/costs.md está atualizado: nada mudou.', 'docs/costs.md is up to date: nothing changed.'),
    outOfDate: both(
      'docs/costs.md está desatualizado: rode pnpm infra costs e faça commit do resultado.',
      'docs/costs.md is out of date: run pnpm infra costs and commit the result.',
    ),
    oneMode: both(
      'Use só uma destas opções: --check, --json, --plan, --actual. docs/costs.md tem sempre os mesmos preços: --check não combina com --region.',
      'Use only one of these options: --check, --json, --plan, --actual. docs/costs.md always has the same prices: --check does not go with --region.',
    ),
    onlyActual: (environment: string) =>
      both(
        `A mais: ${environment}. Só com --actual se escolhe um ambiente.`,
        `Superfluous: ${environment}. Only --actual takes an environment.`,
      ),
    noList: (region: string, known: string) =>
      both(
        `Não há lista de preços de ${region}. Há destas regiões: ${known}.`,
        `There is no list of prices of ${region}. There is one of these regions: ${known}.`,
      ),
    listPrices: (region: string, day: string) =>
      both(
        `Dólares por mês, preços de tabela da AWS em ${region}, lidos em ${day}, sem impostos.`,
        `Dollars a month, AWS list prices in ${region}, read on ${day}, without tax.`,
      ),
    total: 'Total',
    notKnown: (region: string, file: string) =>
      both(
        `Incompleto: estes preços não são conhecidos em ${region} e não estão na soma (${file}):`,
        `Incomplete: these prices are not known in ${region}, and not in the sum (${file}):`,
      ),
    notVerified: (open: number, all: number) =>
      both(
        `${open} dos ${all} preços da lista não puderam ser conferidos:`,
        `${open} of the ${all} prices of the list could not be verified:`,
      ),
    actual: {
      title: (environment: string, region: string, day: string) =>
        both(
          `${environment}: dólares por mês, sem impostos. A estimativa usa os preços de ${region} de ${day}.`,
          `${environment}: dollars a month, without tax. The estimate uses the prices of ${region} of ${day}.`,
        ),
      estimate: 'estim.',
      byPart: { pt: 'Por parte', en: 'By part' },
      byTeam: { pt: 'Por time', en: 'By team' },
      noTag: (tag: string) => `sem a tag ${tag} / without the tag ${tag}`,
      otherApplication: (name: string) => `${name}: sem time / without a team`,
      preliminary: both(
        '* A AWS ainda muda este valor: o mês não fechou, e o último dia pode faltar.',
        '* AWS still changes this figure: the month is not closed, and the last day may be missing.',
      ),
      undivided: both(
        'Sem a tag "Name", não se sabe de que parte são máquinas, discos e NAT. Se for muito, ative-a como a tag "environment" (docs/getting-started.pt-BR.md, passo 7).',
        'Without the tag "Name" it is not known to which part nodes, volumes and NAT belong. If that is much, activate it like the tag "environment" (docs/getting-started.md, step 7).',
      ),
      shared: (tag: string, team: string) =>
        both(
          `Por time conta o que tem a tag "${tag}". O resto é de todos, e conta como ${team}: o Cost Explorer não divide máquinas por pod.`,
          `What has the tag "${tag}" counts for a team. The rest is shared, and counts as ${team}: Cost Explorer does not divide nodes by pod.`,
        ),
      leftOut: (tag: string) =>
        both(
          `Fica de fora o que não tem a tag "${tag}": o painel, as consultas ao CloudWatch, o segredo do RDS, o bootstrap, o plano de suporte e impostos.`,
          `What has no tag "${tag}" is left out: the dashboard, requests to CloudWatch, the secret of RDS, the bootstrap, the support plan and taxes.`,
        ),
      none: (environment: string, tags: readonly string[]) =>
        both(
          `${environment}: o Cost Explorer não tem nenhum valor com a tag "environment" deste ambiente. Ela só conta depois de ativada para custos, a partir de um dia depois do primeiro deploy e na conta que paga: ${activation(tags)}. Os valores aparecem até um dia depois e só daí em diante. Com as credenciais de outra conta também não há valores.`,
          `${environment}: Cost Explorer has no figure with this environment's tag "environment". It counts only once it is activated for costs, from a day after the first deployment on and in the account that pays: ${activation(tags)}. Figures appear within a day, and only from then on. With the credentials of another account there are none, either.`,
        ),
      otherPrices: (region: string, used: string) =>
        both(
          `Não há lista de preços de ${region}: a estimativa usa a de ${used}.`,
          `There is no list of prices of ${region}: the estimate uses that of ${used}.`,
        ),
      refused: (message: string) =>
        both(
          `A AWS não mostrou os custos. É preciso ter credenciais, a permissão ce:GetCostAndUsage e, na conta que paga, o acesso de IAM ao Billing:\n${message}\n`,
          'AWS did not show the costs. This needs credentials, the permission ce:GetCostAndUsage and, in the account that pays, IAM access to Billing; see above.',
        ),
    },
    plan: {
      unreadable: (file: string) =>
        both(
          `${file} não é um plano: rode terraform plan -out=plan e terraform show -json plan > plan.json.`,
          `${file} is not a plan: run terraform plan -out=plan and terraform show -json plan > plan.json.`,
        ),
      total: (region: string, day: string) =>
        `US$ por mês, preços de ${region} de ${day}, sem impostos / USD a month, prices of ${region} of ${day}, without tax`,
      byUse: both(
        'Cobrados pelo uso, que não está no plano e não está na soma:',
        'Billed by use, which is not in the plan and not in the sum:',
      ),
      unpriced: (file: string) =>
        both(
          `Sem preço nesta lista, e podem custar dinheiro (${file}):`,
          `Without a price in this list, and may cost money (${file}):`,
        ),
      free: (count: number) => both(`Gratuitos: ${count}`, `Free: ${count}`),
    },
  },
  drill: {
    steps: {
      check: { pt: 'conferir o banco', en: 'check the database' },
      leftovers: { pt: 'apagar o que sobrou de outro ensaio', en: 'delete what another drill left' },
      restore: { pt: 'restaurar', en: 'restore' },
      compare: { pt: 'comparar', en: 'compare' },
      delete: { pt: 'apagar a cópia', en: 'delete the copy' },
      look: { pt: 'conferir o ambiente', en: 'check the environment' },
      undoOld: { pt: 'desfazer o que sobrou de outro ensaio', en: 'undo what another drill left' },
      answers: { pt: 'esperar respostas certas', en: 'wait for right answers' },
      play: { pt: 'causar a falha', en: 'cause the fault' },
      undo: { pt: 'desfazer a falha', en: 'undo the fault' },
      recover: { pt: 'esperar que tudo volte', en: 'wait until all is back' },
    },
    onlyFor: (option: string, drills: readonly string[]) =>
      both(`--${option} só vale para: ${drills.join(', ')}.`, `--${option} is only for: ${drills.join(', ')}.`),
    noTime: (given: string) =>
      both(
        `${given} não é um instante: use, por exemplo, 2026-01-31T12:00:00Z.`,
        `${given} is not a time: use, for example, 2026-01-31T12:00:00Z.`,
      ),
    noDatabase: (environment: string, name: string) =>
      both(
        `O banco de ${environment}, ${name}, não existe nesta conta e região: faça antes o deploy.`,
        `The database of ${environment}, ${name}, does not exist in this account and region: deploy first.`,
      ),
    asleep: (environment: string, name: string) =>
      both(
        `O banco ${name} está parado: o ensaio precisa dele para comparar. Acorde o ambiente antes: pnpm infra wake ${environment}`,
        `The database ${name} is stopped, and the drill needs it for the comparison. Wake the environment first: pnpm infra wake ${environment}`,
      ),
    noBackup: (name: string) =>
      both(
        `O banco ${name} não tem backup automático: não há o que restaurar.`,
        `The database ${name} has no automated backup: there is nothing to restore.`,
      ),
    tooLate: (to: Date, restorable: Date) =>
      both(
        `Não se pode restaurar para ${to.toISOString()}: o instante mais recente é ${restorable.toISOString()}.`,
        `${to.toISOString()} cannot be restored: the latest possible time is ${restorable.toISOString()}.`,
      ),
    running: (environment: string, name: string) =>
      both(
        `Outro ensaio está em andamento ou foi interrompido há pouco, e a cópia ${name} existe. Se nenhum está em andamento, apague-a: pnpm infra drill restore ${environment} --clean`,
        `Another drill is running or was interrupted recently, and its copy ${name} exists. If none is running, delete it: pnpm infra drill restore ${environment} --clean`,
      ),
    restoreFailed: (name: string, status: string) =>
      both(
        `A cópia ${name} não ficou pronta: o estado dela é ${status}.`,
        `The copy ${name} did not become available: its state is ${status}.`,
      ),
    tookTooLong: (what: Text, minutes: number) =>
      both(
        `O passo "${what.pt}" levou mais de ${minutes} minutos.`,
        `The step "${what.en}" took longer than ${minutes} minutes.`,
      ),
    noResult: (application: string, log: string) =>
      both(
        `A comparação de ${application} não terminou. O fim do log:\n${log}\n`,
        `The comparison of ${application} did not finish; the end of its log is above.`,
      ),
    notDeleted: (environment: string, name: string, why: string) =>
      both(
        `A cópia ${name} não foi apagada e continua custando. Apague-a: pnpm infra drill restore ${environment} --clean. A causa: ${why}`,
        `The copy ${name} was not deleted and still costs money. Delete it: pnpm infra drill restore ${environment} --clean. The cause: ${why}`,
      ),
    cleaned: (copies: readonly string[]) =>
      copies.length === 0
        ? both('Nenhuma cópia sobrou.', 'No copy was left.')
        : both(`Cópias apagadas: ${copies.join(', ')}.`, `Deleted copies: ${copies.join(', ')}.`),
    stopping: both(
      'Interrompido: a cópia está sendo apagada. Espere, ou ela continua custando.',
      'Interrupted: the copy is being deleted. Wait, or it goes on costing money.',
    ),
    interrupted: both('O ensaio foi interrompido.', 'The drill was interrupted.'),
    failed: (environment: string, problem: string) =>
      both(
        `O ensaio de ${environment} não chegou ao fim:\n${problem}\n`,
        `The drill of ${environment} did not finish; see above.`,
      ),
    differs: (environment: string, restoredTo: string, differences: readonly string[]) =>
      both(
        `A cópia de ${environment} restaurada para ${restoredTo} não tem tudo que o banco tinha:\n${differences.map((one) => `  ${one}`).join('\n')}\n`,
        `The copy of ${environment} restored to ${restoredTo} does not have all that the database had; see above.`,
      ),
    passed: (environment: string, restoredTo: string, rows: number, total: string) =>
      both(
        `O ensaio de ${environment} passou em ${total}: a cópia restaurada para ${restoredTo} tem tudo que o banco tinha, ${rows} linhas.`,
        `The drill of ${environment} passed in ${total}: the copy restored to ${restoredTo} has all that the database had, ${rows} rows.`,
      ),
  },
  faults: {
    onlyDev: (fault: string) =>
      both(
        `prd atende usuários: uma falha de propósito lhes custaria requisições. dev é a mesma stack, com outros valores: pnpm infra drill ${fault} dev. Para ensaiar uma redundância que só prd tem, dê-a antes a dev, em infra/environments/dev.ts.`,
        `prd serves users, and a fault on purpose would cost them requests. dev is the same stack with other values: pnpm infra drill ${fault} dev. To try a redundancy that only prd has, first give it to dev, in infra/environments/dev.ts.`,
      ),
    asleep: (name: string) =>
      both(
        `${name} está dormindo, e não há o que falhar. Acorde o ambiente antes: pnpm infra wake ${name}`,
        `${name} is asleep, and there is nothing that could fail. Wake the environment first: pnpm infra wake ${name}`,
      ),
    notWhole: (name: string, missing: readonly string[]) =>
      both(
        `${name} não está inteiro antes da falha, e o ensaio não provaria nada. Falta: ${missing.join('; ')}.`,
        `${name} is not whole before the fault, and the drill would prove nothing. Missing: ${missing.join('; ')}.`,
      ),
    noAddress: (name: string) =>
      both(
        `O cluster de ${name} não informa o endereço público (ConfigMap infra-environment): faça o deploy da infraestrutura.`,
        `The cluster of ${name} does not name the public address (ConfigMap infra-environment): deploy the infrastructure.`,
      ),
    wrongBefore: (wrong: readonly string[]) =>
      both(
        `Antes da falha já há respostas erradas, e nada foi feito. Conserte antes: ${wrong.join('; ')}.`,
        `There are wrong answers before the fault, and nothing was done. First repair: ${wrong.join('; ')}.`,
      ),
    running: (environment: string, fault: string, what: string) =>
      both(
        `Outro ensaio está em andamento ou foi interrompido há pouco (${what}). Se nenhum está em andamento, desfaça-o: pnpm infra drill ${fault} ${environment} --clean`,
        `Another drill is running or was interrupted recently (${what}). If none is running, undo it: pnpm infra drill ${fault} ${environment} --clean`,
      ),
    typeToPlay: (name: string) =>
      both(
        `Requisições podem falhar até que tudo volte. Para confirmar, digite ${name}.`,
        `Requests may fail until all is back. To confirm, type ${name}: `,
      ),
    notPlayed: both('Nada foi feito.', 'Nothing was done.'),
    stopping: both(
      'Interrompido: a falha está sendo desfeita. Espere, ou o ambiente fica com ela.',
      'Interrupted: the fault is being undone. Wait, or the environment keeps it.',
    ),
    notUndone: (environment: string, fault: string, why: string) =>
      both(
        `A falha não foi desfeita: ${why}\nRode, até que dê certo: pnpm infra drill ${fault} ${environment} --clean`,
        'The fault was not undone. Run the command above until it succeeds.',
      ),
    cleaned: (undone: readonly string[]) =>
      undone.length === 0
        ? both('Nenhuma falha sobrou.', 'No fault was left.')
        : both(`Desfeito: ${undone.join(', ')}.`, `Undone: ${undone.join(', ')}.`),
    notBack: (minutes: number, missing: readonly string[]) =>
      both(
        `Depois de ${minutes} minutos ainda falta: ${missing.join('; ')}.`,
        `Still missing after ${minutes} minutes: ${missing.join('; ')}.`,
      ),
    spot: {
      noNode: (name: string) => both(`${name} não tem nenhuma máquina spot.`, `${name} has no spot node.`),
      tells: (node: string, instance: string, zone: string, pods: number) =>
        both(
          `A máquina spot ${node} (${instance}, ${zone}; pods das aplicações: ${pods}) será esvaziada por até 2 minutos, como depois do aviso da AWS, e encerrada. O grupo inicia outra.`,
          `The spot node ${node} (${instance}, ${zone}; pods of the applications: ${pods}) will be drained for up to 2 minutes, as after AWS's notice, and ended. Its group starts another one.`,
        ),
      notDrained: (node: string, why: string): Text => ({
        pt: `A máquina ${node} não ficou vazia a tempo, e foi encerrada assim: ${why}`,
        en: `The node ${node} was not empty in time, and was ended as it was: ${why}`,
      }),
    },
    zone: {
      noZone: (given: string, zones: readonly string[]) =>
        both(
          `Nenhuma zona ${given} com sub-redes e máquinas do ambiente. Há: ${zones.join(', ')}.`,
          `No zone ${given} with subnets and nodes of the environment. There are: ${zones.join(', ')}.`,
        ),
      tells: (zone: string, minutes: number, subnets: number, nodes: number, hasDatabase: boolean) =>
        both(
          `A zona ${zone} ficará sem rede por ${minutes} minutos (sub-redes: ${subnets}; máquinas: ${nodes}; banco: ${hasDatabase ? 'sim' : 'não'}). As sub-redes recebem uma lista de acesso vazia, e depois a de antes.`,
          `The zone ${zone} will have no network for ${minutes} minutes (subnets: ${subnets}; nodes: ${nodes}; database: ${hasDatabase ? 'yes' : 'no'}). The subnets get an empty access list, and then the one of before.`,
        ),
    },
    controller: {
      noPod: (name: string) =>
        both(`${name} não tem nenhum pod das aplicações.`, `${name} has no pod of the applications.`),
      tells: (replicas: number, minutes: number, pod: string) =>
        both(
          `O controlador do balanceador ficará com 0 de ${replicas} réplicas por ${minutes} minutos, e o pod ${pod} será reiniciado nesse tempo. Nenhum pod novo pode surgir até que o controlador volte.`,
          `The load balancer controller will have 0 of ${replicas} replicas for ${minutes} minutes, and the pod ${pod} will be restarted meanwhile. No new pod may appear until the controller is back.`,
        ),
      restarted: (pod: string): Text => ({
        pt: `O pod ${pod} foi reiniciado sem o controlador: até que o balanceador note, ele ainda lhe envia requisições.`,
        en: `The pod ${pod} was restarted without the controller: until the load balancer notices, it goes on sending it requests.`,
      }),
      unseen: (pod: string) =>
        both(
          `O pod ${pod} surgiu sem o controlador, e sem a condição do balanceador: contaria como pronto sem receber requisições.`,
          `The pod ${pod} appeared without the controller, and without the load balancer's condition: it would count as ready without getting requests.`,
        ),
    },
    failover: {
      tells: (name: string) =>
        both(
          `O banco ${name} passará para o servidor de reserva, em outra zona.`,
          `The database ${name} will change to its standby in another zone.`,
        ),
      tellsWithoutStandby: (name: string) =>
        both(
          `O banco ${name} não tem servidor de reserva (database.multiZone), e o RDS recusaria a troca: ele só será reiniciado. Requisições que o usam falham até que volte.`,
          `The database ${name} has no standby (database.multiZone), and RDS would refuse a failover: it will only be restarted. Requests that use it fail until it is back.`,
        ),
      noStandby: (name: string): Text => ({
        pt: `O banco ${name} foi só reiniciado: não tem servidor de reserva.`,
        en: `The database ${name} was only restarted: it has no standby.`,
      }),
    },
    report: {
      request: { pt: 'requisição', en: 'request' },
      sent: { pt: 'feitas', en: 'sent' },
      failed: { pt: 'falhas', en: 'failed' },
      first: { pt: 'primeira', en: 'first' },
      last: { pt: 'última', en: 'last' },
      gap: { pt: 'maior pausa', en: 'longest gap' },
      answers: { pt: 'respostas erradas', en: 'wrong answers' },
      none: { pt: 'sem resposta', en: 'no answer' },
      back: { pt: 'de volta depois de', en: 'back after' },
      never: { pt: 'não voltou', en: 'not back' },
      parts: {
        nodes: { pt: 'máquinas prontas', en: 'nodes ready' },
        replicas: { pt: 'réplicas disponíveis', en: 'replicas available' },
        targets: { pt: 'alvos do balanceador saudáveis', en: 'targets of the load balancer healthy' },
        database: { pt: 'banco disponível', en: 'database available' },
        answers: { pt: 'respostas certas', en: 'right answers' },
      },
      passed: (fault: string, environment: string, sent: number) =>
        both(
          `O ensaio ${fault} de ${environment} passou: nenhuma das ${sent} requisições falhou, e tudo voltou.`,
          `The drill ${fault} of ${environment} passed: none of the ${sent} requests failed, and all is back.`,
        ),
      failedRequests: (fault: string, environment: string, failed: number, sent: number) =>
        both(
          `O ensaio ${fault} de ${environment} não passou: ${failed} de ${sent} requisições falharam. Tudo voltou.`,
          `The drill ${fault} of ${environment} did not pass: ${failed} of ${sent} requests failed. All is back.`,
        ),
      ended: (fault: string, environment: string, problem: string) =>
        both(
          `O ensaio ${fault} de ${environment} não passou:\n${problem}\n`,
          `The drill ${fault} of ${environment} did not pass; see above.`,
        ),
    },
  },
  wake: {
    neverSleeps: (name: string) =>
      both(
        `${name} não dorme à noite (cluster.sleepsAtNight em infra/environments/${name}.ts): não há o que acordar.`,
        `${name} does not sleep at night (cluster.sleepsAtNight in infra/environments/${name}.ts): there is nothing to wake.`,
      ),
    notThere: (name: string) =>
      both(
        `${name} ainda não existe nesta conta e região: não há o que acordar.`,
        `${name} does not exist yet in this account and region: there is nothing to wake.`,
      ),
    database: both(
      'O banco de dados estava parado e está sendo iniciado: leva de cinco a dez minutos.',
      'The database was stopped and is being started: this takes five to ten minutes.',
    ),
    nodes: both(
      'As máquinas das aplicações estavam desligadas e estão voltando: leva de dois a quatro minutos.',
      "The applications' nodes were off and are coming back: this takes two to four minutes.",
    ),
    storageNode: both(
      'A máquina do SigNoz também está voltando. Não se espera por ela.',
      "SigNoz's node is coming back, too. Nothing waits for it.",
    ),
    awake: (name: string) =>
      both(
        `${name} está acordado. Dorme de novo na próxima vez que forem ${evening.nodes} (${timeZone}), e o que estiver em andamento para. Fora do horário, os alarmes não avisam ninguém até as ${morning.alarms} do próximo dia útil.`,
        `${name} is awake. It sleeps again the next time that it is ${evening.nodes} (${timeZone}), and stops what is under way. Outside working hours no alarm notifies anybody, until ${morning.alarms} of the next working day.`,
      ),
    waiting: {
      nodes: { pt: 'as máquinas das aplicações', en: "the applications' nodes" },
      database: { pt: 'o banco de dados', en: 'the database' },
      application: (name: string): Text => ({
        pt: `um pod de ${name} que responda ao balanceador de carga`,
        en: `a pod of ${name} that answers the load balancer`,
      }),
    },
    tooLong: (waiting: Text) =>
      both(
        `Falta ainda, depois de vinte minutos: ${waiting.pt}. Rode de novo para continuar esperando; docs/runbooks diz o que verificar.`,
        `Still missing after twenty minutes: ${waiting.en}. Run this again to wait on; docs/runbooks says what to check.`,
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
    criticalPath: { pt: 'Caminho crítico', en: 'Critical path' },
    unknown: { pt: 'Sem duração conhecida, contados como 0 s', en: 'Duration not known, counted as 0 s' },
    cost: { pt: 'Custo mensal', en: 'Monthly cost' },
    quotas: { pt: 'Uma conta nova não permite', en: 'A new account does not allow' },
    permissions: { pt: 'Permissões conferidas', en: 'Permissions checked' },
    permissionCounts: (requests: number, actions: number): Text => ({
      pt: `${requests} requisições à AWS, de ${actions} ações`,
      en: `${requests} requests to AWS, of ${actions} actions`,
    }),
    permissionsUnknown: { pt: 'Não se sabe que permissões pedem', en: 'Needed permissions not known' },
    undecided: { pt: 'Sem resposta do simulador', en: 'Not decided by the simulator' },
    failed: { pt: 'Falha ensaiada', en: 'Rehearsed failure' },
    healed: { pt: 'a execução seguinte concluiu o que faltava', en: 'the next run completed what was missing' },
    page: { pt: 'Página com a linha do tempo', en: 'Page with the timeline' },
    refusals: { pt: 'Página com as recusas', en: 'Page with the refusals' },
    stepFailed: (step: Text): Text => ({ pt: `o passo "${step.pt}" falhou`, en: `the step "${step.en}" failed` }),
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
    invalidRole: (given: string, roles: readonly string[]) =>
      both(
        `${given}: use um destes papéis: ${roles.join(', ')}.`,
        `${given}: use one of these roles: ${roles.join(', ')}.`,
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
    oneAccountOrTwo: {
      pt: '"accountId" e "accounts" juntos: use "accountId" para uma conta só, ou "accounts" para uma conta por ambiente.',
      en: '"accountId" and "accounts" together: use "accountId" for one account, or "accounts" for an account per environment.',
    },
    noSecondRegion: {
      pt: '"useSecondRegion" é true e "secondRegion" falta: informe a região para onde o ambiente volta.',
      en: '"useSecondRegion" is true and "secondRegion" is missing: give the region in which the environment comes back.',
    },
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
  crds: {
    first: (charts: readonly { readonly name: string; readonly version: string }[]) => {
      const named = charts.map(({ name, version }) => `${name} ${version}`).join(', ');
      return both(
        `Antes do apply, as definições (CRDs) no cluster passam às destes charts: ${named}. O Helm nunca as atualiza. Se isto falhar, nada é aplicado.`,
        `Before the apply, the definitions (CRDs) in the cluster become those of these charts: ${named}. Helm never updates them. If this fails, nothing is applied.`,
      );
    },
    typeToUpdate: both('Para atualizá-las, digite "sim".', 'To update them, type "yes": '),
    notUpdated: both('Nada foi mudado.', 'Nothing was changed.'),
    applied: (chart: string, definitions: readonly string[]) =>
      definitions.length === 0
        ? both(`${chart}: o chart não traz definições.`, `${chart}: the chart brings no definitions.`)
        : both(
            `${chart}: definições aplicadas: ${definitions.join(', ')}.`,
            `${chart}: applied definitions: ${definitions.join(', ')}.`,
          ),
  },
  upgrade: {
    noVersion: (given: string) =>
      both(
        `"${given}" não é uma versão do Kubernetes como o EKS as escreve, por exemplo 1.37.`,
        `"${given}" is not a version of Kubernetes as EKS writes them, such as 1.37.`,
      ),
    noWayBack: (environment: string, live: string, version: string) =>
      both(
        `${environment} está na versão ${live} do Kubernetes, e o EKS não volta para a ${version}.`,
        `${environment} is at Kubernetes ${live}, and EKS cannot go back to ${version}.`,
      ),
    oneAtATime: (environment: string, live: string, version: string) =>
      both(
        `${environment} está na versão ${live} do Kubernetes: o EKS sobe uma versão de cada vez, e a ${version} vem depois.`,
        `${environment} is at Kubernetes ${live}: EKS goes up one version at a time, and ${version} comes later.`,
      ),
    devFirst: (version: string, dev: string) =>
      both(
        `dev está na versão ${dev} do Kubernetes: suba-o primeiro para a ${version}, e prd quando dev tiver funcionado com ela.`,
        `dev is at Kubernetes ${dev}: first raise it to ${version}, and prd once dev has worked with it.`,
      ),
    unanswered: (version: string, unanswered: readonly string[]) =>
      both(
        `A AWS não diz que versões há para o Kubernetes ${version}: ${unanswered.join(', ')}. Ou ela não oferece o Kubernetes ${version}, ou as credenciais não podem ler ssm:GetParameter e eks:DescribeAddonVersions.`,
        `AWS does not say which versions there are for Kubernetes ${version}: ${unanswered.join(', ')}. Either it does not offer Kubernetes ${version}, or the credentials may not use ssm:GetParameter and eks:DescribeAddonVersions.`,
      ),
    noAutoscaler: (version: string) =>
      both(
        `registry.k8s.io não respondeu, ou ainda não tem uma imagem do cluster autoscaler para o Kubernetes ${version}: sem ela, ninguém poria máquinas. Espere por ela, ou tente de novo.`,
        `registry.k8s.io did not answer, or does not have an image of the cluster autoscaler for Kubernetes ${version} yet: without it, nothing would add nodes. Wait for it, or try again.`,
      ),
    sameAutoscaler: (pinned: string) =>
      both(
        `registry.k8s.io não respondeu: a imagem do cluster autoscaler continua a ${pinned}.`,
        `registry.k8s.io did not answer: the cluster autoscaler's image stays ${pinned}.`,
      ),
    nothingToRaise: both('Nada a subir.', 'Nothing to raise.'),
    noCluster: (cluster: string) =>
      both(
        `O cluster ${cluster} não existe, ou não pode ser lido: só as versões foram conferidas.`,
        `The cluster ${cluster} does not exist, or cannot be read: only the versions were checked.`,
      ),
    notActive: (name: string, status: string) =>
      both(`${name} está em ${status}: espere ou conserte antes.`, `${name} is ${status}: wait, or repair it first.`),
    noInsights: both(
      'O EKS não mostra os seus "upgrade insights": veja-os no console antes de subir a versão.',
      'EKS does not show its upgrade insights: look at them in the console before you raise the version.',
    ),
    noNodeGroups: (name: string) =>
      both(
        `O EKS não mostra os grupos de máquinas de ${name}: não se sabe se algum está sendo mudado ou tem um problema.`,
        `EKS does not show the node groups of ${name}: it is not known whether one is being changed or has a problem.`,
      ),
    insight: (name: string, reason: string) =>
      both(`O EKS avisa, em "${name}": ${reason}`, `EKS warns, in "${name}": ${reason}`),
    unhealthy: (group: string, code: string, message: string) =>
      both(
        `O grupo ${group} tem um problema, ${code}: ${message}`,
        `The node group ${group} has a problem, ${code}: ${message}`,
      ),
    oldNodes: (group: string, release: string) =>
      both(
        `As máquinas do grupo ${group} têm uma imagem antiga, ${release}: veja se o último pull request de versões foi aplicado.`,
        `The nodes of the group ${group} have an old image, ${release}: see whether the last pull request of versions was applied.`,
      ),
    noQuota: (name: string) =>
      both(
        `A AWS não mostra a cota "${name}": não se sabe se ela permite iniciar as máquinas novas antes de encerrar as antigas.`,
        `AWS does not show the quota "${name}": it is not known whether it lets the new nodes start before the old ones end.`,
      ),
    noSurge: (name: string, found: number, needed: number) =>
      both(
        `A cota da AWS "${name}" é ${found}, e a troca das máquinas pode precisar de ${needed}: peça um aumento antes.`,
        `The AWS quota "${name}" is ${found}, and replacing the nodes may need ${needed}: request an increase first.`,
      ),
    definition: (name: string, versions: readonly string[]) =>
      both(
        `A definição ${name} guarda objetos em versões que não serve: ${versions.join(', ')}. Um chart novo seria recusado: regrave os objetos e tire a versão de status.storedVersions.`,
        `The definition ${name} stores objects in versions that it does not serve: ${versions.join(', ')}. A newer chart would be refused: write the objects again, and remove the version from status.storedVersions.`,
      ),
    budget: (name: string) =>
      both(
        `O PodDisruptionBudget ${name} não deixa parar nenhum pod agora: a troca das máquinas ficaria presa e falharia. Veja por que faltam pods.`,
        `The PodDisruptionBudget ${name} lets no pod stop now: replacing the nodes would hang and fail. See why pods are missing.`,
      ),
    pendingRelease: (name: string) =>
      both(
        `O Helm parou no meio da release ${name}: conserte-a antes, como diz docs/runbooks/upgrade.md.`,
        `Helm stopped in the middle of the release ${name}: repair it first, as docs/runbooks/upgrade.md says.`,
      ),
    notReached: (cluster: string) =>
      both(
        `A API do cluster ${cluster} não responde daqui, ou não deixa ler tudo: não se sabe se os PodDisruptionBudgets deixam trocar as máquinas, nem se há releases do Helm ou definições de charts no caminho.`,
        `The API of the cluster ${cluster} does not answer from here, or does not let all be read: it is not known whether its PodDisruptionBudgets let nodes be replaced, nor whether Helm releases or charts' definitions are in the way.`,
      ),
    inTheWay: both(
      'Nada foi mudado: resolva primeiro o que tem um ✗.',
      'Nothing was changed: first solve what has a ✗.',
    ),
    toWrite: (environment: string, version: string | undefined, skipsCluster: boolean) => {
      const call = ['pnpm infra upgrade', environment, ...(version ? [version] : []), '--write'].join(' ');
      return skipsCluster
        ? both(
            `O cluster não foi consultado. Para mudar infra/environments/${environment}.ts, depois de consultá-lo: ${call}`,
            `The cluster was not asked. To change infra/environments/${environment}.ts after asking it: ${call}`,
          )
        : both(
            `Não há nenhum ✗. Para mudar infra/environments/${environment}.ts: ${call}`,
            `There is no ✗. To change infra/environments/${environment}.ts: ${call}`,
          );
    },
    written: (environment: string) =>
      both(
        `infra/environments/${environment}.ts foi mudado. Abra um pull request: o plano mostra o que será trocado.`,
        `infra/environments/${environment}.ts was changed. Open a pull request: the plan shows what will be replaced.`,
      ),
  },
  doctor: {
    stages: {
      bootstrap: both(
        'Etapa 1 de 2, o bootstrap: a conta ainda não tem o bucket do estado. ✗ impede o bootstrap; ! é para o deploy, depois dele.',
        'Stage 1 of 2, the bootstrap: the account has no state bucket yet. ✗ prevents the bootstrap; ! is for the deployment after it.',
      ),
      deployment: both(
        'Etapa 2 de 2, o deploy. ✗ impede o deploy; ! é só um aviso.',
        'Stage 2 of 2, the deployment. ✗ prevents it; ! is only a note.',
      ),
    },
    allRight: {
      bootstrap: both(
        'Não falta nada para o bootstrap. Rode pnpm infra bootstrap e depois, de novo, pnpm infra doctor.',
        'Nothing is missing for the bootstrap. Run pnpm infra bootstrap, and then pnpm infra doctor again.',
      ),
      deployment: both('Não falta nada.', 'Nothing is missing.'),
    },
    placeholders: (settings: readonly string[]) =>
      both(
        `infra/settings.json ainda tem valores do exemplo. Troque pelos seus, ou remova: ${settings.join(', ')}.`,
        `infra/settings.json still has values of the example. Replace them by your own, or remove them: ${settings.join(', ')}.`,
      ),
    otherRepository: (prefix: string, repository: string) =>
      both(
        `"github.subjectPrefix" (${prefix}) não é de "github.repository" (${repository}), que assim não teria acesso à AWS. Para ver os números: gh api repos/${repository} --jq '.owner.id, .id'`,
        `"github.subjectPrefix" (${prefix}) is not that of "github.repository" (${repository}), which would have no access to AWS. To see the numbers: gh api repos/${repository} --jq '.owner.id, .id'`,
      ),
    nobodyAlerted: both(
      'Ninguém recebe alertas: inclua ao menos um e-mail em "alerts" em infra/settings.json.',
      'Nobody is alerted: add at least one e-mail address to "alerts" in infra/settings.json.',
    ),
    unreadableBucket: (bucket: string) =>
      both(
        `O bucket do estado, ${bucket}, é de outra conta ou não pode ser lido: escolha outro nome em "stateBucket", ou peça acesso a ele.`,
        `The state bucket, ${bucket}, belongs to another account or cannot be read: choose another name in "stateBucket", or ask for access to it.`,
      ),
    providerExists: both(
      'A conta já tem o provedor OIDC do GitHub, e só pode ter um: defina "github.createProvider": false em infra/settings.json.',
      'The account has a GitHub OIDC provider already, and can have only one: set "github.createProvider": false in infra/settings.json.',
    ),
    noProvider: both(
      'A conta não tem o provedor OIDC do GitHub: remova "github.createProvider": false de infra/settings.json, e o bootstrap o cria.',
      'The account has no GitHub OIDC provider: remove "github.createProvider": false from infra/settings.json, and the bootstrap creates it.',
    ),
    noAudience: (arn: string, audience: string) =>
      both(
        `O provedor OIDC do GitHub não aceita tokens para a AWS. Rode: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${audience}`,
        `The GitHub OIDC provider does not accept tokens for AWS. Run: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${audience}`,
      ),
    notPermitted: (actions: readonly string[]) =>
      both(
        `O bootstrap pode falhar: a simulação da AWS não permite ${actions.join(', ')} a estas credenciais. Use as de um administrador.`,
        `The bootstrap may fail: AWS's simulation does not allow these credentials ${actions.join(', ')}. Use those of an administrator.`,
      ),
    noZone: (zone: string) =>
      both(
        `A conta não tem a zona pública ${zone} no Route53: crie a zona, ou defina "domain.createZone": true e rode pnpm infra bootstrap.`,
        `The account has no public zone ${zone} in Route53: create it, or set "domain.createZone": true and run pnpm infra bootstrap.`,
      ),
    twoZones: (zone: string) =>
      both(
        `A conta tem mais de uma zona pública ${zone} no Route53, e o Terraform não sabe qual usar: apague as que não estão em uso.`,
        `The account has more than one public zone ${zone} in Route53, and Terraform cannot tell which to use: delete those that are not in use.`,
      ),
    zoneExists: (zone: string) =>
      both(
        `A conta já tem a zona ${zone}, e o bootstrap criaria outra: defina "domain.createZone": false em infra/settings.json.`,
        `The account has the zone ${zone} already, and the bootstrap would create another: set "domain.createZone": false in infra/settings.json.`,
      ),
    notDelegated: (zone: string, own: readonly string[], known: readonly string[]) =>
      both(
        `A zona ${zone} não está delegada, e sem isso a AWS não emite certificados: a internet usa ${known.join(', ') || 'nenhum servidor de nomes'}. Onde o domínio foi registrado, indique ${own.join(', ')}.`,
        `The zone ${zone} is not delegated, and AWS issues no certificates without it: the internet uses ${known.join(', ') || 'no name server'}. Where the domain is registered, enter ${own.join(', ')}.`,
      ),
    noDns: (zone: string, own: readonly string[]) =>
      both(
        `A delegação da zona ${zone} não pôde ser verificada, porque nenhum servidor de DNS respondeu. Os servidores de nomes dela são ${own.join(', ')}.`,
        `The delegation of the zone ${zone} could not be checked, because no DNS server answered. Its name servers are ${own.join(', ')}.`,
      ),
    fewAddresses: (quota: number, used: number, needed: number) =>
      both(
        `A conta usa ${used} dos ${quota} endereços IP elásticos da região, e faltam ${needed} para o NAT: libere endereços ou peça um aumento da cota "EC2-VPC Elastic IPs".`,
        `The account uses ${used} of the region's ${quota} Elastic IP addresses, and NAT needs ${needed} more: release some, or request an increase of the quota "EC2-VPC Elastic IPs".`,
      ),
    freeTypes: (types: readonly string[]): Text => ({
      pt: `as instâncias ${types.join(', ')}`,
      en: `the instance types ${types.join(', ')}`,
    }),
    freeBackups: (days: number): Text => ({ pt: `backups por ${days} dias`, en: `backups for ${days} days` }),
    freePlan: (name: string, limits: readonly Text[]) =>
      both(
        `A conta está no plano gratuito da AWS, que não permite o que ${name} pede: ${limits.map(({ pt }) => pt).join('; ')}. Mude de plano: aws freetier upgrade-account-plan --account-plan-type PAID --region us-east-1`,
        `The account is on AWS's free plan, which does not allow what ${name} asks for: ${limits.map(({ en }) => en).join('; ')}. Change the plan: aws freetier upgrade-account-plan --account-plan-type PAID --region us-east-1`,
      ),
    connectionNotReady: (arn: string, status: string) =>
      both(
        `A conexão com o GitHub ${arn} está ${status}, e o CodeBuild ainda não pode usá-la: no console da AWS, em Developer Tools, Settings, Connections, escolha "Update pending connection".`,
        `The connection to GitHub ${arn} is ${status}, and CodeBuild cannot use it yet: in AWS's console, under Developer Tools, Settings, Connections, choose "Update pending connection".`,
      ),
    noVersion: (name: string, version: string, offered: readonly string[]) =>
      both(
        `O Kubernetes ${version}, de infra/environments/${name}.ts, não está em suporte padrão no EKS desta região: escolha ${offered.join(', ')}.`,
        `Kubernetes ${version}, of infra/environments/${name}.ts, is not in standard support on EKS in this region: choose one of ${offered.join(', ')}.`,
      ),
    leftLogGroup: (group: string, call: string) =>
      both(
        `O grupo de logs ${group} não é do Terraform: o EKS o deixou ao ser apagado, e o deploy falharia ao criá-lo. Se não precisar mais dos logs, rode: ${call}`,
        `The log group ${group} is not Terraform's: EKS left it when its cluster was deleted, and the deployment would fail to create it. If you need its logs no more, run: ${call}`,
      ),
    otherAddress: (name: string, address: string) =>
      both(
        `O seu endereço, ${address}, não está em "clusterApiCidrs.${name}" de infra/settings.json: inclua ${address}/32, ou faça o deploy de dentro da VPC. Senão ele falha no meio, ao chegar à API do cluster.`,
        `Your address, ${address}, is not in "clusterApiCidrs.${name}" of infra/settings.json: add ${address}/32, or deploy from inside the VPC. Otherwise the deployment fails halfway, at the cluster's API.`,
      ),
    maybeUnverified: both(
      'A conta não tem nenhuma distribuição do CloudFront. A AWS recusa a primeira de algumas contas novas ("Your account must be verified"), e não há como saber antes: se acontecer, abra um chamado no suporte da AWS e repita o deploy.',
      'The account has no CloudFront distribution. AWS refuses the first one of some new accounts ("Your account must be verified"), and nothing tells beforehand: if it happens, open a case with AWS Support and repeat the deployment.',
    ),
    lackOfCostTag: {
      environment: { pt: 'os orçamentos não contam nada', en: 'the budgets count nothing' },
      Name: {
        pt: 'pnpm infra costs --actual não separa as partes',
        en: 'pnpm infra costs --actual cannot tell the parts apart',
      },
      application: {
        pt: 'pnpm infra costs --actual não separa os times',
        en: 'pnpm infra costs --actual cannot tell the teams apart',
      },
    },
    inactiveCostTags: (tags: readonly string[], lacks: readonly Text[]) =>
      both(
        `Não ativadas para custos: as tags ${quoted(tags)}. Sem elas, ${lacks.map(({ pt }) => pt).join('; ')}. A partir de um dia depois do primeiro deploy, na conta que paga, rode: ${activation(tags)}`,
        `Not activated for costs: the tags ${quoted(tags)}. Without them, ${lacks.map(({ en }) => en).join('; ')}. From a day after the first deployment on, in the account that pays, run: ${activation(tags)}`,
      ),
    unconfirmed: (addresses: readonly string[]) =>
      both(
        `Estes endereços ainda não confirmaram a inscrição e não recebem alertas: ${addresses.join(', ')}. Peça que abram o link do e-mail "AWS Notification - Subscription Confirmation".`,
        `These addresses have not confirmed their subscription and get no alerts: ${addresses.join(', ')}. Ask them to open the link in the e-mail "AWS Notification - Subscription Confirmation".`,
      ),
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
    oldNodeRelease: (environment: string, pinned: string, newest: string) =>
      both(
        `As máquinas de ${environment} usam a imagem ${pinned}, e a mais nova é ${newest}: sem ela faltam correções de segurança. Rode: pnpm infra upgrade ${environment}`,
        `The nodes of ${environment} use the image ${pinned}, and the newest is ${newest}: without it they lack security fixes. Run: pnpm infra upgrade ${environment}`,
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
