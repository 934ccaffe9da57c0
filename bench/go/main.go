// The sum API in Go, for comparison: the same requests, answers and durable rows, and nothing else. `-plain` uses the
// defaults of database/sql: two idle connections, and three round trips for each statement. Without `-plain`, the pool
// is as large as helps here, and a statement takes one round trip.
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"
)

type sumRequest struct {
	Nome      string `json:"nome"`
	Operador1 *int64 `json:"operador1"`
	Operador2 *int64 `json:"operador2"`
}

const largest = 1<<53 - 1

func main() {
	address := "127.0.0.1:" + os.Getenv("PORT")
	source := flag.String("database", "", "user:password@tcp(host:port)/name")
	plain := flag.Bool("plain", false, "use the defaults of database/sql")
	flag.Parse()

	config, err := mysql.ParseDSN(*source)
	if err != nil {
		log.Fatal(err)
	}
	config.InterpolateParams = !*plain
	connector, err := mysql.NewConnector(config)
	if err != nil {
		log.Fatal(err)
	}
	database := sql.OpenDB(connector)
	if !*plain {
		database.SetMaxOpenConns(32)
		database.SetMaxIdleConns(32)
	}

	http.HandleFunc("GET /backend", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("API em execução!"))
	})
	http.HandleFunc("POST /backend", func(w http.ResponseWriter, r *http.Request) {
		var request sumRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10)).Decode(&request); err != nil || !valid(&request) {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		_, err := database.ExecContext(r.Context(),
			"INSERT INTO operacoes (nome, operador1, operador2) VALUES (?, ?, ?)",
			request.Nome, *request.Operador1, *request.Operador2)
		if err != nil {
			http.Error(w, "database", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]int64{"resultado": *request.Operador1 + *request.Operador2})
	})
	log.Fatal(http.ListenAndServe(address, nil))
}

func valid(r *sumRequest) bool {
	r.Nome = strings.TrimSpace(r.Nome)
	length := utf8.RuneCountInString(r.Nome)
	return length >= 3 && length <= 255 && r.Operador1 != nil && r.Operador2 != nil &&
		inRange(*r.Operador1) && inRange(*r.Operador2) && inRange(*r.Operador1+*r.Operador2)
}

func inRange(n int64) bool { return n >= -largest && n <= largest }
