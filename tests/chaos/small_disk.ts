/** A disk so small that it can be filled: a file system in memory. Mounting takes root, as in a container. */
import { fileURLToPath } from "node:url";
import { ServiceError } from "../services/services.ts";

const CHUNK = new Uint8Array(64 * 1024).fill(7);

/** One disk; disposing of it takes it away with everything on it. */
export class SmallDisk implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Mounts a disk of some bytes. @throws {ServiceError} when this user may not mount. */
  static async mount(sizeBytes: number): Promise<SmallDisk> {
    const directory = await Deno.makeTempDir({ prefix: "tally-disk-" });
    await command("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tally", directory);
    return new SmallDisk(directory);
  }

  /** Takes every byte that is left. */
  async fill(): Promise<void> {
    using file = await Deno.open(this.#balloon, { write: true, create: true, append: true });
    for (let size = CHUNK.length; size >= 1;) {
      try {
        await file.write(CHUNK.subarray(0, size));
      } catch (error) {
        if (!isFull(error)) throw error;
        size = Math.floor(size / 2);
      }
    }
  }

  /** Gives back what `fill` has taken. */
  async free(): Promise<void> {
    await Deno.remove(this.#balloon);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await command("umount", "-l", this.directory);
    await Deno.remove(this.directory);
  }

  get #balloon(): string {
    return fileURLToPath(new URL("balloon", `file://${this.directory}/`));
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.message.includes("No space left");
}

async function command(name: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args: [...args], stdin: "null", stderr: "piped" })
    .output();
  if (!success) throw new ServiceError(`Cannot ${name} a small disk: ${new TextDecoder().decode(stderr).trim()}`);
}
