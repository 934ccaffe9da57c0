/** The CDKTF app: `cdktf deploy dev` and `cdktf deploy prd`, after `cdktf deploy bootstrap` once. */
import { App } from 'cdktf';
import { accountsOf } from './accounts.ts';
import { checkEnvironments, environments } from './environments/all.ts';
import { readSettings } from './settings.ts';
import { BootstrapStack } from './stacks/bootstrap.ts';
import { EnvironmentStack } from './stacks/environment.ts';
import { selectWorkspace } from './workspace.ts';

const app = new App();
const settings = readSettings();
checkEnvironments(settings);
// Once the first region is lost, nothing of its bootstrap is changed: what it made for the second region has to do.
if (!settings.useSecondRegion)
  for (const account of accountsOf(settings)) new BootstrapStack(app, account.bootstrap, { account, settings });
for (const environment of Object.values(environments))
  new EnvironmentStack(app, environment.name, { environment, settings });
app.synth();
for (const { name } of Object.values(environments)) selectWorkspace(app.outdir, name);
