package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/history"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/test/check"
)

// shownAs are cells as clouds have them, by the last word of the key.
var shownAs = map[string]any{
	"cloud": "sim-huaweicloud", "project": "cn-north-4", "id": "4f53da82-5637-4d19-b3af-a075496ab512",
	"address": "10.240.128.17", "addresses": "10.240.128.17 2001:db8:20::13", "cidr": "10.240.128.0/17", "block": "10.240.192.0/18", "prefix": "2001:db8:20::/48",
	"seen": "2026-11-29T23:23:55.123456Z", "since": "2026-11-29T23:23:55Z", "before": "2026-11-29T23:23:55Z", "network": "4f53da82-5637-4d19-b3af-a075496ab512",
	"holder": "server", "status": "ACTIVE", "version": "4", "attached": "false",
}

// What nobody may miss at 80 columns: what the row is, and what it is asked for.
var kept = map[string]string{
	"subnets": "SUBNET_NAME CIDR USED% FREE", "ports": "ADDRESS SUBNET_NAME HOLDER", "servers": "SERVER_NAME ADDRESSES", "address-groups": "NAME REDUNDANT",
	"idle": "ADDRESS IDLE_SINCE", "private-ips": "ADDRESS PRIVATE_IP_ID", "public-ips": "ADDRESS PRIVATE_ADDRESS", "vpcs": "VPC_NAME CIDR LARGEST_FREE_BLOCK",
	"free-prefixes": "PREFIX VPC_NAME POOL", "quotas": "RESOURCE LIMIT USED", "history": "ADDRESS HOLDER SERVER_NAME FIRST_SEEN ENDED_BEFORE", "overlaps": "CIDR OTHER_CIDR",
	"server ips": "ADDRESS NETWORK",
}

func TestNoTableIsWiderThanTheTerminalAndNoneCutsAnAddressOrAnID(t *testing.T) {
	tables := map[string][]table.Column{"history": history.Columns(), "overlaps": overlapColumns(), "server ips": serverIPColumns()}
	for _, l := range listings() {
		tables[l.Name] = l.columns
	}
	for name, columns := range tables {
		for _, width := range []int{80, 120} {
			var out, errs bytes.Buffer
			e := &command.Env{Stdout: &out, Stderr: &errs, StdoutTerminal: true, Width: func() int { return width }}
			r := &table.Table{Columns: columns, Rows: [][]any{nil, nil}}
			for i, c := range columns {
				cell := shownAs[c.Key[strings.LastIndex(c.Key, "_")+1:]]
				if c.Right {
					cell = 65534.0
				} else if cell == nil {
					cell = "a long name of something"
				}
				r.Rows[0], r.Rows[1] = append(r.Rows[0], cell), append(r.Rows[1], fmt.Sprint("z", i)) // not all the same
			}
			check.OK(t, e.Print(r, table.Output{}))
			lines := strings.Split(out.String(), "\n")
			for _, line := range lines {
				if got := uniseg.StringWidth(line); got > width {
					t.Errorf("%s at %d columns has a line of %d: %q", name, width, got, line)
				}
			}
			for _, c := range columns {
				value, _ := shownAs[c.Key[strings.LastIndex(c.Key, "_")+1:]].(string)
				if strings.HasPrefix(value, "2026-") {
					value = "2026-11-29 23:23:55"
				}
				if shown := strings.Contains(" "+lines[0]+" ", " "+strings.ToUpper(c.Key)+" "); shown && !strings.Contains(lines[1], value) {
					t.Errorf("%s at %d columns cuts %s: %q", name, width, c.Key, lines[1])
				}
			}
			fields := strings.Fields(strings.ReplaceAll(lines[0], "USED %", "USED%"))
			for want := range strings.FieldsSeq(kept[name]) {
				check.Has(t, fmt.Sprintf("%s at %d columns", name, width), " "+strings.Join(fields, " ")+" ", " "+want+" ")
			}
			if got := errs.String(); got != "" && (!strings.HasPrefix(got, "left out: ") || strings.Count(got, "\n") != 1) {
				t.Errorf("%s at %d columns says %q", name, width, got)
			}
		}
	}
}
