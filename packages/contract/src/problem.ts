import { type Static, Type } from 'typebox';

/** The body of every error response (RFC 9457): `code` is for programs, `detail` for people. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always about:blank; status and code identify the problem' }),
    title: Type.String({ description: 'Standard phrase of the HTTP status' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ description: 'Stable identifier of the problem, for programs' }),
    detail: Type.String({
      description: 'O que aconteceu e o que fazer, em português / What happened and what to do, in Portuguese',
    }),
    traceId: Type.Optional(
      Type.String({ description: 'Trace in which to find the request / Rastro em que achar a requisição' }),
    ),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON Pointer to the invalid field, as a URI fragment: #/nome' }),
          code: Type.String(),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof Problem>;
