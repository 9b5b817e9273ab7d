// @libsql/client against the server, over HTTP or, where the first argument is "ws", over WebSocket.

import { createClient } from "@libsql/client";
import { bytes, equal, failure, finish, matches, ok, server } from "./check.mjs";

const overWebSocket = process.argv[2] === "ws";
const url = overWebSocket ? server.url.replace(/^http/, "ws") : server.url;
const open = (more = {}) => createClient({ url, authToken: server.token, ...more });

const client = open();
equal(client.protocol, overWebSocket ? "ws" : "http");
equal(client.closed, false);

// ---- Execute -------------------------------------------------------------------------------------

await client.execute("DROP TABLE IF EXISTS notes");
const created = await client.execute(
  "CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body, done BOOLEAN)",
);
equal(created.rows.length, 0);
equal(created.columns, []);

const inserted = await client.execute("INSERT INTO notes(title) VALUES ('first')");
equal(inserted.rowsAffected, 1);
equal(inserted.lastInsertRowid, 1n);
equal(inserted.toJSON().lastInsertRowid, "1");

const selected = await client.execute("SELECT id, title, body AS text FROM notes");
equal(selected.columns, ["id", "title", "text"]);
equal(selected.columnTypes, ["INTEGER", "TEXT", ""]);
equal(selected.rows.length, 1);
equal({ ...selected.rows[0] }, { id: 1, title: "first", text: null });
equal(selected.rows[0][1], "first");
equal(selected.rows[0].length, 3);
equal(selected.rowsAffected, 0);

const updated = await client.execute({
  sql: "UPDATE notes SET title = ?, done = ? WHERE id = ?",
  args: ["second", true, 1],
});
equal(updated.rowsAffected, 1);
equal((await client.execute("SELECT done, typeof(done) FROM notes")).rows[0][0], 1);
const named = await client.execute({
  sql: "SELECT :a AS a, @b AS b, $c AS c",
  args: { a: "x", b: 2n, c: null },
});
equal({ ...named.rows[0] }, { a: "x", b: 2, c: null });
equal((await client.execute("SELECT ?2, ?1", ["a", "b"])).rows[0][0], "b");
const returning = await client.execute(
  "INSERT INTO notes(title) VALUES ('r1'), ('r2') RETURNING id, title",
);
equal(returning.rows.map((row) => row.title), ["r1", "r2"]);
equal(returning.rowsAffected, 2);
equal((await client.execute("DELETE FROM notes WHERE id > 1")).rowsAffected, 2);

// ---- Values --------------------------------------------------------------------------------------

const roundTrip = async (value, using = client) =>
  (await using.execute({ sql: "SELECT ? AS v, typeof(?1) AS t", args: [value] })).rows[0];
const texts = ["", "plain", "quote \" back \\ slash /", "line\nend\ttab", "grüße 🙂 日本", "\u0001\u001f"];
for (const text of texts) {
  const row = await roundTrip(text);
  equal(row.v, text);
  equal(row.t, "text");
}
for (const real of [0, 1, -1.5, 0.1, 1e300, 5e-324, 123456789.25, 1 / 3]) {
  const row = await roundTrip(real);
  equal(row.v, real);
  equal(row.t, "real");
}
for (const integer of [0n, -1n, 1n << 40n]) {
  const row = await roundTrip(integer);
  equal(row.v, Number(integer));
  equal(row.t, "integer");
}
equal((await roundTrip(null)).v, null);
equal((await roundTrip(true)).v, 1);
equal((await roundTrip(new Date(86_400_000))).v, 86_400_000);
for (const size of [0, 1, 2, 3, 255, 100_000]) {
  const blob = new Uint8Array(size).map((_, i) => i * 7);
  const row = await roundTrip(blob);
  equal(row.t, "blob");
  ok(row.v instanceof ArrayBuffer);
  equal(bytes(row.v), [...blob]);
}
equal((await client.execute("SELECT 9e999 AS v")).rows[0].v, Infinity);
equal((await client.execute("SELECT -9e999 AS v")).rows[0].v, -Infinity);
ok(Object.is((await client.execute("SELECT -0.0 AS v")).rows[0].v, -0));

const big = (1n << 63n) - 1n;
const bigClient = open({ intMode: "bigint" });
equal((await roundTrip(big, bigClient)).v, big);
equal((await roundTrip(-(1n << 63n), bigClient)).v, -(1n << 63n));
bigClient.close();
const textClient = open({ intMode: "string" });
equal((await roundTrip(big, textClient)).v, big.toString());
textClient.close();
matches(await failure(() => roundTrip(big)), /too large/);

// ---- Batch ---------------------------------------------------------------------------------------

const batch = await client.batch(
  [
    "DELETE FROM notes",
    { sql: "INSERT INTO notes(id, title) VALUES (?, ?)", args: [10, "ten"] },
    { sql: "INSERT INTO notes(id, title) VALUES (:id, :title)", args: { id: 11, title: "eleven" } },
    ["INSERT INTO notes(id, title) VALUES (?, ?)", [12, "twelve"]],
    "SELECT count(*) AS n FROM notes",
  ],
  "write",
);
equal(batch.length, 5);
equal(batch[1].lastInsertRowid, 10n);
equal(batch[4].rows[0].n, 3);
const read = await client.batch(["SELECT 1 AS v", "SELECT 2 AS v"], "read");
equal(read.map((result) => result.rows[0].v), [1, 2]);
equal((await client.batch(["SELECT 3 AS v"], "deferred"))[0].rows[0].v, 3);
equal((await client.batch(["SELECT 4 AS v"]))[0].rows[0].v, 4);

const failed = await failure(() =>
  client.batch(
    [
      "INSERT INTO notes(id, title) VALUES (13, 'thirteen')",
      "INSERT INTO notes(id, title) VALUES (10, 'again')",
      "INSERT INTO notes(id, title) VALUES (14, 'fourteen')",
    ],
    "write",
  ),
);
matches(failed.code, /^SQLITE_CONSTRAINT/);
equal(failed.statementIndex, 1);
equal((await client.execute("SELECT count(*) AS n FROM notes")).rows[0].n, 3);
await failure(() => client.batch(["INSERT INTO notes(title) VALUES ('w')"], "read"));
equal((await client.execute("SELECT count(*) AS n FROM notes")).rows[0].n, 3);

const many = await client.batch(
  Array.from({ length: 500 }, (_, i) => ({
    sql: "INSERT INTO notes(id, title) VALUES (?, ?)",
    args: [1000 + i, `note ${i}`],
  })),
  "write",
);
equal(many.length, 500);
equal((await client.execute("SELECT count(*) AS n FROM notes WHERE id >= 1000")).rows[0].n, 500);

// ---- Transactions --------------------------------------------------------------------------------

let transaction = await client.transaction("write");
equal(transaction.closed, false);
const inside = await transaction.execute({
  sql: "INSERT INTO notes(id, title) VALUES (?, ?)",
  args: [20, "twenty"],
});
equal(inside.rowsAffected, 1);
equal((await transaction.execute("SELECT title FROM notes WHERE id = 20")).rows[0].title, "twenty");
const inBatch = await transaction.batch([
  "INSERT INTO notes(id, title) VALUES (21, 'twenty-one')",
  { sql: "SELECT ? AS v", args: ["y"] },
]);
equal(inBatch[1].rows[0].v, "y");
await transaction.executeMultiple(
  "UPDATE notes SET body = 'm' WHERE id = 21; UPDATE notes SET done = 1 WHERE id = 21;",
);
const outside = open();
equal((await outside.execute("SELECT count(*) AS n FROM notes WHERE id IN (20, 21)")).rows[0].n, 0);
await transaction.commit();
equal(transaction.closed, true);
equal((await outside.execute("SELECT count(*) AS n FROM notes WHERE id IN (20, 21)")).rows[0].n, 2);
equal((await client.execute("SELECT body FROM notes WHERE id = 21")).rows[0].body, "m");

transaction = await client.transaction();
await transaction.execute("DELETE FROM notes");
equal((await transaction.execute("SELECT count(*) AS n FROM notes")).rows[0].n, 0);
await transaction.rollback();
equal(transaction.closed, true);
ok((await client.execute("SELECT count(*) AS n FROM notes")).rows[0].n > 500);
matches((await failure(() => transaction.execute("SELECT 1"))).code, /TRANSACTION_CLOSED/);

transaction = await client.transaction("write");
await transaction.execute("DELETE FROM notes");
transaction.close();
ok((await outside.execute("SELECT count(*) AS n FROM notes")).rows[0].n > 500);

transaction = await client.transaction("write");
matches((await failure(() => transaction.execute("INSERT INTO notes(title) VALUES (NULL)"))).code,
  /^SQLITE_CONSTRAINT/);
await transaction.execute("INSERT INTO notes(id, title) VALUES (30, 'thirty')");
await transaction.commit();
equal((await client.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title, "thirty");

transaction = await client.transaction("read");
equal((await transaction.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title, "thirty");
await outside.execute("UPDATE notes SET title = 'changed' WHERE id = 30");
equal((await transaction.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title, "thirty");
await failure(() => transaction.execute("DELETE FROM notes"));
transaction.close();
equal((await client.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title, "changed");

transaction = await client.transaction("deferred");
equal((await transaction.execute("SELECT 1 AS v")).rows[0].v, 1);
await transaction.execute("UPDATE notes SET title = 'deferred' WHERE id = 30");
await transaction.commit();
equal((await client.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title, "deferred");

// A second writer waits for the first.
transaction = await client.transaction("write");
await transaction.execute("UPDATE notes SET title = 'first writer' WHERE id = 30");
const waiting = outside.execute("UPDATE notes SET title = title || ', second' WHERE id = 30");
await new Promise((resolve) => setTimeout(resolve, 50));
await transaction.commit();
equal((await waiting).rowsAffected, 1);
equal((await client.execute("SELECT title FROM notes WHERE id = 30")).rows[0].title,
  "first writer, second");

// ---- Many statements, and migrations -------------------------------------------------------------

await client.executeMultiple(`
  CREATE TABLE IF NOT EXISTS parent(id INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id));
  -- a comment; with a semicolon
  CREATE TRIGGER IF NOT EXISTS parent_of_child BEFORE INSERT ON child BEGIN
    INSERT OR IGNORE INTO parent VALUES (new.parent);
    SELECT 1;
  END;
  INSERT INTO child VALUES (1, 7);
`);
equal((await client.execute("SELECT id FROM parent")).rows[0].id, 7);
const stopped = await failure(() =>
  client.executeMultiple("INSERT INTO parent VALUES (8); INSERT INTO nowhere VALUES (1); INSERT INTO parent VALUES (9)"),
);
matches(stopped.message, /no such table: nowhere/);
equal((await client.execute("SELECT id FROM parent ORDER BY id")).rows.map((row) => row.id), [7, 8]);

const migrated = await client.migrate([
  "DROP TRIGGER parent_of_child",
  "CREATE TABLE parent2(id INTEGER PRIMARY KEY, name TEXT)",
  "INSERT INTO parent2(id) SELECT id FROM parent",
  "DROP TABLE parent",
  "ALTER TABLE parent2 RENAME TO parent",
]);
equal(migrated.length, 5);
equal((await client.execute("SELECT count(*) AS n FROM child")).rows[0].n, 1);
await failure(() => client.migrate(["CREATE TABLE half(a)", "CREATE TABLE half(a)"]));
equal((await client.execute("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'half'")).rows[0].n, 0);

// ---- Errors --------------------------------------------------------------------------------------

const syntax = await failure(() => client.execute("SELEC 1"));
matches(syntax.message, /syntax error/);
ok(syntax.code.length > 0);
const missing = await failure(() => client.execute("SELECT * FROM nowhere"));
matches(missing.message, /no such table: nowhere/);
equal(missing.constructor.name, "LibsqlError");
const duplicate = await failure(() =>
  client.execute({ sql: "INSERT INTO notes(id, title) VALUES (?, 'x')", args: [10] }),
);
matches(duplicate.message, /UNIQUE constraint failed: notes.id/);
matches(duplicate.code, /^SQLITE_CONSTRAINT/);
await failure(() => client.execute("SELECT 1; SELECT 2"));
await failure(() => client.execute(""));
await failure(() => client.execute({ sql: "SELECT ?, ?", args: [1] }));
await failure(() => client.execute("ATTACH 'other.db' AS other"));
equal((await client.execute("SELECT 1 AS v")).rows[0].v, 1);

// ---- Size and concurrency ------------------------------------------------------------------------

const rows = await client.execute(`
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
  SELECT i, 'row ' || i AS name FROM n`);
equal(rows.rows.length, 10_000);
equal(rows.rows[9_999].name, "row 10000");
const results = await Promise.all(
  Array.from({ length: 40 }, (_, i) => client.execute({ sql: "SELECT ? AS v", args: [i] })),
);
equal(results.map((result) => result.rows[0].v), Array.from({ length: 40 }, (_, i) => i));
const writers = Array.from({ length: 20 }, (_, i) =>
  client.execute({ sql: "INSERT INTO notes(id, title) VALUES (?, 'at once')", args: [5000 + i] }),
);
equal((await Promise.all(writers)).every((result) => result.rowsAffected === 1), true);
equal((await client.execute("SELECT count(*) AS n FROM notes WHERE id >= 5000")).rows[0].n, 20);

// ---- Authorization -------------------------------------------------------------------------------

if (server.readOnlyToken) {
  const reader = open({ authToken: server.readOnlyToken });
  equal((await reader.execute("SELECT count(*) AS n FROM notes WHERE id >= 5000")).rows[0].n, 20);
  await failure(() => reader.execute("DELETE FROM notes"), "a write with a read-only token");
  equal((await client.execute("SELECT count(*) AS n FROM notes WHERE id >= 5000")).rows[0].n, 20);
  reader.close();
  const stranger = open({ authToken: "eyJhbGciOiJFZERTQSJ9.e30.AAAA" });
  await failure(() => stranger.execute("SELECT 1"), "a token of nobody");
  stranger.close();
}

// ---- Closing -------------------------------------------------------------------------------------

matches(await failure(() => client.sync()), /not supported/i);
await client.reconnect();  // over a socket it asks the server first
equal((await client.execute("SELECT 1 AS v")).rows[0].v, 1);
outside.close();
client.close();
equal(client.closed, true);
await failure(() => client.execute("SELECT 1"));
finish();
