package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/text"
)

// Load reads and validates a configuration file. The error is Faults, each
// with file, line and key, or says why the file cannot be read at all.
// Relative file names in it are relative to its directory.
func Load(path string, o Options) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		advice := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			advice = ": name the file by --config.file, or make one to try with: cloudip_exporter simulate > config.yml"
		case errors.Is(err, fs.ErrPermission):
			advice = fmt.Sprintf(": let the user with the number %d, who runs this program, read it", os.Getuid())
		}
		return nil, fmt.Errorf("read configuration %s: %w%s", path, reason(err), advice)
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
	when := top.field("collection")
	c := &Config{
		clouds: p.clouds(top),
		collection: Collection{
			Interval: as[time.Duration](when.field("interval")), Timeout: as[time.Duration](when.field("timeout")), MaxStale: as[time.Duration](when.field("max_stale")),
		},
		series:     p.series(top.field("series")),
		storage:    p.storage(top.field("storage")),
		collectors: p.options.Collectors,
	}
	for i := range c.clouds {
		c.clouds[i].Tags = c.series.Tags
	}
	p.inlineSecrets()
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Line - b.Line })
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

func (p *parser) series(v *value) Series {
	labels := make(map[string]*value)
	for _, tag := range v.field("tags").items {
		p.label(tag)
		label := text.TagLabel(tag.text())
		if other := labels[label]; other != nil && other.text() != tag.text() {
			p.fault(tag, "becomes the label %s, as %s does: leave one of them out", label, other.path)
		}
		labels[label] = tag
	}
	return Series{
		Limit:           as[int](v.field("limit")),
		Ports:           v.field("ports").text(),
		ServerAddresses: as[bool](v.field("server_addresses")),
		PublicIPs:       v.field("public_ips").text(),
		Tags:            as[[]string](v.field("tags")),
	}
}

// document reads the one YAML document of a file. The node is nil when the
// file is empty or cannot be read at all. A second document is a fault that
// does not hide those of the first.
func document(file string, data []byte) (*yaml.Node, Faults) {
	fault := func(line int, text string) Faults {
		if tabbed(data, line) {
			text = "not valid YAML: a tab at the beginning of the line: write blanks"
		}
		return Faults{{File: file, Line: max(line, 1), Key: "yaml", Text: text}}
	}
	if len(data) > maxFile {
		return nil, fault(1, "the file is larger than 1 MiB")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, fault(1, "cannot be read")
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fault(syntax(err))
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return root(&first), fault(second.Line, "a second document begins here: write one document")
	case !errors.Is(err, io.EOF):
		return nil, fault(syntax(err))
	}
	return root(&first), nil
}

// tabbed reports whether a tab is among the white space that begins a line.
func tabbed(data []byte, line int) bool {
	lines := bytes.SplitN(data, []byte("\n"), line+1)
	if line < 1 || len(lines) < line {
		return false
	}
	text := lines[line-1]
	return bytes.ContainsRune(text[:len(text)-len(bytes.TrimLeft(text, " \t"))], '\t')
}

func root(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		return n.Content[0]
	}
	return nil
}

// syntax gives line and text of a YAML error. Most of the library's messages
// are constants; those that repeat a part of the file, which may be a secret,
// are replaced.
func syntax(err error) (int, string) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return 1, "not valid YAML"
	}
	text, _, _ := strings.Cut(e.Message, " (value")
	switch {
	case strings.Contains(text, "anchor"):
		text = "an alias (*) that no anchor (&) defines: put a text that begins with * in quotes"
	case strings.Contains(text, "YAML tag"):
		text = "a tag (!) that is not allowed: put a text that begins with ! in quotes"
	}
	advice := ""
	switch {
	case strings.Contains(text, "mapping values are not allowed"), strings.Contains(text, "expected '-' indicator"):
		advice = ": check the indentation of this line and the one above"
	case strings.Contains(text, "cannot start any token"):
		advice = ": put the value in quotes"
	}
	if at := e.ContextMark.Line; at > 0 && at != e.Mark.Line {
		text = fmt.Sprintf("%s (%s that begins in line %d)", text, e.ContextMsg, at)
	}
	return e.Mark.Line, "not valid YAML: " + text + advice
}

// maxFaults is more than anybody reads; a file of one MiB can have 100,000.
const maxFaults = 1000

// Fault is one thing wrong with a file of configuration, or with a variable. It never
// holds the value of a secret.
type Fault struct {
	File string // "" for a variable of the environment
	Line int    // from 1; 0 where it is about the whole file
	Key  string // path such as clouds[0].auth.type; "yaml" when the file cannot be read as YAML
	Text string
}

// Error returns "FILE:LINE: KEY: what is wrong", without what is not known.
func (f Fault) Error() string {
	at := ""
	if f.File != "" && f.Line > 0 {
		at = fmt.Sprintf("%s:%d: ", f.File, f.Line)
	} else if f.File != "" {
		at = f.File + ": "
	}
	if f.Key != "" {
		at += f.Key + ": "
	}
	return at + f.Text
}

// Faults is everything wrong with a configuration file, in order of line.
type Faults []Fault

// Error returns one Fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}
