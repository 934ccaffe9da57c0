/** The CDKTF app: `cdktf deploy dev`, `cdktf deploy prd`, and once before both, `cdktf deploy bootstrap`. */
import { App } from 'cdktf';
import { dev } from './environments/dev.ts';
import { prd } from './environments/prd.ts';
import { readSettings } from './settings.ts';
import { BootstrapStack } from './stacks/bootstrap.ts';
import { EnvironmentStack } from './stacks/environment.ts';
import { selectWorkspace } from './workspace.ts';

const app = new App();
const settings = readSettings();
new BootstrapStack(app, 'bootstrap', { settings });
for (const environment of [dev, prd]) new EnvironmentStack(app, environment.name, { environment, settings });
app.synth();
for (const { name } of [dev, prd]) selectWorkspace(app.outdir, name);
