/** Texts by their hash, as the WebAssembly of a row block keeps those that it met last. */
import { MAX_NAME_BYTES } from "./transaction.ts";
import type { RowBlock } from "./row_block.ts";

/** Whose texts. */
export interface KnownTextsOptions {
  /** 0: merchants, 1: customers. */
  readonly which: 0 | 1;
  /** Whether they are kept at all. */
  readonly isKept: boolean;
}

/**
 * The texts of the last 8,192 different merchants or customers at least, or of as many as have 256 KiB, up to 128 bytes
 * each.
 *
 * Memory: at most 0.8 MB, and only what has been used of it.
 */
export class KnownTexts {
  readonly #block: RowBlock;
  readonly #options: KnownTextsOptions;
  /** Where a text is handed over. */
  readonly #at: number;

  constructor(block: RowBlock, options: KnownTextsOptions) {
    this.#block = block;
    this.#options = options;
    if (options.isKept) block.module.setTexts(options.which, block.reserve(block.module.textTableBytes()));
    this.#at = options.isKept ? block.reserve(MAX_NAME_BYTES) : 0;
  }

  /** The text with this hash, control characters replaced; undefined when it is not known (any more). */
  textOf(hash: number): string | undefined {
    if (!this.#options.isKept) return undefined;
    const { module, bytes } = this.#block, at = module.textOf(this.#options.which, hash);
    if (at === 0) return undefined;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0)),
    );
    return text.replace(/\p{Cc}/gu, "\ufffd");
  }

  /** Keeps a merchant that no row had as it stands; returns its hash. */
  keepMerchant(text: string): number {
    const end = this.#write(text);
    // A number from WebAssembly is signed.
    return this.#block.module.keepMerchant(this.#at, end) >>> 0;
  }

  /** Keeps a customer that no row had as it stands, if customers are kept. */
  keepCustomer(text: string, hash: number): void {
    if (!this.#options.isKept || encoder.encode(text).length > MAX_NAME_BYTES) return;
    this.#block.module.keepCustomer(hash, this.#at, this.#write(text));
  }

  /** Writes a text where it can be taken over; its end. */
  #write(text: string): number {
    const encoded = encoder.encode(text);
    this.#block.bytes.set(encoded, this.#at);
    return this.#at + encoded.length;
  }
}

const encoder = new TextEncoder();
