package command

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

type labelled struct{ Project }

func (labelled) Cloud() string { return "prod" }
func (labelled) Label() string { return "eu-de" }

func TestASubnetIsCalledByIDBeginningNameOrPrefix(t *testing.T) {
	const one, two, three = "4f53da82-5637-4d19-b3af-a075496ab512", "4f53da83-5637-4d19-b3af-a075496ab512", "4f53da83-aaaa-4d19-b3af-a075496ab512"
	subnet := func(id, name, prefix string) inventory.Subnet {
		return inventory.Subnet{ID: inventory.ParseID(id), Name: name, Prefix: netip.MustParsePrefix(prefix)}
	}
	all := []inventory.Subnet{
		subnet(one, "app", "10.0.0.0/24"), subnet(one, "app", "2001:db8::/64"),
		subnet(two, "db", "10.0.1.0/24"), subnet(three, "db", "10.0.1.0/24"), subnet("db", "x", "10.0.2.0/24"),
	}
	for called, want := range map[string]string{
		one: one, "4f53da82": one, "4f53da82-5637": one, "app": one, "10.0.0.0/24": one, "2001:db8::/64": one, "2001:DB8:0::7/64": one, "10.0.0.9/24": one,
		"db": "db", "4f53da83-a": three,
		"4f53da8": "no subnet", "10.0.0.0": "no subnet", "": "no subnet", "ap": "no subnet",
		"4f53da83": "fits 2", "10.0.1.0/24": "fits 2; give the id of one:\n  " + two + "  db  10.0.1.0/24\n  " + three + "  db  10.0.1.0/24",
	} {
		found, err := FindSubnet(all, called, labelled{})
		if err != nil {
			code := map[bool]int{true: exit.Usage, false: exit.NotFound}[strings.Contains(want, "fits")]
			if !strings.Contains(err.Error(), want) || exit.Code(err) != code {
				t.Errorf("%q: %v, want %q", called, err, want)
			}
			continue
		}
		if len(found) == 0 || slices.ContainsFunc(found, func(s inventory.Subnet) bool { return s.ID.String() != want }) || want == one && len(found) != 2 {
			t.Errorf("%q finds %v, want %s", called, found, want)
		}
	}
}

func TestWatchRepeatsUntilInterruptedAndSaysFailures(t *testing.T) {
	var out, errs bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	runs := 0
	e := &Env{Stdout: &out, Stderr: &errs, StdoutTerminal: true, Now: func() time.Time { return time.Unix(0, 0).UTC() }}
	e.Sleep = func(ctx context.Context, d time.Duration) error {
		if runs == 3 {
			stop()
		}
		return ctx.Err()
	}
	err := e.watch(ctx, 10*time.Second, func(e *Env) error {
		runs++
		e.Stdout.Write([]byte("rows\n"))
		return errors.Join(map[int]error{2: errors.New("no answer")}[runs])
	})
	if err != nil || strings.Count(out.String(), "\x1b[H\x1b[2J1970-01-01 00:00:00, every 10s\n\nrows\n") != 3 || errs.String() != "no answer\n" {
		t.Errorf("%v after %d runs: %q, %q", err, runs, out.String(), errs.String())
	}
	check.Equal(t, "exit code of a usage error, which ends it", exit.Usage, exit.Code(e.watch(t.Context(), time.Minute, func(*Env) error { return exit.Usagef("x") })))
}
