import { mergeConfig, type Plugin } from 'vite';
import site from '../../vite.config.ts';

/** Makes the site's script and style differ from those of the present one, as another release's do. */
const anotherRelease: Plugin = {
  name: 'another-release',
  enforce: 'pre',
  transform(code, id) {
    // What stands there would end the script, or not let it end, if it were put into the page as it is.
    const release =
      "Object.assign(document.documentElement.dataset, { release: 'another', marks: '<!--<script></script>' });";
    if (id.endsWith('/main.tsx')) return `${code}\n${release}`;
    if (id.endsWith('/styles.css')) return `${code}\nhtml { --release: another; }`;
    return undefined;
  },
};

export default mergeConfig(site, { plugins: [anotherRelease] });
