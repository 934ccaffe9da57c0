import { type Static, Type } from 'typebox';

/** The body of every error answer (RFC 9457): `code` is for programs, `detail` for people. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always about:blank: the status and code tell the kind of problem' }),
    title: Type.String({ description: "The status's standard phrase" }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ description: 'Stable name of the problem, for programs' }),
    detail: Type.String({ description: 'O que houve e o que fazer / What happened and what to do, in Portuguese' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON Pointer of the wrong field, as a URI fragment: #/nome' }),
          code: Type.String(),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof Problem>;
