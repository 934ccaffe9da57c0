import { mergeConfig, type Plugin } from 'vite';
import site from '../../vite.config.ts';

/** Makes the site's script and style differ from those of the present one, as another release's do. */
const anotherRelease: Plugin = {
  name: 'another-release',
  enforce: 'pre',
  transform(code, id) {
    if (id.endsWith('/main.tsx')) return `${code}\ndocument.documentElement.dataset.release = 'another';`;
    if (id.endsWith('/styles.css')) return `${code}\nhtml { --release: another; }`;
    return undefined;
  },
};

export default mergeConfig(site, { plugins: [anotherRelease] });
