import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../harness/live-service.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
/** Milliseconds: npm packs and installs. */
const TIMEOUT_MS = 300_000;
