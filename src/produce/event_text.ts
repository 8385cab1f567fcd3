/**
 * A JSON object as it is written, to change single values of it and nothing else.
 *
 * I1. What is not changed keeps its bytes: card numbers pass 2^53, and a file may write its numbers as it likes.
 * I2. Of two members with one name the last is the one that readers take, and the one that is changed.
 */

/** A member: the text of its value, and what stands before that, its key included. */
interface Member {
  readonly key: string;
  readonly before: string;
  readonly value: string;
}

/** The members of an object, which never change: `with` gives another one. */
export class EventText {
  readonly #members: readonly Member[];
  readonly #after: string;

  private constructor(members: readonly Member[], after: string) {
    this.#members = members;
    this.#after = after;
  }

  /** The object that `text` is. @throws {SyntaxError} when it is no JSON object with at least one member. */
  static parse(text: string): EventText {
    const event: unknown = JSON.parse(text), isObject = typeof event === "object" && !Array.isArray(event);
    const members: Member[] = [];
    let from = 0;
    for (let at = text.indexOf('"'); isObject && at >= 0; at = text.indexOf('"', from)) {
      const keyEnd = endOfText(text, at), start = startOfValue(text, keyEnd), end = endOfValue(text, start);
      const key: string = JSON.parse(text.slice(at, keyEnd));
      members.push({ key, before: text.slice(from, start), value: text.slice(start, end) });
      from = end;
    }
    if (members.length === 0) throw new SyntaxError(`Cannot edit event: it has no members, got ${text.slice(0, 40)}`);
    return new EventText(members, text.slice(from));
  }

  /** The text of a value as it is written; undefined when the object has no such member. */
  valueOf(key: string): string | undefined {
    return this.#members.findLast((member) => member.key === key)?.value;
  }

  /** The object with this text for the value of `key`, which is added at its end when it is not there. */
  with(key: string, value: string): EventText {
    const index = this.#members.findLastIndex((member) => member.key === key), found = this.#members[index];
    if (found !== undefined) return new EventText(this.#members.with(index, { ...found, value }), this.#after);
    return new EventText([...this.#members, { key, before: `,${JSON.stringify(key)}:`, value }], this.#after);
  }

  /** The whole text. */
  toString(): string {
    return this.#members.map(({ before, value }) => before + value).join("") + this.#after;
  }
}

/** Where the text that begins with a quote at `at` ends. */
function endOfText(text: string, at: number): number {
  let end = at + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}

function startOfValue(text: string, keyEnd: number): number {
  return keyEnd + (/^\s*:\s*/.exec(text.slice(keyEnd))?.[0].length ?? 0);
}

function endOfValue(text: string, start: number): number {
  let depth = 0, at = start;
  do {
    const char = text[at] ?? "";
    if ("{[".includes(char)) depth++;
    if ("}]".includes(char)) depth--;
    at = char === '"' ? endOfText(text, at) : at + 1;
  } while (depth > 0 || !/[,}\]\s]/.test(text[at] ?? ","));
  return at;
}
