// Package promql evaluates PromQL with Prometheus's own engine and its own format of tests:
// https://github.com/prometheus/prometheus/blob/main/promql/promqltest/README.md
package promql

import (
	"os"
	"testing"

	"github.com/prometheus/prometheus/promql/promqltest"
)

// TestSeries runs the file that SERIES names: it loads series, and compares what expressions return.
func TestSeries(t *testing.T) {
	script, err := os.ReadFile(os.Getenv("SERIES"))
	if err != nil {
		t.Fatal(err)
	}
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	promqltest.RunTest(t, string(script), engine)
}
