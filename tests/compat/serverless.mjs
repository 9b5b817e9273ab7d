// @tursodatabase/serverless against the server: its own interface, and the one that it has in common
// with @libsql/client.

import { connect, Session } from "@tursodatabase/serverless";
import { createClient } from "@tursodatabase/serverless/compat";
import { bytes, equal, failure, finish, matches, ok, server } from "./check.mjs";

const config = { url: server.url, authToken: server.token };
const db = connect(config);
equal(db.inTransaction, false);

// ---- Statements ----------------------------------------------------------------------------------

await db.exec("DROP TABLE IF EXISTS notes; CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body)");
const insert = await db.prepare("INSERT INTO notes(title, body) VALUES (?, ?)");
const inserted = await insert.run(["first", null]);
equal(inserted.changes, 1);
equal(Number(inserted.lastInsertRowid), 1);
await insert.run(["second", 2.5]);
await insert.run(["third", new Uint8Array([0, 255, 7])]);

const select = await db.prepare("SELECT id, title, body FROM notes WHERE id >= ? ORDER BY id");
equal(select.columns().map((column) => column.name), ["id", "title", "body"]);
const all = await select.all([1]);
equal(all.map((row) => row.title), ["first", "second", "third"]);
equal(all[0].body, null);
equal(all[1].body, 2.5);
equal(bytes(all[2].body), [0, 255, 7]);
equal((await select.get([2])).title, "second");
equal(await select.get([99]), undefined);
const iterated = [];
for await (const row of select.iterate([2])) iterated.push(row.id);
equal(iterated, [2, 3]);
const raw = await db.prepare("SELECT id, title FROM notes ORDER BY id");
equal((await raw.raw(true).get()).slice(0, 2), [1, "first"]);
const plucked = await db.prepare("SELECT title FROM notes ORDER BY id");
equal(await plucked.pluck(true).all(), ["first", "second", "third"]);
const exact = await db.prepare("SELECT 9007199254740993 AS v");
equal((await exact.safeIntegers(true).get()).v, 9007199254740993n);
const namedStatement = await db.prepare("SELECT :a AS a, :b AS b");
equal({ ...(await namedStatement.get({ a: 1, b: "x" })) }, { a: 1, b: "x" });

equal((await db.run("UPDATE notes SET title = ? WHERE id = ?", "second again", 2)).changes, 1);
equal((await db.get("SELECT title FROM notes WHERE id = ?", 2)).title, "second again");
equal((await db.all("SELECT id FROM notes WHERE id < ?", 3)).length, 2);
const ids = [];
for await (const row of db.iterate("SELECT id FROM notes ORDER BY id")) ids.push(row.id);
equal(ids, [1, 2, 3]);
equal((await db.all("INSERT INTO notes(title) VALUES ('r') RETURNING id, title"))[0].title, "r");
await db.run("DELETE FROM notes WHERE title = ?", "r");
ok(await db.pragma("user_version"));
db.defaultSafeIntegers(true);
equal((await db.get("SELECT 1 AS v")).v, 1n);
db.defaultSafeIntegers(false);

// ---- Values --------------------------------------------------------------------------------------

for (const value of ["", "grüße 🙂", "a\"b\\c/d\n", 0, -1, 1.5, 1e300, 5e-324, 4503599627370497, null]) {
  equal((await db.get("SELECT ? AS v", value)).v, value);
}
equal((await db.get("SELECT ? AS v", true)).v, 1);
equal((await db.get("SELECT typeof(?) AS t", 1)).t, "integer");
equal((await db.get("SELECT typeof(?) AS t", 1.5)).t, "real");
equal((await db.get("SELECT typeof(?) AS t", 12n)).t, "integer");
for (const size of [0, 1, 2, 3, 50_000]) {
  const blob = new Uint8Array(size).map((_, i) => i * 13);
  equal(bytes((await db.get("SELECT ? AS v", blob)).v), [...blob]);
}

// ---- Transactions and batches --------------------------------------------------------------------

const add = db.transaction(async (titles) => {
  for (const title of titles) await insert.run([title, null]);
  return titles.length;
});
equal(await add(["t1", "t2"]), 2);
equal((await db.get("SELECT count(*) AS n FROM notes")).n, 5);
for (const mode of ["immediate", "deferred", "exclusive"]) {
  equal(await add[mode]([mode]), 1);
}
equal(db.inTransaction, false);
const broken = db.transaction(async () => {
  await insert.run(["never", null]);
  equal(db.inTransaction, true);
  throw new Error("changed my mind");
});
equal((await failure(broken)).message, "changed my mind");
equal(db.inTransaction, false);
equal((await db.get("SELECT count(*) AS n FROM notes WHERE title = 'never'")).n, 0);

const asynchronous = db.transactionAsync(async (tx, title) => {
  ok(tx.open);
  await tx.run("INSERT INTO notes(title) VALUES (?)", title);
  equal((await tx.get("SELECT count(*) AS n FROM notes WHERE title = ?", title)).n, 1);
  equal((await tx.all("SELECT 1 AS v")).length, 1);
  const statement = await tx.prepare("SELECT title FROM notes WHERE title = ?");
  equal((await statement.get([title])).title, title);
  for await (const row of tx.iterate("SELECT 5 AS v")) equal(row.v, 5);
  equal((await tx.execute("SELECT ? AS v", [6])).rows[0].v, 6);
  await tx.exec("UPDATE notes SET body = 'x' WHERE title = 'async'; SELECT 1");
  return title;
});
equal(await asynchronous("async"), "async");
equal((await db.get("SELECT body FROM notes WHERE title = 'async'")).body, "x");

await db.batch([
  "INSERT INTO notes(id, title) VALUES (100, 'hundred')",
  { sql: "INSERT INTO notes(id, title) VALUES (?, ?)", args: [101, "hundred and one"] },
]);
equal((await db.get("SELECT count(*) AS n FROM notes WHERE id >= 100")).n, 2);
for (const mode of ["write", "deferred", "immediate"]) {
  await db.batch([{ sql: "UPDATE notes SET body = ? WHERE id = 100", args: [mode] }], mode);
  equal((await db.get("SELECT body FROM notes WHERE id = 100")).body, mode);
}
await failure(() => db.batch([
  "INSERT INTO notes(id, title) VALUES (102, 'x')",
  "INSERT INTO notes(id, title) VALUES (100, 'again')",
], "write"));
equal((await db.get("SELECT count(*) AS n FROM notes WHERE id = 102")).n, 0);
equal(db.inTransaction, false);

await db.exec("BEGIN");
equal(db.inTransaction, true);
await db.run("DELETE FROM notes");
const other = connect(config);
ok((await other.get("SELECT count(*) AS n FROM notes")).n > 0);
await db.exec("ROLLBACK");
equal(db.inTransaction, false);
ok((await db.get("SELECT count(*) AS n FROM notes")).n > 0);

// ---- Errors --------------------------------------------------------------------------------------

matches((await failure(() => db.prepare("SELEC 1"))).message, /syntax error/);
matches((await failure(() => db.run("SELEC 1"))).message, /syntax error/);
matches((await failure(() => db.get("SELECT * FROM nowhere"))).message, /no such table: nowhere/);
const duplicate = await failure(() => db.run("INSERT INTO notes(id, title) VALUES (100, 'x')"));
matches(duplicate.message, /UNIQUE constraint failed/);
matches(duplicate.code, /^SQLITE_CONSTRAINT/);
matches((await failure(() => db.exec("SELECT 1; SELECT * FROM nowhere"))).message, /no such table/);
equal((await db.get("SELECT 1 AS v")).v, 1);

// ---- A session -----------------------------------------------------------------------------------

const session = new Session(config);
equal((await session.describe("SELECT ? AS v")).cols[0].name, "v");
equal((await session.execute("SELECT ? AS v", [7])).rows[0].v, 7);
await session.sequence("CREATE TABLE IF NOT EXISTS s(a); INSERT INTO s VALUES (1)");
const rawly = await session.executeRaw("SELECT a FROM s");
let entries = 0;
for await (const entry of rawly.entries) {
  ok(entry.type);
  ++entries;
}
ok(entries > 0);
await session.batch(["INSERT INTO s VALUES (2)", "INSERT INTO s VALUES (3)"]);
equal((await session.execute("SELECT count(*) AS n FROM s")).rows[0].n, 3);
await session.close();

// ---- The interface of @libsql/client -------------------------------------------------------------

const client = createClient(config);
equal(client.closed, false);
equal((await client.execute("SELECT 1 AS v")).rows[0].v, 1);
equal((await client.execute({ sql: "SELECT ? AS v", args: ["a"] })).rows[0].v, "a");
// This interface sends named arguments in their order and without their names, so that binding them
// might mix them up.
equal((await failure(() => client.execute({ sql: "SELECT :v AS v", args: { v: "n" } }))).code,
  "ARGS_INVALID");
equal((await client.execute("INSERT INTO s VALUES (4)")).rowsAffected, 1);
const results = await client.batch(["INSERT INTO s VALUES (5)", "SELECT count(*) AS n FROM s"], "write");
ok(results);
await client.executeMultiple("INSERT INTO s VALUES (6); INSERT INTO s VALUES (7)");
equal((await client.execute("SELECT count(*) AS n FROM s")).rows[0].n, 7);
await client.migrate(["CREATE TABLE m(a)"]);
equal((await client.execute("SELECT count(*) AS n FROM m")).rows[0].n, 0);
for (const end of ["commit", "rollback"]) {
  const transaction = await client.transaction("write");
  await transaction.execute("INSERT INTO m VALUES (1)");
  await transaction.batch(["INSERT INTO m VALUES (2)"]);
  await transaction.executeMultiple("INSERT INTO m VALUES (3); INSERT INTO m VALUES (4)");
  await transaction[end]();
  equal(transaction.closed, true);
  equal((await client.execute("SELECT count(*) AS n FROM m")).rows[0].n, 4);
}
await failure(() => client.sync());
await failure(() => client.execute("SELECT * FROM nowhere"));
client.close();
equal(client.closed, true);

// ---- Size, authorization, closing ----------------------------------------------------------------

const rows = await db.all(`
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT i, 'row ' || i AS name FROM n`);
equal(rows.length, 20_000);
equal(rows[19_999].name, "row 20000");
if (server.readOnlyToken) {
  const reader = connect({ ...config, authToken: server.readOnlyToken });
  ok((await reader.get("SELECT count(*) AS n FROM notes")).n > 0);
  await failure(() => reader.run("DELETE FROM notes"), "a write with a read-only token");
  const stranger = connect({ ...config, authToken: "eyJhbGciOiJFZERTQSJ9.e30.AAAA" });
  await failure(() => stranger.get("SELECT 1"), "a token of nobody");
  ok((await db.get("SELECT count(*) AS n FROM notes")).n > 0);
}
await other.close();
await db.close();
await db.reconnect();
equal((await db.get("SELECT 1 AS v")).v, 1);
await db.close();
finish();
