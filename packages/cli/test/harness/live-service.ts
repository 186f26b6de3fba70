import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialise, loadConfig, startService } from '@latchkey/server';

export interface LiveService {
  readonly url: string;
  /** The owner's key, which may do everything. */
  readonly key: string;
  readonly userId: string;
  readonly dataDir: string;
  /** What a command needs to call the service as its owner. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** The real service in this process, new and empty. */
export async function startLiveService(): Promise<LiveService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-cli-'));
  const config = loadConfig({}, { dataDir, port: '0', logLevel: 'silent' });
  const founding = { workspaceName: 'Test', ownerEmail: 'owner@example.com', ownerName: 'Owner' };
  const { userId, secret: key } = await initialise(config, founding);
  const service = await startService(config);
  return {
    url: service.url,
    key,
    userId,
    dataDir,
    env: { LATCHKEY_URL: service.url, LATCHKEY_KEY: key },
    async close() {
      await service.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
