import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileTimeOf } from './files.ts';
import { type BackupOrder, writeBackup } from './write-backup.ts';

const KEPT = 7;
const DAY_MS = 86_400_000;

/** `latchkey-2026-01-31T235959Z.db`. */
const BACKUP = /^latchkey-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;
/** What a backup was being written to when the process died. */
const DRAFT = /^latchkey-[\dTZ-]+\.db\.[\da-f]{12}\.new(-\w+)?$/;

/** The backups of one service in a folder, one a day. */
export class BackupFolder {
  readonly #folder: string;
  readonly #order: Omit<BackupOrder, 'file'>;

  constructor(folder: string, order: Omit<BackupOrder, 'file'>) {
    this.#folder = folder;
    this.#order = order;
  }

  /** When the newest backup was made; null where there is none. Throws where the folder cannot be read. */
  newestAt(): number | null {
    return this.#backups().at(0)?.madeAt ?? null;
  }

  /** Is the newest backup a day old, or is there none? */
  isDue(): boolean {
    const newest = this.newestAt();
    return newest === null || this.#order.clock.now() - newest >= DAY_MS;
  }

  /** Writes a backup, then removes all but the newest seven. Where it cannot be written, nothing is removed. */
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

  /** The newest first. Those from a time that is yet to come, after which a clock was set back, are left alone. */
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

/** None where the folder does not exist yet. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
