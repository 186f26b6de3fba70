/** Ways to try a new key. They read the secret from the environment. */
export const SNIPPETS = {
  curl: (origin: string) => `# LATCHKEY_SECRET holds the secret above
curl ${origin}/api/v2/api-keys/check \\
  --header "Authorization: Bearer $LATCHKEY_SECRET"`,
  SDK: (origin: string) => `import { Latchkey } from '@latchkey/sdk';

const latchkey = new Latchkey({
  url: '${origin}',
  key: process.env.LATCHKEY_SECRET,
});
await latchkey.keys.check();`,
  Middleware: (origin: string) => `// In your API: asks Latchkey about the key of each request
const latchkey = new Latchkey({
  url: '${origin}',
  key: process.env.LATCHKEY_SECRET,
});
app.use(async (request, response, next) => {
  const key = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const verdict = await latchkey.keys.verify({ key, permissions: ['calls:read'] });
  if (verdict.valid) next();
  else response.status(403).json({ code: verdict.code });
});`,
} as const;

export type SnippetName = keyof typeof SNIPPETS;
