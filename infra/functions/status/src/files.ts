/** The page's files as its bundle contains them, with their paths below that of the page. */
export const pageFiles = [
  { id: 'page', path: '', file: 'index.html', type: 'text/html; charset=utf-8' },
  // An object of its own, because a bucket has no folders: people type the slash.
  { id: 'page-with-slash', path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { id: 'script', path: '/page.js', file: 'page.js', type: 'text/javascript' },
  { id: 'style', path: '/page.css', file: 'page.css', type: 'text/css' },
  { id: 'icon', path: '/page.svg', file: 'page.svg', type: 'image/svg+xml' },
] as const;
