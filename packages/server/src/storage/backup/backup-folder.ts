import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileTimeOf } from './files.ts';
import { type BackupOrder, writeBackup } from './write-backup.ts';

const KEPT = 7;
const DAY_MS = 86_400_000;

/** `latchkey-2026-01-31T235959Z.db`. */
const BACKUP = /^latchkey-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;
/** A draft of a backup, which remains if the process dies. */
const DRAFT = /^latchkey-[\dTZ-]+\.db\.[\da-f]{12}\.new(-\w+)?$/;

/** The daily backups of one service in a folder. */
export class BackupFolder {
  readonly #folder: string;
  readonly #order: Omit<BackupOrder, 'file'>;

  constructor(folder: string, order: Omit<BackupOrder, 'file'>) {
    this.#folder = folder;
    this.#order = order;
  }

  /** The time of the newest backup; null if there is none. Throws if the folder cannot be read. */
  newestAt(): number | null {
    return this.#backups().at(0)?.madeAt ?? null;
  }

  /** True if the newest backup is at least a day old, or there is none. */
  isDue(): boolean {
    const newest = this.newestAt();
    return newest === null || this.#order.clock.now() - newest >= DAY_MS;
  }

  /** Writes a backup, then removes all but the newest seven. If the write fails, removes no backup. */
  async make(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#folder).filter((name) => DRAFT.test(name))) this.#remove(name);
    const name = `latchkey-${fileTimeOf(this.#order.clock.now())}.db`;
    await writeBackup({ ...this.#order, file: join(this.#folder, name) });
    for (const { name } of this.#backups().slice(KEPT)) this.#remove(name);
  }

  #remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  /** The newest first. Ignores backups with a time in the future, which exist if the clock was set back. */
  #backups(): { name: string; madeAt: number }[] {
    const now = this.#order.clock.now();
    return namesIn(this.#folder)
      .flatMap((name) => {
        const [, day, hours, minutes, seconds] = BACKUP.exec(name) ?? [];
        return day === undefined
          ? []
          : [{ name, madeAt: Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) }];
      })
      .filter(({ madeAt }) => madeAt <= now)
      .toSorted((one, other) => other.madeAt - one.madeAt);
  }
}

/** Empty if the folder does not exist yet. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
