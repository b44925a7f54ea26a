//go:build unix

package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func TestAPipeWithAWriterIsRead(t *testing.T) {
	text := check.Read(t, "testdata/good/minimal_openstack.yml")
	r, w, err := os.Pipe()
	check.OK(t, err)
	defer r.Close()
	go func() { // as a shell's <(command) does
		defer w.Close()
		_, _ = w.WriteString(text)
	}()
	c, err := config.Load(fmt.Sprintf("/dev/fd/%d", r.Fd()), options())
	if err != nil || len(c.Clouds()) != 1 {
		t.Errorf("got %v, %v, want the cloud that the pipe holds", c, err)
	}
}

func TestCountlessFaultsAreCounted(t *testing.T) {
	_, err := config.Parse("c.yml", []byte("clouds: ["+strings.Repeat("0,", 1500)+"]\n"), options())
	faults, ok := errors.AsType[config.Faults](err)
	const most = 1000
	if !ok || len(faults) != most+1 {
		t.Fatalf("%d faults, want %d and a count of the rest", len(faults), most)
	}
	if last := faults[most].Error(); !strings.Contains(last, "more faults are not shown") {
		t.Errorf("the last fault is %q", last)
	}
}
