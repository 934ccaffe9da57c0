/** prd without its protection, as after the change that precedes a destroy. */
import { App } from 'cdktf';
import { prd } from './environments/prd.ts';
import { readSettings } from './settings.ts';
import { EnvironmentStack } from './stacks/environment.ts';
import { selectWorkspace } from './workspace.ts';

const app = new App();
new EnvironmentStack(app, 'prd', { environment: { ...prd, protected: false }, settings: readSettings() });
app.synth();
selectWorkspace(app.outdir, 'prd');
