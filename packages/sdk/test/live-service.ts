import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialise, loadConfig, startService } from '@latchkey/server';

export interface LiveService {
  readonly url: string;
  /** The owner's key, which may do everything. */
  readonly key: string;
  readonly userId: string;
  /** Stops the service. */
  stop(): Promise<void>;
  /** Stops the service, and deletes its data. */
  close(): Promise<void>;
}

/** The real service in this process, new and empty. */
export async function startLiveService(): Promise<LiveService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-sdk-'));
  const config = loadConfig({}, { dataDir, port: '0', logLevel: 'silent' });
  const founding = { workspaceName: 'Test', ownerEmail: 'owner@example.com', ownerName: 'Owner' };
  const { userId, secret: key } = await initialise(config, founding);
  const service = await startService(config);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= service.close();
    return stopped;
  };
  return {
    url: service.url,
    key,
    userId,
    stop,
    async close() {
      await stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
