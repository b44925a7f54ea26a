package cloudapi

import (
	"strings"
	"testing"
)

func TestAHostileConsoleAddressIsRefusedAndNotTold(t *testing.T) {
	for _, address := range []string{"", "canary", "https://c.example/\x1b]0;canary", "https://c.example/\ncanary", "https://c.example/\u202ecanary", "%zz:canary", "file://c.example/canary"} {
		if err := checkConsoleURL(address); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
