import { type FileHandle, open, unlink } from 'node:fs/promises';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** A new file for one secret, readable by its owner only. It never replaces a file that is there. */
export class SecretFile {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Makes the file, empty: a secret must not be minted before there is a place for it. */
  static async reserve(path: string): Promise<SecretFile> {
    try {
      return new SecretFile(path, await open(path, 'wx', 0o600));
    } catch (error) {
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
  }

  /** The secret is on the disk when this resolves. */
  async save(secret: string): Promise<void> {
    await this.#handle.writeFile(`${secret}\n`);
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Takes the file away again. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await unlink(this.path);
  }
}

function unusable(path: string, code: string | undefined): Failure {
  const message =
    code === 'EEXIST'
      ? `${path} exists already, so nothing was done`
      : `${path} cannot be written (${code}), so nothing was done`;
  return new Failure({ exitCode: EXIT.failure, code: 'SECRET_FILE', message, hint: 'name another file' });
}
