/** The page of the reference, which Swagger UI renders from `/openapi.json`. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/style.css">
<script src="/docs/script.js"></script>
<script src="/docs/swagger-ui-bundle.js" defer></script>
</head>
<body>
<main id="reference"><noscript><p>This page needs JavaScript. The description of the API for programs is at <a href="/openapi.json">/openapi.json</a>.</p></noscript></main>
</body>
</html>
`;

/** Additions to the style of Swagger UI: narrow screens, contrast in light and dark mode, and short error messages. */
export const STYLE = `
body { margin: 0; }
noscript p { padding: 1rem; font-family: system-ui, sans-serif; }

/* One server, and no answer that links to another call. */
.swagger-ui .servers, .swagger-ui .servers-title, .swagger-ui .response-col_links { display: none; }
/* Every failure has the same form, which the head of the page shows once. */
.swagger-ui .responses-table:not(.live-responses-table) .response:is([data-code^='4'], [data-code^='5']) :is(.response-controls, .model-example) { display: none; }

.swagger-ui .wrapper { padding: 0 1rem; }
.swagger-ui .info { margin: 1.5rem 0; overflow-wrap: anywhere; }
.swagger-ui .scheme-container { margin: 0 0 1rem; padding: 0.75rem 0; }
.swagger-ui input[type='search'].search { box-sizing: border-box; width: 100%; max-width: none; margin: 0; min-height: 2.75rem; padding: 0 0.75rem; font: inherit; font-size: 1rem; }
.swagger-ui .download-contents { background: #4f5766; }
.swagger-ui .opblock-body { overflow-wrap: anywhere; }
.swagger-ui :is(.responses-inner, .parameters-container, .opblock-section-request-body) { overflow-x: auto; }
.swagger-ui :is(input, select, textarea) { max-width: 100%; }
:focus-visible { outline: 3px solid #2257b0; outline-offset: 2px; }

/* Names and types are not broken inside a word. */
.swagger-ui :is(.parameters-col_name, .headers :is(th, td)) { overflow-wrap: break-word; }
.swagger-ui .parameters-col_name { width: 12rem; min-width: 12rem; }
.swagger-ui .headers :is(th, td) { padding-right: 0.5rem; }
.swagger-ui .info pre > code { padding: 0.75rem; }
.swagger-ui .btn.authorize { display: inline-flex; align-items: center; }
.swagger-ui .btn.authorize span { padding: 0 1.25rem 0 0; }
@media (max-width: 640px) {
  /* A parameter's description is below its name. */
  .swagger-ui table.parameters :is(tbody, tr, td) { display: block; width: auto; }
  .swagger-ui table.parameters thead { display: none; }
  .swagger-ui .parameters-col_name { padding-bottom: 0; }
  .swagger-ui .headers :is(th, td) { font-size: 0.75rem; }
  .swagger-ui :is(.btn, .opblock-summary, .tablinks, .authorization__btn, select, input) { min-height: 2.75rem; }
  .swagger-ui :is(.authorization__btn, .close-modal) { min-width: 2.75rem; }
}

.dark-mode :focus-visible { outline-color: #8ab8ff; }
.dark-mode .swagger-ui .header-col { color: inherit; }
html.dark-mode .swagger-ui .opblock .opblock-section-header .btn.try-out__btn.cancel { color: #ff9c9c; border-color: #ff9c9c; }
.dark-mode .swagger-ui .search { background: #11181b; color: inherit; border: 1px solid #6b7680; }

html:not(.dark-mode) .swagger-ui :is(.info a, .markdown a, .link) { color: #1d5fad; }
html:not(.dark-mode) .swagger-ui .info .title small { background: #5f6775; }
html:not(.dark-mode) .swagger-ui .info .title small.version-stamp { background: #4a6700; }
html:not(.dark-mode) .swagger-ui .btn.authorize { color: #1a6b43; border-color: #1a6b43; }
html:not(.dark-mode) .swagger-ui .btn.authorize svg { fill: #1a6b43; }
html:not(.dark-mode) .swagger-ui .btn.cancel { color: #b3261e; border-color: #b3261e; }
html:not(.dark-mode) .swagger-ui .btn.execute { background: #2257b0; border-color: #2257b0; }
html:not(.dark-mode) .swagger-ui :is(.parameter__in, .parameter__extension, .prop-format, .response-control-media-type__title) { color: #555; }
html:not(.dark-mode) .swagger-ui .response-control-media-type__accept-message { color: #1a6b43; }
html:not(.dark-mode) .swagger-ui .response-control-media-type--accept-controller select { border-color: #1a6b43; }
html:not(.dark-mode) .swagger-ui :is(.parameter__name.required::after, .parameter__name.required span) { color: #b3261e; }
html:not(.dark-mode) .swagger-ui .opblock-get .opblock-summary-method { background: #2257b0; }
html:not(.dark-mode) .swagger-ui .opblock-post .opblock-summary-method { background: #1a6b43; }
html:not(.dark-mode) .swagger-ui .opblock-put .opblock-summary-method { background: #8a5a00; }
html:not(.dark-mode) .swagger-ui .opblock-patch .opblock-summary-method { background: #0b6b64; }
html:not(.dark-mode) .swagger-ui .opblock-delete .opblock-summary-method { background: #b3261e; }
`;
