import { mergeConfig, type Plugin } from 'vite';
import site from '../../vite.config.ts';

/** Changes the site's script and style, as another release would. */
const anotherRelease: Plugin = {
  name: 'another-release',
  enforce: 'pre',
  transform(code, id) {
    // Without escaping, the text in `marks` would break the inline script.
    const release =
      "Object.assign(document.documentElement.dataset, { release: 'another', marks: '<!--<script></script>' });";
    if (id.endsWith('/main.tsx')) return `${code}\n${release}`;
    if (id.endsWith('/styles.css')) return `${code}\nhtml { --release: another; }`;
    return undefined;
  },
};

export default mergeConfig(site, { plugins: [anotherRelease] });
