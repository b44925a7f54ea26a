package config

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	hidden  = "<secret>"
	maxFile = 1 << 20 // bytes
)

// Secret is a text that no printer can read. It comes from the configuration
// itself or from a file that is read anew at every use. The zero Secret is no
// secret at all.
//
// All methods that printers and encoders call give "<secret>". Where they
// cannot be called, as fmt cannot for unexported fields, a printer finds the
// address of the source and not the text.
type Secret struct{ source *source }

// source keeps the text in a function: whoever walks it by reflection finds
// a code address.
type source struct {
	text func() string // nil when file is set
	file string
}

// NewSecret returns a Secret that reveals text; the zero Secret when text is
// empty.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&source{text: func() string { return text }}}
}

// NewSecretFile returns a Secret that reveals what the file holds at the time
// of each call of Reveal.
func NewSecretFile(file string) Secret { return Secret{&source{file: file}} }

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.source == nil }

// Reveal returns the text; "" of the zero Secret. The file form reads its file
// at every call, so that a rotated secret counts from the next use; one
// newline at the end is no part of the secret. The error names the file and
// never its content.
func (s Secret) Reveal() (string, error) {
	switch {
	case s.source == nil:
		return "", nil
	case s.source.text != nil:
		return s.source.text(), nil
	}
	return readSecret(s.source.file)
}

// Equal reports whether both come from the same place: the same text, or the
// same file, whatever it holds.
func (s Secret) Equal(other Secret) bool {
	if s.source == nil || other.source == nil {
		return s.source == other.source
	}
	a, b := s.source, other.source
	if a.text == nil || b.text == nil {
		return a.text == nil && b.text == nil && a.file == b.file
	}
	return subtle.ConstantTimeCompare([]byte(a.text()), []byte(b.text())) == 1
}

// String returns "<secret>", "" of the zero Secret.
func (s Secret) String() string {
	if s.source == nil {
		return ""
	}
	return hidden
}

// Format writes String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns String; the JSON and YAML encoders use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func readSecret(file string) (string, error) {
	data, err := ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read secret file %s: %w: name a file that holds nothing but the secret", file, err)
	}
	text, ended := strings.CutSuffix(string(data), "\n")
	if ended {
		text = strings.TrimSuffix(text, "\r")
	}
	if text == "" {
		return "", fmt.Errorf("read secret file %s: it is empty: write the secret into it", file)
	}
	return text, nil
}

// ReadFile reads a small regular file. Anything else, such as a pipe, could keep its
// reader waiting for ever, or have no end. The caller names the file in the error.
func ReadFile(file string) ([]byte, error) {
	info, err := os.Stat(file) // before it is opened: opening a pipe waits for its writer
	switch {
	case err != nil:
		return nil, reason(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxFile:
		return nil, errors.New("larger than 1 MiB")
	}
	data, err := os.ReadFile(file)
	return data, reason(err)
}

// reason is what went wrong without the operation and the path, which the
// caller names.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
