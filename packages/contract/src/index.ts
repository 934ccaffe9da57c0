/** The contract between the API and the site: schemas, types, paths, limits and messages. No I/O, no framework. */
export { checkSumRequest, type Field, type FieldError, isSumRequest } from './check.ts';
export { limits } from './limits.ts';
export { type FieldErrorCode, fieldMessages, type Language, type ProblemCode, problemMessages } from './messages.ts';
export { idempotencyKeyHeader, paths, ports, problemMediaType } from './paths.ts';
export { Problem } from './problem.ts';
export { SumRequest, SumResponse } from './sum-schemas.ts';
export { isVisitReport, type SumReport, slow, type VisitReport, visitLimits } from './visits.ts';
