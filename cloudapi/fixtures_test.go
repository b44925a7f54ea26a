package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// openAs opens a simulated cloud as a user, with further lines of configuration, and
// returns its first project.
func openAs(t *testing.T, o simulator.Options, user string, extra ...string) (*simtest.Cloud, *Project) {
	t.Helper()
	sim := simtest.New(o)
	text := "clouds:\n" + sim.ConfigYAMLAs(user, loopback.Serve(t, sim), "password", extra...)
	cfg := check.Get(config.Parse("test.yml", []byte(text), config.Options{}))(t)
	cloud := check.Get(Open(cfg.Clouds()[0], Options{}))(t)
	t.Cleanup(cloud.Close)
	return sim, check.Get(cloud.Projects(t.Context()))(t)[0]
}

func portListing() page.Listing[inventory.Port] {
	return page.Listing[inventory.Port]{Kind: "port", Operation: "list_ports", Key: "ports", Resource: "ports", Rule: page.ByLink(2000), Size: 2000, Item: new(portReader).read}
}

// readPage reads one page of a listing.
func readPage[T any](t testing.TB, l page.Listing[T], body io.Reader) (items []T, faults []*apierr.ItemError, err error) {
	l.Rule = page.OnePage()
	l.At = asking(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body), Request: req}, nil
	})
	return collect(page.List(t.Context(), l))
}

func readObject(o page.Object, body string) error {
	o.At = answering(func(*http.Request) string { return body })
	return o.Post(context.Background())
}

// answering leads to a cloud of written answers.
func answering(answer func(*http.Request) string) func(context.Context) (*wire.Client, string, error) {
	return asking(func(req *http.Request) (*http.Response, error) {
		return scripted.Respond(req, fakeAnswer{Status: http.StatusOK, Body: answer(req)})
	})
}

func asking(cloud roundTripper) func(context.Context) (*wire.Client, string, error) {
	return func(context.Context) (*wire.Client, string, error) {
		return &wire.Client{
			Service: "vpc", Base: &url.URL{Scheme: "https", Host: "vpc.test"}, HTTP: &http.Client{Transport: cloud},
			Labels: func() (string, string) { return "", "" }, Clean: func(text string) string { return text },
		}, "/", nil
	}
}

// collect reads a listing to its end, as a collector does.
func collect[T any](seq iter.Seq2[T, error]) (items []T, faults []*apierr.ItemError, err error) {
	for item, e := range seq {
		fault, ok := errors.AsType[*apierr.ItemError](e)
		switch {
		case err != nil:
			err = fmt.Errorf("the listing went on after: %w", err)
		case errors.Is(e, apierr.ErrAgain):
			items, faults = nil, nil
		case ok:
			faults = append(faults, fault)
		case e != nil:
			err = e
		default:
			items = append(items, item)
		}
	}
	return items, faults, err
}

// portID is the nth id in ascending order.
func portID(n int) string { return fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", n) }
