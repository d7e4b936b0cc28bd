import 'openapi-explorer';

// The page may be served below a prefix: the addresses of the API begin where the page's own do.
const here = new URL('.', window.location.href);

const attributes = {
  'spec-url': new URL('openapi.json', here).href,
  'server-url': here.href.replace(/\/$/, ''),
  'hide-server-selection': 'true',
  'hide-components': 'true',
  'default-schema-tab': 'body', // what "Execute" will send
  // Dark enough beside each other for everybody to read: the test of this page measures it.
  'primary-color': '#0b4f79',
  'secondary-color': '#ffd166',
  'text-color': '#26323d',
  'nav-bg-color': '#1c2730',
  'nav-text-color': '#e6edf3',
  'nav-hover-bg-color': '#33424f',
  'nav-hover-text-color': '#ffd166',
};

const explorer = document.createElement('openapi-explorer');
for (const [name, value] of Object.entries(attributes)) explorer.setAttribute(name, value);
document.getElementById('app')!.replaceChildren(explorer);
