import { escapeHtml } from '../pages/html.ts';
import { SIGN_IN_PATH } from '../pages/urls.ts';

/** The page that shows why a sign-in failed, with a link to begin again. */
export function problemPage(message: string, requestId: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not signed in to Latchkey</title>
<link rel="stylesheet" href="${SIGN_IN_PATH}/style.css">
</head>
<body>
<main>
<h1>Not signed in</h1>
<p role="alert">${escapeHtml(message)}</p>
<p><a class="button" href="${SIGN_IN_PATH}">Begin again</a></p>
<p><small>Request ${escapeHtml(requestId)}</small></p>
</main>
</body>
</html>
`;
}
