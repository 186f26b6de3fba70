/** Header fields of every answer of the API. HTML pages have more. */
export const API_FIELDS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;
