/** Header fields of every answer of the API. Documents, which browsers show, have more. */
export const API_FIELDS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;
