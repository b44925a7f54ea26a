package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

const (
	answerTime = time.Minute
	answerSize = 1 << 30 // bytes
)

var errDenied = errors.New("the daemon refuses the credential")

type answer struct {
	Items  []map[string]any
	Gaps   []storage.Gap
	Begins time.Time
}

// askServers asks all daemons, and returns when the oldest record begins. Where one
// fails there is no answer at all: what it knows would be missing.
func askServers(ctx context.Context, o options, q question, add func([]any)) (gaps []storage.Gap, began time.Time, err error) {
	client, err := command.DaemonClient(o.serverConfig)
	if err != nil {
		return nil, began, err
	}
	defer client.CloseIdleConnections()
	client.Timeout = answerTime
	var urls []*url.URL
	for _, text := range o.servers {
		u, err := command.DaemonURL(text)
		if err != nil {
			return nil, began, err
		}
		u = u.JoinPath("api/v1/history")
		if !slices.ContainsFunc(urls, func(o *url.URL) bool { return o.String() == u.String() }) {
			urls = append(urls, u)
		}
	}
	var all []answer
	for _, u := range urls {
		for _, query := range o.queries(q) {
			u.RawQuery = query
			a, err := get(ctx, client, u)
			if errors.Is(err, errDenied) && len(urls) == 1 { // of several, one that fails is exit code 1
				err = exit.Errorf(exit.Permission, "%w", err)
			}
			if err != nil {
				return nil, began, fmt.Errorf("ask %s: %w", u.Host, err)
			}
			all = append(all, a)
		}
	}
	subnets := map[string]string{} // in which each daemon found what --subnet fits there
	for _, a := range all {
		if began.IsZero() || !a.Begins.IsZero() && a.Begins.Before(began) {
			began = a.Begins
		}
		for _, item := range a.Items {
			subnets[fmt.Sprint(item["subnet_id"])] = fmt.Sprint(item["subnet_name"])
			row := rows.Row{}
			for _, key := range storage.TenureKeys() {
				v, ok := item[key]
				if !ok {
					v = rows.Absent{}
				}
				row = append(row, v)
			}
			add(row)
		}
		for _, gap := range a.Gaps { // the answers of one daemon have the same
			if !slices.Contains(gaps, gap) {
				gaps = append(gaps, gap)
			}
		}
	}
	if o.subnet != "" && len(subnets) > 1 {
		several := &storage.AmbiguousError{Asked: o.subnet}
		for _, id := range slices.Sorted(maps.Keys(subnets)) {
			several.Candidates = append(several.Candidates, fmt.Sprintf("%s (%s)", id, subnets[id]))
		}
		return nil, began, exit.AsUsage(several)
	}
	return gaps, began, nil
}

// queries returns the parameters of each request: one an address.
func (o *options) queries(q question) (all []string) {
	values := url.Values{}
	for name, text := range map[string]string{"cloud": o.Cloud, "project": o.Project, "subnet_id": o.subnet, "device_id": o.device} {
		if text != "" {
			values.Set(name, text)
		}
	}
	for name, t := range map[string]time.Time{"since": q.since, "until": q.until, "at": q.at} {
		if !t.IsZero() {
			values.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	if len(q.addresses) == 0 {
		return []string{values.Encode()}
	}
	for _, p := range q.addresses {
		values.Set("ip", command.AddressText(p))
		all = append(all, values.Encode())
	}
	return all
}

func get(ctx context.Context, client *http.Client, u *url.URL) (a answer, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return a, err
	}
	response, err := client.Do(request)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // its text repeats the URL
		}
		return a, err
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, answerSize)
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(body, 500))
		err := errors.New(strings.TrimRight("status "+response.Status+": "+string(text), ": \r\n"))
		switch response.StatusCode {
		case http.StatusBadRequest:
			return a, exit.AsUsage(err)
		case http.StatusUnauthorized, http.StatusForbidden:
			return a, fmt.Errorf("%w: %w: correct --server.config.file", errDenied, err)
		}
		return a, err
	}
	err = json.NewDecoder(body).Decode(&a)
	if err == nil && a.Items == nil { // JSON of another program
		err = errors.New("it has no items")
	}
	if err != nil {
		return a, fmt.Errorf("its answer is no history: %w", err)
	}
	return a, nil
}
