package storage

import (
	"bufio"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

var kills = flag.Int("kills", 4, "kills of TestWhatIsCommittedSurvivesKill9")

const killedEnv = "CLOUDIP_STORAGE_KILLED"

// turn is the world after n collections, of which each has some other ports.
func turn(n int) *world {
	w := newWorld()
	for i := range 300 {
		if (i*7+n)%10 < 5 {
			w.ports = append(w.ports, port(i+1, (i+n)%4))
		}
	}
	w.at = time.Date(2026, 11, 1, 12, 0, n, 0, time.UTC).Add(-time.Minute) // collect adds it
	return w
}

// TestMain is the process that is killed, where the environment says so.
func TestMain(m *testing.M) {
	if path := os.Getenv(killedEnv); path != "" {
		churn(path, os.Getenv(killedEnv+"_FROM"))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func churn(path, from string) {
	s := open(Options{Path: path, MaxStale: time.Hour}, slog.New(slog.DiscardHandler))
	n, _ := strconv.Atoi(from)
	for ; ; n++ {
		s.Record("me", turn(n).collect())
		s.step(n%3 == 0)
		if up(s) {
			fmt.Println(n) // it is on the disk
		}
	}
}

func TestWhatIsCommittedSurvivesKill9(t *testing.T) {
	var path string
	var next int
	var committed []int
	for n := range *kills {
		if n%20 == 0 { // a check goes over the whole file
			path, next, committed = filepath.Join(t.TempDir(), "cloudip.db"), 0, nil
		}
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), killedEnv+"="+path, killedEnv+"_FROM="+strconv.Itoa(next))
		out := check.Get(c.StdoutPipe())(t)
		check.OK(t, c.Start())
		last, lines := -1, bufio.NewScanner(out)
		for wanted := next + rand.IntN(8); lines.Scan(); {
			last, _ = strconv.Atoi(lines.Text())
			committed = append(committed, last)
			if last == wanted {
				go func() {
					time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
					_ = c.Process.Kill()
				}()
			}
		}
		_ = c.Wait() // it was killed
		if last < next {
			t.Fatalf("nothing was committed from %d on", next)
		}
		s := open4test(t, Options{Path: path})
		if !up(s) {
			t.Fatal(s.told)
		}
		for _, n := range committed[max(0, len(committed)-20):] {
			checkTurn(t, s, n)
		}
		if renamed, _ := filepath.Glob(path + ".damaged-*"); renamed != nil {
			t.Fatal("the file was taken for damaged")
		}
		states := check.Get(s.file.answers(keyOf("me", "p"), turn(1e6).at, 1e6*time.Second, slog.New(slog.DiscardHandler)))(t)
		for _, st := range states {
			n := int(st.LastSuccess.Sub(turn(0).at.Add(time.Minute)) / time.Second)
			if want := len(turn(n).ports); st.Collector == "ports" && (n > last+1 || st.Part.Data.(inventory.PortData).Ports.Len() != want) {
				t.Errorf("the last answer of turn %d has other ports than %d", n, want)
			}
		}
		check.Equal(t, "a last answer is there", true, len(states) > 0)
		s.closeFile()
		next = last + 2 // the one after last may have been committed, too
	}
}

func checkTurn(t *testing.T, s *Store, n int) {
	t.Helper()
	w := turn(n)
	var want, got []string
	for _, p := range w.ports {
		want = append(want, name(Tenure{Address: p.Fixed[0].Addr, Item: p.ID, Device: p.DeviceID}))
	}
	for _, tenure := range history(t, s, Query{At: w.at.Add(time.Minute)}) {
		got = append(got, name(tenure))
	}
	check.Equal(t, fmt.Sprint("tenures of turn ", n), want, got, cmpopts.SortSlices(strings.Compare))
}
