"""PyPI libsql, whose code is the libsql crate, in remote mode."""

import os
import sys

import libsql

URL = os.environ["COMPAT_URL"]
TOKEN = os.environ.get("COMPAT_TOKEN", "")
count = 0


def equal(actual, expected):
    global count
    if actual != expected:
        sys.exit(f"line {sys._getframe(1).f_lineno}: {actual!r} is not {expected!r}")
    count += 1


def fails(run, *part):
    """`run` raises an error whose text has each `part`."""
    global count
    try:
        run()
    except Exception as error:  # the client raises ValueError and others of its own
        for text in part:
            if text not in str(error):
                sys.exit(f"line {sys._getframe(1).f_lineno}: {text!r} is not in {error}")
        count += 1
        return
    sys.exit(f"line {sys._getframe(1).f_lineno}: no error")


def connect(token=TOKEN, **more):
    return libsql.connect(database=URL, auth_token=token, **more)


db = connect()
db.execute("CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body)")
db.commit()

# Executing and fetching
cursor = db.execute("INSERT INTO notes(title, body) VALUES (?, ?)", ("first", None))
equal(cursor.lastrowid, 1)
equal(db.in_transaction, True)
db.commit()
equal(db.in_transaction, False)
cursor = db.cursor()
cursor.execute("INSERT INTO notes(title, body) VALUES (?, ?)", ("second", 2.5))
cursor.executemany("INSERT INTO notes(title, body) VALUES (?, ?)", [("third", b"\x00\xff\x07"), ("fourth", 4)])
db.executemany("INSERT INTO notes(title) VALUES (?)", [("fifth",), ("sixth",)])
db.commit()
cursor = db.execute("SELECT id, title, body FROM notes ORDER BY id")
equal([column[0] for column in cursor.description], ["id", "title", "body"])
equal(cursor.fetchone(), (1, "first", None))
equal(cursor.fetchmany(2), [(2, "second", 2.5), (3, "third", b"\x00\xff\x07")])
equal(len(cursor.fetchall()), 3)
equal(cursor.fetchone(), None)
cursor.arraysize = 2
equal(cursor.arraysize, 2)
equal(db.execute("SELECT title FROM notes WHERE id = ?", (2,)).fetchall(), [("second",)])
db.executescript("UPDATE notes SET title = 'a; b' WHERE id = 4; UPDATE notes SET body = 'c' WHERE id = 4;")
equal(db.execute("SELECT title, body FROM notes WHERE id = 4").fetchone(), ("a; b", "c"))
db.cursor().executescript("CREATE TABLE other(a); INSERT INTO other VALUES (1), (2);")
equal(db.execute("SELECT sum(a) FROM other").fetchone(), (3,))
db.commit()

# Values
for value in ["", "grüße 🙂", "a\"b\\c/d\n", 0, -1, 2**31 - 1, 1.5, 0.1, 1e300, 5e-324, None, b"", b"\x00\x01", bytes(range(256)) * 200]:
    equal(db.execute("SELECT ?", (value,)).fetchone(), (value,))
# As arguments, larger integers are sent as floats by this client.
equal(db.execute("SELECT 9223372036854775807, -9223372036854775807 - 1").fetchone(), (2**63 - 1, -(2**63)))
for value, name in [("x", "text"), (1, "integer"), (1.0, "real"), (b"x", "blob"), (None, "null"), (True, "integer")]:
    equal(db.execute("SELECT typeof(?)", (value,)).fetchone(), (name,))

# Transactions
db.execute("DELETE FROM notes")
equal(db.execute("SELECT count(*) FROM notes").fetchone(), (0,))
db.rollback()
equal(db.in_transaction, False)
equal(db.execute("SELECT count(*) FROM notes").fetchone(), (6,))
db.execute("INSERT INTO notes(title) VALUES ('seen')")
other = connect()
equal(other.execute("SELECT count(*) FROM notes").fetchone(), (6,))
db.commit()
equal(other.execute("SELECT count(*) FROM notes").fetchone(), (7,))
free = connect(isolation_level=None)
equal(free.isolation_level, None)
free.execute("INSERT INTO notes(title) VALUES ('at once')")
equal(free.in_transaction, False)
equal(other.execute("SELECT count(*) FROM notes").fetchone(), (8,))

# Errors
fails(lambda: db.execute("SELEC 1"), "syntax error")
fails(lambda: db.execute("SELECT * FROM nowhere"), "no such table: nowhere")
fails(lambda: db.execute("INSERT INTO notes(id, title) VALUES (1, 'x')"), "UNIQUE constraint failed")
db.rollback()
equal(db.execute("SELECT 1").fetchone(), (1,))

# Size
rows = db.execute("""
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    SELECT i, 'row ' || i FROM n""").fetchall()
equal(len(rows), 20_000)
equal(rows[-1], (20_000, "row 20000"))

# Authorization
if read_only := os.environ.get("COMPAT_READ_ONLY_TOKEN"):
    reader = connect(read_only)
    equal(reader.execute("SELECT count(*) FROM notes").fetchone(), (8,))
    fails(lambda: connect(read_only, isolation_level=None).execute("DELETE FROM notes"))
    fails(lambda: connect("eyJhbGciOiJFZERTQSJ9.e30.AAAA").execute("SELECT 1"))
    equal(db.execute("SELECT count(*) FROM notes").fetchone(), (8,))

for connection in (db, other, free):
    connection.close()
print(f"{count} assertions")
