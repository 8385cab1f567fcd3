import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Database, type DatabaseOptions } from "../../src/sqlite/database.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import { temporaryFolder } from "./log_world.ts";

const OPTIONS: DatabaseOptions = {
  applicationId: 77,
  schema: [["CREATE TABLE things (id INTEGER PRIMARY KEY, bytes BLOB)"]],
  busyMs: 10,
};

async function inFolder(run: (path: string) => void): Promise<void> {
  await using folder = temporaryFolder();
  run(`${folder.path}/x.db`);
}

const refusedAs = (pattern: RegExp) => (error: unknown) => error instanceof ConfigError && pattern.test(error.message);

Deno.test("Database.open() makes a file once and finds it again with what it holds", () =>
  inFolder((path) => {
    {
      using database = Database.open(path, OPTIONS);
      database.transaction("write", () => database.prepare("INSERT INTO things VALUES (1, NULL)").run());
    }
    using again = Database.open(path, OPTIONS);
    assert.equal(again.prepare("SELECT count(*) AS n FROM things").get()?.["n"], 1);
  }));

Deno.test("Database.open() brings a file of an earlier version up to date, step by step, with what it holds", () =>
  inFolder((path) => {
    {
      using database = Database.open(path, OPTIONS);
      database.transaction("write", () => database.prepare("INSERT INTO things VALUES (1, NULL)").run());
    }
    const schema = [
      ...OPTIONS.schema,
      ["ALTER TABLE things ADD COLUMN name TEXT DEFAULT 'none'"],
      ["CREATE INDEX by_name ON things (name)"],
    ];
    for (const _ of ["updates", "finds updated"]) {
      using newer = Database.open(path, { ...OPTIONS, schema });
      assert.equal(newer.prepare("SELECT name FROM things INDEXED BY by_name WHERE name = 'none'").all().length, 1);
    }
    assert.throws(() => Database.open(path, OPTIONS), refusedAs(/its schema version is 3, this Tally knows 1/));
  }));

Deno.test("Database.open() refuses what another program wrote, and leaves it as it is", () =>
  inFolder((path) => {
    Deno.writeTextFileSync(path, "not a database ".repeat(500));
    assert.throws(() => Database.open(path, OPTIONS), refusedAs(/^Cannot open the file.*move it away/));
    assert.match(Deno.readTextFileSync(path), /^not a database/);
    Deno.removeSync(path);
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE theirs (x)");
    foreign.close();
    assert.throws(() => Database.open(path, OPTIONS), refusedAs(/another program wrote it/));
    using kept = new DatabaseSync(path);
    assert.deepEqual(kept.prepare("SELECT name FROM sqlite_schema").all().map((row) => row["name"]), ["theirs"]);
  }));

Deno.test("Database.open() refuses a file of ours of another kind, and of another schema version", () =>
  inFolder((path) => {
    Database.open(path, OPTIONS)[Symbol.dispose]();
    assert.throws(() => Database.open(path, { ...OPTIONS, applicationId: 78 }), refusedAs(/application id 77/));
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 2");
    newer.close();
    assert.throws(() => Database.open(path, OPTIONS), refusedAs(/its schema version is 2, this Tally knows 1/));
  }));

Deno.test("Database.open() refuses a place where no file can be", () => {
  assert.throws(() => Database.open("/proc/nowhere/x.db", OPTIONS), refusedAs(/make its folder readable and writable/));
});

Deno.test("Database.transaction() says that a damaged file is damaged", () =>
  inFolder((path) => {
    const value = new Uint8Array(3_000);
    {
      using database = Database.open(path, OPTIONS);
      database.transaction("fill", () => {
        for (let id = 0; id < 50; id++) database.prepare("INSERT INTO things VALUES (?, ?)").run(id, value);
      });
    }
    const bytes = Deno.readFileSync(path);
    bytes.fill(0xee, 8_192);
    Deno.writeFileSync(path, bytes);
    using database = Database.open(path, OPTIONS);
    const read = () => database.attempt("read", () => database.prepare("SELECT sum(length(bytes)) FROM things").get());
    assert.throws(read, refusedAs(/^Cannot read:.*SQLite code 11.*damaged/));
  }));

Deno.test("Database.transaction() is undone and can be tried again when the disk is full", () =>
  inFolder((path) => {
    using database = Database.open(path, OPTIONS);
    const insert = database.prepare("INSERT INTO things (bytes) VALUES (?)");
    database.prepare("PRAGMA max_page_count = 10").get();
    const fill = () => {
      for (let count = 0; count < 20; count++) insert.run(new Uint8Array(4_000));
    };
    assert.throws(() => database.transaction("fill", fill), (error) =>
      error instanceof RetryableError && /^Cannot fill:.*full/.test(error.message));
    database.prepare("PRAGMA max_page_count = 1000").get();
    database.transaction("fill", fill);
    assert.equal(database.prepare("SELECT count(*) AS n FROM things").get()?.["n"], 20);
  }));

Deno.test("Database.transaction() can be tried again while another process writes", () =>
  inFolder((path) => {
    using first = Database.open(path, OPTIONS);
    using second = Database.open(path, OPTIONS);
    first.transaction("write", () => {
      assert.throws(() => second.transaction("write", () => {}), (error) =>
        error instanceof RetryableError && error.message.includes("locked"));
    });
    second.transaction("write", () => {});
  }));

Deno.test("Database.transaction() passes on what is not SQLite's, and undoes what was done", () =>
  inFolder((path) => {
    using database = Database.open(path, OPTIONS);
    const mistake = new TypeError("Cannot go on: a mistake");
    assert.throws(() =>
      database.transaction("write", () => {
        database.prepare("INSERT INTO things VALUES (1, NULL)").run();
        throw mistake;
      }), mistake);
    assert.equal(database.prepare("SELECT count(*) AS n FROM things").get()?.["n"], 0);
  }));

Deno.test("Database.dataVersion() changes with another connection's commits, not with its own", () =>
  inFolder((path) => {
    using first = Database.open(path, OPTIONS);
    using second = Database.open(path, OPTIONS);
    const before = first.dataVersion();
    const write = (database: Database) =>
      database.transaction("write", () => database.prepare("INSERT INTO things (bytes) VALUES (NULL)").run());
    write(first);
    assert.equal(first.dataVersion(), before);
    write(second);
    assert.notEqual(first.dataVersion(), before);
  }));
