package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// document reads the one YAML document of a file. The node is nil when the
// file is empty or cannot be read at all. A second document is a fault that
// does not hide those of the first.
func document(file string, data []byte) (*yaml.Node, Faults) {
	fault := func(line int, text string) Faults {
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
	if at := e.ContextMark.Line; at > 0 && at != e.Mark.Line {
		text = fmt.Sprintf("%s (%s that begins in line %d)", text, e.ContextMsg, at)
	}
	return e.Mark.Line, "not valid YAML: " + text
}
