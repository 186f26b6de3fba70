import { type FileHandle, open, unlink } from 'node:fs/promises';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** A new file for one secret, which only its owner can read. It never replaces an existing file. */
export class SecretFile {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Creates the empty file. Call it before the secret is created, so that the secret cannot be lost. */
  static async reserve(path: string): Promise<SecretFile> {
    try {
      return new SecretFile(path, await open(path, 'wx', 0o600));
    } catch (error) {
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
  }

  /** Writes the secret. When the promise resolves, it is synced to the disk. */
  async save(secret: string): Promise<void> {
    await this.#handle.writeFile(`${secret}\n`);
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Deletes the file. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await unlink(this.path);
  }
}

function unusable(path: string, code: string | undefined): Failure {
  const message =
    code === 'EEXIST'
      ? `${path} already exists, so nothing was done`
      : `${path} cannot be written (${code}), so nothing was done`;
  return new Failure({ exitCode: EXIT.failure, code: 'SECRET_FILE', message, hint: 'name another file' });
}
