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
	check.Equal(t, "clouds", 1, len(load(t, fmt.Sprintf("/dev/fd/%d", r.Fd())).Clouds()))
}

func TestCountlessFaultsAreCounted(t *testing.T) {
	_, err := config.Parse("c.yml", []byte("clouds: ["+strings.Repeat("0,", 1500)+"]\n"), options())
	faults, ok := errors.AsType[config.Faults](err)
	if !ok || len(faults) != 1000+1 {
		t.Fatalf("%d faults, want 1000 and a count of the rest", len(faults))
	}
	check.Fails(t, "the last one", faults[1000], "more faults are not shown")
}
