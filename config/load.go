package config

import (
	"fmt"
	"io"
	"os"
	"slices"
)

// Load reads and validates a configuration file. The error is Faults, each
// with file, line and key, or says why the file cannot be read at all.
// Relative file names in it are relative to its directory.
func Load(path string, o Options) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w: name the file by --config.file", path, reason(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", path, reason(err))
	}
	p := newParser(path, o)
	if info, err := f.Stat(); err == nil {
		p.mode = info.Mode()
	}
	return p.parse(data)
}

// Parse validates a configuration; messages call the file by name, and
// relative file names are relative to its directory. The error is Faults.
func Parse(name string, data []byte, o Options) (*Config, error) {
	return newParser(name, o).parse(data)
}

func (p *parser) parse(data []byte) (*Config, error) {
	node, faults := document(p.file, data)
	p.faults = faults
	if node == nil && len(faults) > 0 {
		return nil, faults
	}
	line := 1
	if node != nil {
		line = node.Line
	}
	top := p.walk(Key{Type: typeGroup}, "", line, node)
	c := &Config{
		clouds:     p.clouds(top),
		collection: collection(top.field("collection")),
		series:     series(top.field("series")),
		collectors: p.options.Collectors,
	}
	p.inlineSecrets()
	if len(p.faults) > 0 {
		p.faults.sort()
		if p.omitted > 0 {
			last := p.faults[len(p.faults)-1]
			last.Text = fmt.Sprintf("%d more faults are not shown: correct these first", p.omitted)
			p.faults = append(p.faults, last)
		}
		return nil, slices.Compact(p.faults)
	}
	c.warnings = p.warnings
	return c, nil
}

func collection(v *value) Collection {
	return Collection{
		Interval: duration(v.field("interval")),
		Timeout:  duration(v.field("timeout")),
		MaxStale: duration(v.field("max_stale")),
	}
}

func series(v *value) Series {
	return Series{
		Limit:           integer(v.field("limit")),
		Ports:           v.field("ports").text(),
		ServerAddresses: boolean(v.field("server_addresses")),
	}
}
