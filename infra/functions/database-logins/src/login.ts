import { randomBytes } from 'node:crypto';

/** A user of the database, in the JSON format that RDS uses for its own secrets. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** 24 random bytes in base64url, which never needs escaping. */
export const newPassword = (): string => randomBytes(24).toString('base64url');
