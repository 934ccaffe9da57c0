/**
 * Prints the newest stored rows, with the API's own settings: `node dist/rows.js`, or `node dist/rows.js 100`. They hold
 * people's names.
 */
import { EnvironmentVariables, readDatabase, SettingsError } from 'database';
import { NothingStored, newestRows, tableOf } from './database/newest-rows.ts';

const usual = 20;
const most = 1_000;

const [given = String(usual), ...others] = process.argv.slice(2);
const count = Number(given);
if (others.length > 0 || !/^\d+$/.test(given) || count < 1 || count > most) {
  end(2, `Usage: node dist/rows.js [ROWS], with a number of rows from 1 to ${most}; ${usual} by default`);
}
try {
  const environment = new EnvironmentVariables(process.env);
  const settings = readDatabase(environment, '.data/calculadora.sqlite');
  environment.check();
  console.log(tableOf(await newestRows(settings, count)));
} catch (error) {
  const { message } = error as Error;
  end(1, error instanceof SettingsError || error instanceof NothingStored ? message : `Cannot read: ${message}`);
}

function end(code: number, message: string): never {
  console.error(message);
  process.exit(code);
}
