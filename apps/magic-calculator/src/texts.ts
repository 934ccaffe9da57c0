import type { Language } from 'contract';

const pt = {
  title: 'Magic Calculator',
  tagline: 'A Magia dos Números Acontecendo na Sua Frente!',
  languageSwitch: 'Idioma',
  nome: 'Seu nome',
  nomeHint: 'De 3 a 255 caracteres',
  operador1: 'Primeiro número',
  operador2: 'Segundo número',
  operandHint: 'Inteiro, positivo ou negativo',
  missing: {
    nome: 'Digite o seu nome',
    operador1: 'Digite o primeiro número',
    operador2: 'Digite o segundo número',
  },
  notInteger: (typed: string) => `“${typed}” não é um número inteiro.`,
  submit: 'Somar',
  submitting: 'Somando…',
  resultTitle: 'Resultado',
  stored: (nome: string) => `Pronto, ${nome}: a operação foi guardada.`,
  again: 'Fazer outra soma',
  error: 'Erro',
  errorTitle: 'Erro: não deu certo desta vez',
  kept: 'O que você digitou foi mantido.',
  retry: 'Tentar de novo',
  back: 'Voltar ao formulário',
  requestId: (id: string) => `Código do pedido: ${id}`,
  offline:
    'A conexão com o servidor falhou, e a operação pode ou não ter sido guardada. Verifique a sua conexão e tente de novo.',
  timeout:
    'O servidor demorou demais para responder, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
  unavailable:
    'O serviço está fora do ar, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
  unexpected: 'O servidor respondeu algo inesperado. Tente de novo; se o erro persistir, avise a equipe do site.',
  broken: 'Ocorreu um problema. Recarregue a página ou volte ao início.',
  reload: 'Recarregar a página',
  home: 'Voltar ao início',
};

/** All texts of the site, by language. The messages that it shares with the API are in the contract. */
export const texts: Record<Language, typeof pt> = {
  pt,
  en: {
    title: 'Magic Calculator',
    tagline: 'The Magic of Numbers, Right Before Your Eyes!',
    languageSwitch: 'Language',
    nome: 'Your name',
    nomeHint: '3 to 255 characters',
    operador1: 'First number',
    operador2: 'Second number',
    operandHint: 'An integer, positive or negative',
    missing: {
      nome: 'Enter your name',
      operador1: 'Enter the first number',
      operador2: 'Enter the second number',
    },
    notInteger: (typed) => `“${typed}” is not an integer.`,
    submit: 'Add',
    submitting: 'Adding…',
    resultTitle: 'Result',
    stored: (nome) => `Done, ${nome}: the operation has been stored.`,
    again: 'Do another sum',
    error: 'Error',
    errorTitle: 'Error: that did not work',
    kept: 'What you typed has been kept.',
    retry: 'Try again',
    back: 'Back to the form',
    requestId: (id) => `Request ID: ${id}`,
    offline:
      'The connection to the server failed, and the operation may or may not have been stored. Check your connection and try again.',
    timeout:
      'The server took too long to answer, and the operation may or may not have been stored. Try again in a moment.',
    unavailable:
      'The service is unavailable, and the operation may or may not have been stored. Try again in a moment.',
    unexpected: 'The server sent an unexpected response. Try again; if it persists, contact the site team.',
    broken: 'Something went wrong. Reload the page or start over.',
    reload: 'Reload the page',
    home: 'Start over',
  },
};
