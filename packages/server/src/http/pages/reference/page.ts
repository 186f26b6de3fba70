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
