package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"cloudip_exporter/cli"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
	"cloudip_exporter/test/loopback"
)

// TestTheCommandsOfTheDocumentsAreTrue runs the commands of the documents against the clouds of simulate
// --seed=1. Those with an output print that; those of the runbooks have the names, flags and columns of the
// program, whatever they find.
func TestTheCommandsOfTheDocumentsAreTrue(t *testing.T) {
	all, samples, commands := simtest.NewAll(simulator.Options{Seed: 1}), 0, 0
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), all.ConfigYAML(loopback.Serve(t, all)))
	run := func(line string, more ...string) (out, said bytes.Buffer, code int) {
		args := append(strings.Fields(line), append(more, "--config.file="+config)...)
		code = cli.Run(t.Context(), cli.Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said}, args)
		return out, said, code
	}
	sample, command := regexp.MustCompile("(?s)```console\n\\$ cloudip_exporter ([^\n]*)\n.*?```"), regexp.MustCompile("(?m)(?:^|`)cloudip_exporter ([^`#\n]*)")
	for _, file := range documents(t) {
		shown := check.Read(t, file)
		golden.Check(t, file, sample.ReplaceAllStringFunc(shown, func(text string) string {
			samples++
			line := sample.FindStringSubmatch(text)[1]
			out, _, _ := run(line)
			return "```console\n$ cloudip_exporter " + line + "\n" + out.String() + "```"
		}))
		if filepath.Base(filepath.Dir(file)) != "runbooks" {
			continue
		}
		for _, m := range command.FindAllStringSubmatch(shown, -1) {
			commands++
			line, more := strings.NewReplacer("CLOUD", "sim-otc", "PROJECT", "eu-de", "ADDRESS", "10.20.0.8").Replace(m[1]), []string(nil)
			if strings.HasPrefix(line, "private-ip") {
				more = []string{"--dry-run"}
			}
			if _, said, code := run(line, more...); code == 2 {
				t.Errorf("%s: %s: %s", file, m[0], &said)
			}
		}
	}
	if samples == 0 || commands < 20 {
		t.Errorf("only %d samples and %d commands", samples, commands)
	}
}

// TestTheDocumentsAreShort holds what people have to read to a length that they read.
func TestTheDocumentsAreShort(t *testing.T) {
	words := 0
	for _, file := range documents(t) {
		if filepath.Dir(file) != "." || file == "README.md" || file == "CONTRIBUTING.md" {
			words += len(strings.Fields(check.Read(t, file)))
		}
	}
	if words > 16000 {
		t.Errorf("the documents have %d words, at most 16000: say each thing once", words)
	}
}

func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/runbooks/*.md"} {
		files = append(files, check.Files(t, pattern)...)
	}
	return files
}

// TestTheLinksOfTheDocumentsResolve checks that the file and the heading of
// each relative link in a Markdown file exist.
func TestTheLinksOfTheDocumentsResolve(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, file := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(check.Read(t, file), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which does not exist", file, m[1])
			} else if anchor != "" && !anchors(check.Read(t, target))[anchor] {
				t.Errorf("%s links to %s, but %s has no such heading", file, m[1], target)
			}
		}
	}
}

// anchors returns the anchors that GitHub gives to the headings of a document.
func anchors(document string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(document, -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return found
}
