package cloudapi

import (
	"strconv"
	"testing"

	"cloudip_exporter/test/check"
)

func TestAHostileConsoleAddressIsRefusedAndNotTold(t *testing.T) {
	for _, address := range []string{"", "canary", "https://c.example/\x1b]0;canary", "https://c.example/\ncanary", "https://c.example/\u202ecanary", "%zz:canary", "file://c.example/canary"} {
		check.Fails(t, strconv.Quote(address), checkConsoleURL(address), "", "canary")
	}
}
