// Package history is the command that says who held an address, and from when to
// when, by what daemons recorded.
package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"go4.org/netipx"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/storage"
)

type options struct {
	command.Target
	table.Output
	addresses        []string
	subnet, device   string
	since, until, at string
	servers          []string
	serverConfig     string
}

type question struct {
	addresses        []netip.Prefix // none: any
	since, until, at time.Time
}

// Command returns the command.
func Command() command.Command {
	return command.Command{
		Name: "history",
		Help: "Show who held addresses, from when to when, as the daemon recorded it; exit code 4 if it recorded nothing.\n\nExample: cloudip_exporter history 10.0.0.7 --since=7d",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o options
			c.Arg("ip", "Address or CIDR; all without.").StringsVar(&o.addresses)
			c.Flag("subnet", "Only this subnet.").PlaceHolder("SUBNET").StringVar(&o.subnet)
			c.Flag("device", "Only this device, such as a server.").PlaceHolder("ID").StringVar(&o.device)
			c.Flag("since", "Only what lasted then or later: a time such as 2026-11-29T18:00:00Z or 2026-11-29 18:00 (UTC), or how long ago, such as 7d.").PlaceHolder("TIME").StringVar(&o.since)
			c.Flag("until", "Only what began by then.").PlaceHolder("TIME").StringVar(&o.until)
			c.Flag("at", "Only what was there then.").PlaceHolder("TIME").StringVar(&o.at)
			c.Flag("server", "Ask the daemon at this URL instead of reading its file. Repeatable, for shards.").PlaceHolder("URL").StringsVar(&o.servers)
			c.Flag("server.config.file", "How to reach the daemon: http_config of Prometheus, with credentials and TLS.").PlaceHolder("FILE").StringVar(&o.serverConfig)
			command.TargetFlags(c, &o.Target)
			command.OutputFlags(c, &o.Output)
			return command.Watched(c, func(ctx context.Context, e *command.Env) error { return run(ctx, e, o) })
		},
	}
}

// Columns are the columns of the history.
func Columns() []table.Column {
	narrow := strings.Fields("cloud project address holder server_name device_id subnet_name first_seen last_seen ended_before")
	spare := strings.Fields("cloud project device_id subnet_name last_seen")
	instead := map[string]string{"server_name": "device_id"}
	var all []table.Column
	for _, key := range storage.TenureKeys() {
		all = append(all, table.Column{Key: key, Wide: !slices.Contains(narrow, key), Spare: slices.Contains(spare, key), Instead: instead[key]})
	}
	return all
}

func run(ctx context.Context, e *command.Env, o options) error {
	r := &table.Table{Columns: Columns()}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	q, err := o.question(e.Now())
	if err != nil {
		return exit.AsUsage(err)
	}
	add := r.Adder(storage.TenureKeys())
	var gaps []storage.Gap
	var began time.Time
	if len(o.servers) > 0 {
		gaps, began, err = askServers(ctx, o, q, add)
	} else {
		gaps, began, err = readFile(ctx, e, o, q, add)
	}
	if err != nil {
		return err
	}
	if len(o.Sort) == 0 {
		o.Sort = []string{"address", "first_seen"}
	}
	found := len(r.Rows)
	if err := e.Print(r, o.Output); err != nil {
		return err
	}
	for _, g := range gaps {
		e.Say("nobody watched the %s of %s/%s from %s to %s", g.Collector, g.Cloud, g.Project, g.Since.UTC().Format(time.RFC3339), g.Until.UTC().Format(time.RFC3339))
	}
	switch {
	case found > 0:
		return nil
	case !began.IsZero():
		return exit.Errorf(exit.NotFound, "nothing is recorded; the record begins at %s", began.UTC().Format(time.RFC3339))
	}
	return exit.Errorf(exit.NotFound, "nothing is recorded")
}

func (o *options) question(now time.Time) (q question, err error) {
	var addresses netipx.IPSetBuilder // so that no tenure is shown twice
	for _, text := range o.addresses {
		p, err := space.ParsePrefix(text)
		if err != nil {
			return q, fmt.Errorf("read address: %w", err)
		}
		addresses.AddPrefix(p)
	}
	set, err := addresses.IPSet()
	if err != nil {
		return q, err
	}
	q.addresses = set.Prefixes()
	for _, f := range []struct {
		name, text string
		to         *time.Time
	}{{"since", o.since, &q.since}, {"until", o.until, &q.until}, {"at", o.at, &q.at}} {
		if f.text == "" {
			continue
		}
		if *f.to, err = storage.ParseTime(f.text, now); err != nil {
			return q, fmt.Errorf("read --%s=%s: %w", f.name, f.text, err)
		}
	}
	if !q.until.IsZero() && q.since.After(q.until) {
		return q, fmt.Errorf("--since=%s is later than --until=%s: exchange them", o.since, o.until)
	}
	if len(o.servers) == 0 && o.serverConfig != "" {
		return q, errors.New("--server.config.file needs --server")
	}
	return q, nil
}

// readFile reads the storage of the configuration, which a daemon may be writing, and
// says when its record begins.
func readFile(ctx context.Context, e *command.Env, o options, q question, add func([]any)) (gaps []storage.Gap, began time.Time, err error) {
	cfg, err := e.LoadConfig()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; or ask a daemon with --server=URL", err)
	}
	if err != nil {
		return nil, began, exit.AsUsage(err)
	}
	path := cfg.Storage().Path
	if path == "" {
		return nil, began, errors.New("there is no storage to read: storage.path is none: set it, or ask a daemon with --server")
	}
	r, err := storage.OpenReader(path)
	if err != nil {
		return nil, began, err
	}
	defer r.Close()
	ask := storage.Query{Cloud: o.Cloud, Project: o.Project, Device: inventory.ParseID(o.device), Since: q.since, Until: q.until, At: q.at}
	if o.subnet != "" {
		ask.Subnet, err = r.Subnet(ctx, o.subnet, ask)
		if _, several := errors.AsType[*storage.AmbiguousError](err); several {
			return nil, began, exit.AsUsage(err)
		} else if err != nil {
			return nil, began, err
		}
	}
	if len(q.addresses) == 0 {
		q.addresses = []netip.Prefix{{}}
	}
	for _, ask.Addresses = range q.addresses {
		for t, err := range r.History(ctx, ask) {
			if err != nil {
				return nil, began, fmt.Errorf("read storage %s: %w", path, err)
			}
			add(t.Row())
		}
	}
	if began, err = r.Beginning(ctx); err != nil {
		return nil, began, fmt.Errorf("read storage %s: %w", path, err)
	}
	gaps, err = r.Gaps(ctx, ask)
	return gaps, began, err
}
