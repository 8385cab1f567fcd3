/**
 * Compiles `assembly/` to `decode.wasm` (`deno task wasm`).
 *
 * The result is committed, so that only who changes the sources needs the compiler. A test holds it equal to what the
 * pinned compiler makes of them.
 */
import asc from "assemblyscript/asc";

const ENTRY = "decode.ts";
/** 256 MiB, twice what the largest record batch can take. */
const MAX_PAGES = "4096";
const OPTIONS = ["-O3", "--runtime", "stub", "--enable", "simd", "--noAssert", "--maximumMemory", MAX_PAGES];

/** Where the result lies. */
export const DECODE_WASM = new URL("decode.wasm", import.meta.url);

/** What the sources compile to. @throws {SyntaxError} when they do not */
export async function compileDecoder(): Promise<Uint8Array> {
  const complaints = asc.createMemoryStream();
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main([ENTRY, ...OPTIONS, "--outFile", "decode.wasm"], {
    readFile: readSource,
    writeFile: (_, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
    stderr: complaints,
  });
  if (error !== null || wasm === undefined) throw new SyntaxError(`Cannot compile ${ENTRY}: ${complaints.toString()}`);
  return wasm;
}

/** A source by the name that the compiler gives it; null when there is none, as for the files that it looks for first. */
async function readSource(name: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(new URL(`assembly/${name}`, import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

if (import.meta.main) await Deno.writeFile(DECODE_WASM, await compileDecoder());
