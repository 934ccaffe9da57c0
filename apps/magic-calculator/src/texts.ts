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
  submit: 'Somar',
  submitting: 'Somando…',
  resultTitle: 'Resultado',
  stored: (nome: string) => `Pronto, ${nome}: a operação foi guardada.`,
  again: 'Fazer outra soma',
  errorTitle: 'Não deu certo desta vez',
  kept: 'O que você digitou foi mantido.',
  retry: 'Tentar de novo',
  back: 'Voltar ao formulário',
  offline: 'Não foi possível falar com o servidor. Verifique a sua conexão e tente de novo.',
  timeout:
    'O servidor demorou demais para responder, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
  unexpected: 'O servidor respondeu algo inesperado. Tente de novo; se continuar, avise a equipe do site.',
};

/** Everything that the site says, by language. What the API also says stands in the contract. */
export const texts: Record<Language, typeof pt> = {
  pt,
  en: {
    title: 'Magic Calculator',
    tagline: 'The Magic of Numbers, Right Before Your Eyes!',
    languageSwitch: 'Language',
    nome: 'Your name',
    nomeHint: 'From 3 to 255 characters',
    operador1: 'First number',
    operador2: 'Second number',
    operandHint: 'An integer, positive or negative',
    submit: 'Add',
    submitting: 'Adding…',
    resultTitle: 'Result',
    stored: (nome) => `Done, ${nome}: the operation has been stored.`,
    again: 'Add two others',
    errorTitle: 'That did not work',
    kept: 'What you typed has been kept.',
    retry: 'Try again',
    back: 'Back to the form',
    offline: 'The server could not be reached. Check your connection and try again.',
    timeout:
      'The server took too long to answer, and the operation may or may not have been stored. Try again in a moment.',
    unexpected: 'The server gave an unexpected answer. Try again; if it persists, tell the site team.',
  },
};
