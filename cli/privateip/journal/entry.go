package journal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// State is how far an intent has come.
type State string

// States of an intent. Intent and Unknown leave it open, the others close it.
const (
	Intent      State = "intent"       // about to be done
	Done        State = "done"         // the cloud did it
	Failed      State = "failed"       // the cloud refused it
	NotExecuted State = "not executed" // it never took effect
	Unknown     State = "unknown"      // it may or may not have taken effect
)

// Actions that are journaled.
const (
	Assign  = "assign"
	Release = "release"
)

// Target is what a mutation is aimed at.
type Target struct {
	SubnetID    string `json:"subnet_id,omitempty"`
	Address     string `json:"address,omitempty"`
	PrivateIPID string `json:"private_ip_id,omitempty"`
}

// Entry is one line of the journal.
type Entry struct {
	Time      time.Time `json:"time"` // UTC; set by Append
	State     State     `json:"state"`
	Action    string    `json:"action"`
	IntentID  string    `json:"intent_id,omitempty"`
	User      string    `json:"user,omitempty"`
	Host      string    `json:"host,omitempty"`
	Cloud     string    `json:"cloud,omitempty"`
	Project   string    `json:"project,omitempty"`
	ProjectID string    `json:"project_id,omitempty"`
	Target    Target    `json:"target,omitzero"`
	RequestID string    `json:"request_id,omitempty"` // of the cloud's answer
	Result    string    `json:"result,omitempty"`
	Prev      string    `json:"prev"`           // hash of the line before; set by Append
	Hash      string    `json:"hash,omitempty"` // of this line without it; set by Append
}

// genesis is what the first line names as the hash before it.
const genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// hashKey is how every line ends: the hash of all that stands before it.
const hashKey = `,"hash":"`

// maxLine bounds a line: ids come from clouds and from the command line.
const maxLine = 64 << 10

var (
	errTooLong = errors.New("it is longer than any entry")
	errForeign = errors.New("it has no end, and no beginning of an entry: is this a journal?")
)

// NewIntentID returns a fresh random identifier.
func NewIntentID() string { return "cloudip-" + strings.ToLower(rand.Text()) }

// encode returns the line of e, newline included, and its hash.
func encode(e Entry) (line []byte, hash string, err error) {
	e.Hash = ""
	body, err := json.Marshal(e)
	if err != nil {
		return nil, "", fmt.Errorf("encode journal entry: %w", err)
	}
	body = body[:len(body)-1] // the closing brace comes after the hash
	hash = sum(body)
	line = fmt.Appendf(body, "%s%s\"}\n", hashKey, hash)
	if len(line) > maxLine {
		return nil, "", fmt.Errorf("encode journal entry of %d bytes: %w", len(line), errTooLong)
	}
	return line, hash, nil
}

// isBeginning reports whether a line without end is what a crash leaves of an
// entry: its beginning, and zeros where the data never reached the disk. What
// is anything else is not ours to remove.
func isBeginning(line []byte) bool {
	const start = `{"time":"`
	line = bytes.TrimRight(line, "\x00")
	return bytes.HasPrefix(line, []byte(start)) || strings.HasPrefix(start, string(line))
}

// decode reads a line without its newline and checks that it follows prev.
func decode(line []byte, prev string) (Entry, error) {
	at := bytes.LastIndex(line, []byte(hashKey))
	if at < 0 {
		return Entry{}, errors.New("it has no hash")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var e Entry
	if err := dec.Decode(&e); err != nil {
		return Entry{}, fmt.Errorf("it cannot be read: %w", err)
	}
	if want := fmt.Sprintf("%s%s\"}", hashKey, sum(line[:at])); string(line[at:]) != want {
		return Entry{}, errors.New("it was changed: its hash does not fit")
	}
	if e.Prev != prev {
		return Entry{}, errors.New("it does not follow the line before it: lines were removed, added or moved")
	}
	return e, nil
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
