/** In both languages, in one line: they are the end of a line that names the request. */
export const texts = {
  unexpected: (found: string, expected: string) => `${found}, esperado / expected: ${expected}`,
  noConnection: (reason: string) => `falha na conexão / connection failed: ${reason}`,
  noResponse: (seconds: number) => `sem resposta em ${seconds} s / no response within ${seconds} s`,
} as const;
