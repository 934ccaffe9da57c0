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
    notBack: (name: string) =>
      both(
        `${name} não voltou a tempo para a versão anterior: veja "kubectl -n calculator get pods".`,
        `${name} did not get back to the version before in time: see "kubectl -n calculator get pods".`,
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
} as const;
