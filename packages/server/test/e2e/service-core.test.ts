import { describe } from 'vitest';
import { serviceCore } from '../harness/service-core.ts';

describe('over a file of SQLite', () => serviceCore(async () => ({ env: {}, close: async () => {} })));
