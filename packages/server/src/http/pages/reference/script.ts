/** Starts Swagger UI. The page does not store input. */
export const SCRIPT = `'use strict';
const dark = matchMedia('(prefers-color-scheme: dark)');
const setTheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
setTheme();
dark.addEventListener('change', setTheme);

const textOf = (tag, operation) =>
  [tag, operation.get('method'), operation.get('path'), operation.getIn(['operation', 'summary']), operation.getIn(['operation', 'operationId'])]
    .join(' ')
    .toLowerCase();

// The built-in filter of Swagger UI searches tags only.
const search = ({ React }) => ({
  fn: {
    opsFilter: (tags, phrase) => {
      const words = phrase.toLowerCase().split(/\\s+/);
      const found = (tag) => (operation) => words.every((word) => textOf(tag, operation).includes(word));
      return tags
        .map((group, tag) => group.update('operations', (operations) => operations.filter(found(tag))))
        .filter((group) => group.get('operations').size > 0);
    },
  },
  components: {
    FilterContainer: ({ layoutSelectors, layoutActions }) => {
      const phrase = layoutSelectors.currentFilter();
      const field = React.createElement('input', {
        type: 'search',
        className: 'search',
        placeholder: 'Search by path, name or group',
        'aria-label': 'Search by path, name or group',
        value: typeof phrase === 'string' ? phrase : '',
        onChange: ({ target }) => layoutActions.updateFilter(target.value),
      });
      return React.createElement('div', { className: 'wrapper' }, field);
    },
  },
});

// With a key, the session's cookie is left out, since a call must have only one credential.
const sendOneCredential = (request) => {
  if (request.headers.Authorization) request.credentials = 'omit';
  return request;
};

const start = async () => {
  const answer = await fetch('/openapi.json');
  const spec = await answer.json();
  // Only the browser can add the cookie of a session; a script cannot.
  delete spec.components.securitySchemes.session;
  SwaggerUIBundle({
    spec,
    dom_id: '#reference',
    plugins: [search],
    filter: true,
    tryItOutEnabled: true,
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    validatorUrl: null,
    requestInterceptor: sendOneCredential,
  });
};
addEventListener('DOMContentLoaded', start);
`;
