import { mergeConfig, type Plugin } from 'vite';
import site from '../../vite.config.ts';

/** Emits a file that is not inlined into the pages, as the import of an image does. */
const oneFileMore: Plugin = {
  name: 'one-file-more',
  buildStart() {
    this.emitFile({ type: 'asset', name: 'more.svg', source: '<svg xmlns="http://www.w3.org/2000/svg" />' });
  },
};

export default mergeConfig(site, { plugins: [oneFileMore] });
