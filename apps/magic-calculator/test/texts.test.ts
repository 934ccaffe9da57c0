import { expect, test } from '@jest/globals';
import { texts } from '../src/texts.ts';

/** Every text of a language, with examples for what is filled in. */
function textsIn(language: 'pt' | 'en'): string[] {
  const { missing, notInteger, stored, requestId, ...plain } = texts[language];
  return [...Object.values(plain), ...Object.values(missing), notInteger('1,5'), stored('Ana'), requestId('a7')];
}

// Side by side, so that a text that says something else in one of the languages stands out.
test('each text says the same in Portuguese and in English', () => {
  const en = textsIn('en');
  expect(textsIn('pt').map((text, index) => [text, en[index]])).toEqual([
    ['Magic Calculator', 'Magic Calculator'],
    ['A Magia dos Números Acontecendo na Sua Frente!', 'The Magic of Numbers, Right Before Your Eyes!'],
    ['Idioma', 'Language'],
    ['Seu nome', 'Your name'],
    ['De 3 a 255 caracteres', '3 to 255 characters'],
    ['Primeiro número', 'First number'],
    ['Segundo número', 'Second number'],
    ['Inteiro, positivo ou negativo', 'An integer, positive or negative'],
    ['Somar', 'Add'],
    ['Somando…', 'Adding…'],
    ['Resultado', 'Result'],
    ['Fazer outra soma', 'Do another sum'],
    ['Erro', 'Error'],
    ['Erro: não deu certo desta vez', 'Error: that did not work'],
    ['O que você digitou foi mantido.', 'What you typed has been kept.'],
    ['Tentar de novo', 'Try again'],
    ['Voltar ao formulário', 'Back to the form'],
    [
      'A conexão com o servidor falhou, e a operação pode ou não ter sido guardada. Verifique a sua conexão e tente de novo.',
      'The connection to the server failed, and the operation may or may not have been stored. Check your connection and try again.',
    ],
    [
      'O servidor demorou demais para responder, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
      'The server took too long to answer, and the operation may or may not have been stored. Try again in a moment.',
    ],
    [
      'O serviço está fora do ar, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
      'The service is unavailable, and the operation may or may not have been stored. Try again in a moment.',
    ],
    [
      'O servidor respondeu algo inesperado. Tente de novo; se o erro persistir, avise a equipe do site.',
      'The server sent an unexpected response. Try again; if it persists, contact the site team.',
    ],
    [
      'Ocorreu um problema. Recarregue a página ou volte ao início.',
      'Something went wrong. Reload the page or start over.',
    ],
    ['Recarregar a página', 'Reload the page'],
    ['Voltar ao início', 'Start over'],
    ['Digite o seu nome', 'Enter your name'],
    ['Digite o primeiro número', 'Enter the first number'],
    ['Digite o segundo número', 'Enter the second number'],
    ['“1,5” não é um número inteiro.', '“1,5” is not an integer.'],
    ['Pronto, Ana: a operação foi guardada.', 'Done, Ana: the operation has been stored.'],
    ['Código do pedido: a7', 'Request ID: a7'],
  ]);
});
