// npm libsql, whose code is the libsql crate, in remote mode: its synchronous interface, which is
// that of better-sqlite3, and its asynchronous one.

import { createRequire } from "node:module";
import { bytes, equal, failure, finish, matches, ok, server } from "./check.mjs";

const require = createRequire(import.meta.url);
const Database = require("libsql");
const AsyncDatabase = require("libsql/promise");

// ---- The synchronous interface -------------------------------------------------------------------

const db = new Database(server.url, { authToken: server.token });
db.exec("DROP TABLE IF EXISTS notes; CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body)");
const insert = db.prepare("INSERT INTO notes(title, body) VALUES (?, ?)");
const inserted = insert.run("first", null);
equal(inserted.changes, 1);
equal(Number(inserted.lastInsertRowid), 1);
insert.run(["second", 2.5]);
insert.run("third", Buffer.from([0, 255, 7]));

const select = db.prepare("SELECT id, title, body FROM notes WHERE id >= ? ORDER BY id");
equal(select.reader, true);
equal(select.columns().map((column) => column.name), ["id", "title", "body"]);
const all = select.all(1);
equal(all.map((row) => row.title), ["first", "second", "third"]);
equal(all[0].body, null);
equal(all[1].body, 2.5);
equal(bytes(all[2].body), [0, 255, 7]);
equal(select.get(2).title, "second");
equal(select.get(99), undefined);
equal([...select.iterate(2)].map((row) => row.id), [2, 3]);
equal(db.prepare("SELECT id, title FROM notes ORDER BY id").raw().all()[0], [1, "first"]);
equal(db.prepare("SELECT title FROM notes ORDER BY id").pluck().all(), [
  "first", "second", "third",
]);
equal(db.prepare("SELECT 9007199254740993 AS v").safeIntegers().get().v, 9007199254740993n);
// In remote mode this client cannot bind by name: it must be told, not get NULL.
matches((await failure(() => db.prepare("SELECT :a AS a").get({ a: 1 }))).message, /ARGS_INVALID/);
equal(db.prepare("UPDATE notes SET title = ? WHERE id = ?").run("second again", 2).changes, 1);
equal(db.prepare("SELECT title FROM notes WHERE id = 2").get().title, "second again");

for (const value of ["", "grüße 🙂", "a\"b\\c/d\n", 0, -1, 1.5, 1e300, 5e-324, null]) {
  equal(db.prepare("SELECT ? AS v").get([value]).v, value);
}
equal(db.prepare("SELECT typeof(?) AS t").get(12n).t, "integer");
for (const size of [0, 1, 2, 3, 50_000]) {
  const blob = Buffer.from(new Uint8Array(size).map((_, i) => i * 13));
  equal(bytes(db.prepare("SELECT ? AS v").get([blob]).v), [...blob]);
}

// A statement belongs to the stream on which it was prepared, so it is prepared inside.
const note = (title) => db.prepare("INSERT INTO notes(title) VALUES (?)").run(title);
const add = db.transaction((titles) => {
  for (const title of titles) note(title);
  return titles.length;
});
equal(add(["t1", "t2"]), 2);
equal(add.immediate(["t3"]), 1);
equal(add.deferred(["t4"]), 1);
equal(add.exclusive(["t5"]), 1);
equal(db.inTransaction, false);
const broken = db.transaction(() => {
  note("never");
  equal(db.inTransaction, true);
  throw new Error("changed my mind");
});
equal((await failure(broken)).message, "changed my mind");
equal(db.inTransaction, false);
equal(db.prepare("SELECT count(*) AS n FROM notes").get().n, 8);
ok(db.pragma("user_version"));

matches((await failure(() => db.prepare("SELEC 1").run())).message, /syntax error/);
matches((await failure(() => db.prepare("SELECT * FROM nowhere").all())).message, /no such table/);
const duplicate = await failure(() => db.prepare("INSERT INTO notes(id, title) VALUES (1, 'x')").run());
matches(duplicate.message, /UNIQUE constraint failed/);
await failure(() => db.exec("INSERT INTO notes(title) VALUES ('e1'); INSERT INTO nowhere VALUES (1)"));
await failure(() => db.backup("x"), "backup has no remote form");
const many = db.prepare(`
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT i, 'row ' || i AS name FROM n`).all();
equal(many.length, 20_000);
equal(many[19_999].name, "row 20000");
db.defaultSafeIntegers(true);
equal(db.prepare("SELECT 1 AS v").get().v, 1n);
if (server.readOnlyToken) {
  const reader = new Database(server.url, { authToken: server.readOnlyToken });
  ok(reader.prepare("SELECT count(*) AS n FROM notes").get().n > 0);
  await failure(() => reader.prepare("DELETE FROM notes").run(), "a write with a read-only token");
  reader.close();
  const stranger = new Database(server.url, { authToken: "eyJhbGciOiJFZERTQSJ9.e30.AAAA" });
  await failure(() => stranger.prepare("SELECT 1").get(), "a token of nobody");
  stranger.close();
}
db.close();

// ---- The asynchronous interface ------------------------------------------------------------------

const later = new AsyncDatabase(server.url, { authToken: server.token });
await later.exec("CREATE TABLE IF NOT EXISTS later(id INTEGER PRIMARY KEY, v)");
const put = await later.prepare("INSERT INTO later(v) VALUES (?)");
equal((await put.run("a")).changes, 1);
await put.run("b");
const rows = await later.prepare("SELECT v FROM later WHERE id >= ? ORDER BY id");
equal((await rows.all(1)).map((row) => row.v), ["a", "b"]);
equal((await rows.get(2)).v, "b");
const seen = [];
for await (const row of await rows.iterate(1)) seen.push(row.v);
equal(seen, ["a", "b"]);
equal((await (await later.prepare("SELECT v FROM later")).raw().all())[0], ["a"]);
// Its transaction() does not wait for what the function promises, so nothing is awaited in it.
await later.transaction(() => undefined)();
equal(later.inTransaction, false);
equal((await failure(later.transaction(() => {
  throw new Error("changed my mind");
}))).message, "changed my mind");
for (const [end, count] of [["COMMIT", 3], ["ROLLBACK", 3]]) {
  await later.exec("BEGIN");
  equal(later.inTransaction, true);
  equal((await (await later.prepare("INSERT INTO later(v) VALUES (?)")).run(end)).changes, 1);
  await later.exec(end);
  equal((await rows.all(1)).length, count);
}
matches((await failure(async () => (await later.prepare("SELECT * FROM nowhere")).all())).message,
  /no such table/);
later.close();
finish();
