package cloudapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/inventory"
)

// compareRecords compares the model's records, whose ids and addresses are opaque.
var compareRecords = cmp.Options{
	cmp.Comparer(func(a, b inventory.ID) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Transformer("fixed", func(f []inventory.FixedIP) []inventory.FixedIP {
		if len(f) == 0 {
			return nil
		}
		return f
	}),
}

func readFile(t testing.TB, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recorded returns the body of a recorded answer of a real OpenStack. Long
// lists were cut when recording: a text stands for what was left out.
func recorded(t testing.TB, name string) (body string, status int) {
	t.Helper()
	var r struct {
		Response struct {
			Status int
			Body   json.RawMessage
		}
	}
	if err := json.Unmarshal(readFile(t, "openstack", name+".json"), &r); err != nil {
		t.Fatal(err)
	}
	return string(r.Response.Body), r.Response.Status
}

// read reads one page of a listing.
func readPage[T any](t testing.TB, l listing[T], body string) (*page[T], error) {
	t.Helper()
	w := walk[T]{listing: l, room: newRoom[T]()}
	err := w.read(strings.NewReader(body), envelope{size: 2000})
	return &w.page, err
}

// readObject reads an answer of one object.
func readObject(o object, body string) error {
	resp := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}
	return (&wire.Client{Service: "vpc"}).AnswerError("get", resp, newScanner().reading(o)(resp.Body))
}
