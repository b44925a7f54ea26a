package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"cloudip_exporter/cli"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// TestTheSamplesOfTheDocumentsAreTrue runs each command of the documents that has an
// output against the clouds of simulate --seed=1, and compares what it prints.
func TestTheSamplesOfTheDocumentsAreTrue(t *testing.T) {
	config, samples := simulated(t), 0
	for _, file := range documents(t) {
		shown := check.Read(t, file)
		printed := regexp.MustCompile("(?s)```console\n\\$ cloudip_exporter ([^\n]*)\n.*?```").ReplaceAllStringFunc(shown, func(sample string) string {
			samples++
			line := strings.Split(sample, "\n")[1]
			var out bytes.Buffer
			args := append(strings.Fields(strings.TrimPrefix(line, "$ cloudip_exporter ")), "--config.file="+config)
			cli.Run(t.Context(), cli.Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard}, args)
			return "```console\n" + line + "\n" + out.String() + "```"
		})
		golden.Check(t, file, printed)
	}
	if samples == 0 {
		t.Fatal("the documents have no sample")
	}
}

// TestTheCommandsOfTheRunbooksAreUnderstood runs each command of the runbooks: its names,
// flags and columns are those of the program, whatever it finds.
func TestTheCommandsOfTheRunbooksAreUnderstood(t *testing.T) {
	config, commands := simulated(t), 0
	command := regexp.MustCompile("(?m)(?:^|`)cloudip_exporter ([^`#\n]*)")
	for _, file := range documents(t) {
		if filepath.Base(filepath.Dir(file)) != "runbooks" {
			continue
		}
		for _, m := range command.FindAllStringSubmatch(check.Read(t, file), -1) {
			commands++
			args := strings.Fields(strings.NewReplacer("CLOUD", "sim-otc", "PROJECT", "eu-de", "ADDRESS", "10.20.0.8").Replace(m[1]) + " --config.file=" + config)
			if args[0] == "private-ip" {
				args = append(args, "--dry-run")
			}
			var said bytes.Buffer
			if code := cli.Run(t.Context(), cli.Process{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &said}, args); code == 2 {
				t.Errorf("%s: %s: %s", file, m[0], &said)
			}
		}
	}
	if commands < 20 {
		t.Errorf("only %d commands", commands)
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

// simulated serves the clouds of seed 1 until the test ends and returns the
// file of the configuration that watches them.
func simulated(t *testing.T) string {
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, cli.Process{Stdin: strings.NewReader(""), Stdout: w, Stderr: io.Discard},
			[]string{"simulate", "--seed=1", "--listen-address=127.0.0.1:0"})
		w.Close()
	}()
	t.Cleanup(func() { stop(); <-ended })
	var text strings.Builder
	lines := bufio.NewScanner(r)
	for strings.Count(text.String(), "limits:") < 3 && lines.Scan() {
		text.WriteString(lines.Text() + "\n")
	}
	go io.Copy(io.Discard, r)
	return check.Write(t, filepath.Join(t.TempDir(), "config.yml"), text.String())
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
