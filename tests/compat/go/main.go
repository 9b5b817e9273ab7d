// libsql-client-go, through database/sql, against the server: over HTTP or, where the first argument is
// "ws", over WebSocket.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/tursodatabase/libsql-client-go/libsql"
)

var (
	mutex sync.Mutex
	count int
)

func stop(format string, values ...any) {
	_, _, line, _ := runtime.Caller(2)
	fmt.Printf("line %d: %s\n", line, fmt.Sprintf(format, values...))
	os.Exit(1)
}

func equal(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		stop("%#v is not %#v", actual, expected)
	}
	mutex.Lock()
	count++
	mutex.Unlock()
}

// noError counts, so that every call is an assertion.
func noError(err error) {
	if err != nil {
		stop("%v", err)
	}
	count++
}

func fails(err error, part string) {
	if err == nil || !strings.Contains(err.Error(), part) {
		stop("%v does not say %q", err, part)
	}
	count++
}

func overWebSocket() bool {
	return len(os.Args) > 1 && os.Args[1] == "ws"
}

func open(token string) *sql.DB {
	url := os.Getenv("COMPAT_URL")
	if overWebSocket() {
		url = strings.Replace(url, "http", "ws", 1)
	}
	connector, err := libsql.NewConnector(url, libsql.WithAuthToken(token))
	noError(err)
	return sql.OpenDB(connector)
}

func one[T any](db interface {
	QueryRow(string, ...any) *sql.Row
}, query string, args ...any) T {
	var value T
	if err := db.QueryRow(query, args...).Scan(&value); err != nil {
		stop("%s: %v", query, err)
	}
	return value
}

func main() {
	ctx := context.Background()
	db := open(os.Getenv("COMPAT_TOKEN"))
	noError(db.Ping())
	noError(db.PingContext(ctx))

	// Executing
	_, err := db.Exec("CREATE TABLE notes(id INTEGER PRIMARY KEY, title TEXT NOT NULL, body)")
	noError(err)
	result, err := db.Exec("INSERT INTO notes(title, body) VALUES (?, ?)", "first", nil)
	noError(err)
	changed, err := result.RowsAffected()
	noError(err)
	equal(changed, int64(1))
	id, err := result.LastInsertId()
	noError(err)
	equal(id, int64(1))
	_, err = db.ExecContext(ctx, "INSERT INTO notes(title, body) VALUES (:title, :body)",
		sql.Named("title", "second"), sql.Named("body", 2.5))
	noError(err)
	// Over WebSocket this client sends the text whole, and one statement has one result.
	two := "INSERT INTO notes(title) VALUES ('third'); INSERT INTO notes(title) VALUES ('fourth')"
	_, err = db.Exec(two)
	if overWebSocket() {
		fails(err, "more than one statement")
		_, err = db.Exec("INSERT INTO notes(title) VALUES ('third'), ('fourth')")
	}
	noError(err)
	equal(one[int64](db, "SELECT count(*) FROM notes"), int64(4))

	// Querying
	rows, err := db.Query("SELECT id, title, body FROM notes WHERE id <= ? ORDER BY id", 2)
	noError(err)
	columns, err := rows.Columns()
	noError(err)
	equal(columns, []string{"id", "title", "body"})
	var titles []string
	for rows.Next() {
		var id int64
		var title string
		var body any
		noError(rows.Scan(&id, &title, &body))
		titles = append(titles, title)
	}
	noError(rows.Err())
	noError(rows.Close())
	equal(titles, []string{"first", "second"})
	equal(db.QueryRow("SELECT 1 FROM notes WHERE id = 99").Scan(new(int)), sql.ErrNoRows)
	equal(one[string](db, "SELECT title FROM notes WHERE id = ?", 2), "second")

	// Values
	for _, text := range []string{"", "grüße 🙂", "a\"b\\c/d\n"} {
		equal(one[string](db, "SELECT ?", text), text)
	}
	for _, integer := range []int64{0, -1, 1<<63 - 1, -1 << 63} {
		equal(one[int64](db, "SELECT ?", integer), integer)
	}
	for _, real := range []float64{0.5, -1.25, 0.1, 1e300, 5e-324} {
		equal(one[float64](db, "SELECT ?", real), real)
	}
	for _, size := range []int{0, 1, 2, 3, 50000} {
		blob := bytes.Repeat([]byte{0xfb}, size)
		equal(len(one[[]byte](db, "SELECT ?", blob)), size)
	}
	equal(one[[]byte](db, "SELECT ?", []byte{0, 255, 7}), []byte{0, 255, 7})
	equal(one[sql.NullString](db, "SELECT ?", nil).Valid, false)
	equal(one[bool](db, "SELECT ?", true), true)
	equal(one[string](db, "SELECT typeof(?)", []byte{1}), "blob")
	equal(one[string](db, "SELECT typeof(?)", 1), "integer")

	// Prepared statements
	statement, err := db.Prepare("SELECT title FROM notes WHERE id = ?")
	noError(err)
	for id, title := range map[int]string{1: "first", 2: "second"} {
		var found string
		noError(statement.QueryRow(id).Scan(&found))
		equal(found, title)
	}
	noError(statement.Close())
	statement, err = db.PrepareContext(ctx, "UPDATE notes SET body = ? WHERE id = ?")
	noError(err)
	result, err = statement.Exec("x", 3)
	noError(err)
	changed, err = result.RowsAffected()
	noError(err)
	equal(changed, int64(1))
	noError(statement.Close())

	// Transactions
	transaction, err := db.Begin()
	noError(err)
	_, err = transaction.Exec("DELETE FROM notes")
	noError(err)
	equal(one[int64](transaction, "SELECT count(*) FROM notes"), int64(0))
	noError(transaction.Rollback())
	equal(one[int64](db, "SELECT count(*) FROM notes"), int64(4))
	transaction, err = db.BeginTx(ctx, nil)
	noError(err)
	_, err = transaction.Exec("INSERT INTO notes(id, title) VALUES (?, ?)", 10, "ten")
	noError(err)
	equal(one[int64](db, "SELECT count(*) FROM notes"), int64(4))
	noError(transaction.Commit())
	equal(one[string](db, "SELECT title FROM notes WHERE id = 10"), "ten")

	// One connection
	connection, err := db.Conn(ctx)
	noError(err)
	noError(connection.PingContext(ctx))
	_, err = connection.ExecContext(ctx, "UPDATE notes SET title = 'ten again' WHERE id = 10")
	noError(err)
	noError(connection.Close())

	// Errors
	_, err = db.Exec("SELEC 1")
	fails(err, "syntax error")
	_, err = db.Query("SELECT * FROM nowhere")
	fails(err, "no such table: nowhere")
	_, err = db.Exec("INSERT INTO notes(id, title) VALUES (10, 'x')")
	fails(err, "UNIQUE constraint failed")
	equal(one[int64](db, "SELECT 1"), int64(1))

	// Many rows, and many at once
	rows, err = db.Query(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		SELECT i, 'row ' || i FROM n`)
	noError(err)
	seen := int64(0)
	for rows.Next() {
		var number int64
		var name string
		if err := rows.Scan(&number, &name); err != nil || name != fmt.Sprintf("row %d", number) {
			stop("row %d: %s, %v", number, name, err)
		}
		seen++
	}
	equal(seen, int64(10000))
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func(i int64) {
			defer group.Done()
			equal(one[int64](db, "SELECT ?", i), i)
		}(int64(i))
	}
	group.Wait()

	// Authorization
	if readOnly := os.Getenv("COMPAT_READ_ONLY_TOKEN"); readOnly != "" {
		reader := open(readOnly)
		equal(one[int64](reader, "SELECT count(*) FROM notes"), int64(5))
		_, err = reader.Exec("DELETE FROM notes")
		fails(err, "")
		noError(reader.Close())
		stranger := open("eyJhbGciOiJFZERTQSJ9.e30.AAAA")
		_, err = stranger.Exec("SELECT 1")
		fails(err, "")
		equal(one[int64](db, "SELECT count(*) FROM notes"), int64(5))
	}
	noError(db.Close())
	fmt.Printf("%d assertions\n", count)
}
