package jsonstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/test/check"
)

// tokens reads one value and the end of the input with this package's Reader.
func tokens(r *Reader, src io.Reader) ([]string, error) {
	r.Reset(src)
	var out []string
	var value func()
	value = func() {
		switch kind := r.Peek(); kind {
		case jsontext.KindBeginObject:
			r.Open()
			out = append(out, "{")
			for name, ok := r.Name(); ok; name, ok = r.Name() {
				out = append(out, fmt.Sprintf("%q", name))
				value()
			}
			out = append(out, "}")
		case jsontext.KindBeginArray:
			r.Open()
			out = append(out, "[")
			for r.More() {
				value()
			}
			out = append(out, "]")
		case jsontext.KindString:
			out = append(out, fmt.Sprintf("%q", r.String()))
		case jsontext.KindNumber:
			out = append(out, string(r.Number()))
		case jsontext.KindInvalid:
		default:
			r.Skip()
			out = append(out, string(kind))
		}
	}
	value()
	r.End()
	return out, r.Err()
}

func skipped(r *Reader, src io.Reader) error {
	r.Reset(src)
	r.Skip()
	r.End()
	return r.Err()
}

// oracle does as tokens does, with jsontext.
func oracle(src io.Reader) ([]string, error) {
	d := jsontext.NewDecoder(src, jsontext.AllowInvalidUTF8(true))
	var out []string
	for depth := -1; depth != 0; {
		t, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		switch t.Kind() {
		case jsontext.KindString:
			out = append(out, fmt.Sprintf("%q", t.String()))
		case jsontext.KindNumber:
			out = append(out, t.String())
		default:
			out = append(out, string(t.Kind()))
		}
		depth = d.StackDepth()
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errors.New("there is more after the end"), err)
	}
	return out, nil
}

func seeds() []string {
	return []string{
		`{"ports":[{"id":"a","n":1,"x":{"y":[1,2,{"z":null}]}},{"id":"b","n":-1.5e+3},{"x":{},"id":"c"}],"ports_links":[]}`,
		` { "a" : 1 , "b" : [ true , false , null ] } `, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"\u0061":1,"a":2}`,
		`[{"a":1,"b":2},{"b":2,"a":1},{"a":1,"b":2,"a":3}]`, `[{"a":{"b":1}},{"a":{"b":1,"b":1}}]`, `[{"a":1},{"a":1,}]`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\u0041"`, `"\ud83dx"`, `"\uD83D\uDE00\n\t\"\\\/"`, `"\x"`, `"\u12"`, `"\u12g4"`,
		"\"caf\u00e9 \u2028 \U0001f600\"", "\"\xff\"", "\"a\xffb\\n\xfe\"", `{"\ud800":1,"\udfff":2}`, `"\ud83d\`, `"\ud83d\u`, `"\ud83d\u00`, `"\ud83d\n"`, "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xc0\xaf\"", "\"a\x00b\"", "\"a\nb\"", "\"\x7f\"", "\"0123456789abcdef\x1f\"",
		`0`, `-0`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `1E-05`, `1.2.3`, `--1`, `+1`, `1x`, `0x1`, `1 2`, `123456789012345678901234567890`,
		`tru`, `truex`, `nul`, `nulL`, `falsey`, `true false`, ``, ` `, `[`, `]`, `{`, `}`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{1:2}`, `{"a" 1}`, `{"a":1 "b":2}`,
		"\ufeff{}", "{}\x00", "{} {}", "[1]\n\n", "\v1", `"unterminated`, `"unterminated\`,
		`{"":1,"":2}`, `{"":1,"a":{"":{}}}`, `{"` + strings.Repeat("k", 200) + `":1,"` + strings.Repeat("k", 200) + `":1}`,
	}
}

// same compares both readers; r may have read other things before.
func same(t *testing.T, r *Reader, body []byte) {
	t.Helper()
	want, wantErr := oracle(bytes.NewReader(body))
	for _, reading := range []struct {
		how string
		src io.Reader
	}{{"whole", bytes.NewReader(body)}, {"byte by byte", iotest.OneByteReader(bytes.NewReader(body))}, {"again", iotest.HalfReader(bytes.NewReader(body))}} {
		got, err := tokens(r, reading.src)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: %q: %v; jsontext: %v", reading.how, body, err, wantErr)
		}
		if err == nil && strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%s: %q:\n%s\njsontext:\n%s", reading.how, body, got, want)
		}
	}
	if err := skipped(r, iotest.OneByteReader(bytes.NewReader(body))); (err == nil) != (wantErr == nil) {
		t.Fatalf("skipping %q: %v; jsontext: %v", body, err, wantErr)
	}
}

func TestEachByteCountsWhereverItStandsInAString(t *testing.T) {
	r := NewReader()
	for b := range 256 {
		for at := range 17 {
			body := []byte(`"` + strings.Repeat("~", 25) + `"`)
			body[1+at] = byte(b)
			same(t, r, body)
		}
	}
}

func TestEveryCutIsAnError(t *testing.T) {
	const whole = `{"ports":[{"id":"a\u00e9\ud83d\ude00é","n":-1.5e+3,"t":true,"x":{"y":[null,false]}}]}`
	r := NewReader()
	for n := range len(whole) {
		err := skipped(r, strings.NewReader(whole[:n]))
		if want := io.ErrUnexpectedEOF; n > 0 && !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", whole[:n], err, want)
		}
	}
	if err := skipped(r, strings.NewReader("")); !errors.Is(err, io.EOF) {
		t.Errorf("nothing: %v, want io.EOF", err)
	}
}

func TestTheErrorOfTheSourceIsToldAsItIs(t *testing.T) {
	broken := errors.New("connection lost")
	for _, begin := range []string{``, `{"a":`, `{"a":"x`, `[1,2`, `{}`, `tr`} {
		err := skipped(NewReader(), io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v, want %v", begin, err, broken)
		}
	}
	broken = fmt.Errorf("connection lost: %w", io.EOF) // is not the end
	if err := skipped(NewReader(), io.MultiReader(strings.NewReader(`{}`), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("an error that wraps io.EOF was taken for the end: %v", err)
	}
	if err := skipped(NewReader(), stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a source that gives nothing: %v, want %v", err, io.ErrNoProgress)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestDepthIsBounded(t *testing.T) {
	for _, depth := range []int{9_999, 10_000, 10_001, 100_000} {
		for open, shut := range map[string]string{"[": "]", `{"a":`: "}"} {
			body := strings.Repeat(open, depth) + "1" + strings.Repeat(shut, depth)
			_, want := oracle(strings.NewReader(body))
			if got := skipped(NewReader(), strings.NewReader(body)); (got == nil) != (want == nil) {
				t.Errorf("%d times %s: %v; jsontext: %v", depth, open, got, want)
			}
		}
	}
}

func TestManyNamesInOneObject(t *testing.T) {
	r := NewReader()
	for _, n := range []int{63, 64, 65, 1000} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":{"a":%d}`, i, i)
		}
		body := "{" + b.String()[1:]
		check.OK(t, skipped(r, strings.NewReader(body+"}")))
		for _, twice := range []int{0, 62, n - 1} {
			err := skipped(r, strings.NewReader(fmt.Sprintf(`%s,"k%d":1}`, body, twice)))
			check.Fails(t, fmt.Sprintf("name %d of %d twice", twice, n), err, "")
		}
	}
}

func TestShapesAreBounded(t *testing.T) {
	r := NewReader()
	for i := range 100 {
		var b strings.Builder
		for j := range 60 {
			fmt.Fprintf(&b, `,"k%d":{"a%d":{"b":1}}`, j, i)
		}
		check.OK(t, skipped(r, strings.NewReader("{"+b.String()[1:]+"}")))
	}
	if r.shapes > maxShapes {
		t.Errorf("%d shapes are remembered, want at most %d", r.shapes, maxShapes)
	}
	check.Fails(t, "a name twice where shapes are not remembered", skipped(r, strings.NewReader(`{"k59":{"a99":{"b":1,"b":2}}}`)), "")
}

func TestALongStringIsPassedInLittleMemory(t *testing.T) {
	long := `{"a":"` + strings.Repeat("0123456789é", 1<<20) + `","b":1}`
	r := NewReader()
	check.OK(t, skipped(r, strings.NewReader(long)))
	check.Equal(t, "the window", windowSize, len(r.buf))
	if _, err := tokens(r, strings.NewReader(long)); !errors.Is(err, errTokenTooLarge) {
		t.Errorf("kept: %v, want %v", err, errTokenTooLarge)
	}
	r.Reset(nil)
	check.Equal(t, "the window after it", windowSize, len(r.buf))
	r = NewReader()
	check.OK(t, skipped(r, strings.NewReader(`{"server":{"id":"s"}}`)))
	check.Equal(t, "the window of a small answer", firstWindow, len(r.buf))
}

func TestThePointerTellsThePlace(t *testing.T) {
	r := NewReader()
	r.Reset(strings.NewReader(`{"a~/b":[1,{"\u0063":"x"}]}`))
	r.Peek()
	r.Open()
	r.Name()
	r.Peek()
	r.Open()
	r.More()
	r.Skip()
	r.More()
	r.Peek()
	r.Open()
	r.Name()
	check.Equal(t, "pointer", "/a~0~1b/1/c", r.Pointer())
}

func FuzzTheSameIsTakenAsByJSONText(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	kept := NewReader()
	f.Fuzz(func(t *testing.T, body []byte) {
		same(t, NewReader(), body)
		same(t, kept, body)
	})
}
