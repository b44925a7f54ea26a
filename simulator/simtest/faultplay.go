package simtest

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloudip_exporter/simulator"
)

// plan is what happens to one request.
type plan struct{ faults []Fault }

// serve plays the faults around the real answer and returns the status sent; 0
// when the connection was cut.
func (p plan) serve(w http.ResponseWriter, r *http.Request, answer func() simulator.Answer) int {
	out, lost := p.before(w, r, answer)
	if lost {
		return 0
	}
	if out == nil {
		done := answer()
		out = &done
	}
	for _, f := range p.faults {
		f.edit(out)
	}
	for _, f := range p.faults {
		if f.disturbsBody() {
			return f.send(w, r, out)
		}
	}
	out.Write(w)
	return out.Status
}

// before plays what comes before the answer or instead of it. out is nil when
// the request is still to be executed; lost when nothing more is to be sent.
func (p plan) before(w http.ResponseWriter, r *http.Request, answer func() simulator.Answer) (out *simulator.Answer, lost bool) {
	for _, f := range p.faults {
		if f.Commit && out == nil {
			done := answer()
			out = &done
		}
		if f.RepeatMarker {
			q := r.URL.Query()
			q.Del("marker")
			r.URL.RawQuery = q.Encode()
		}
		if f.Delay > 0 {
			wait(r.Context(), f.Delay)
		}
		if f.Reset {
			reset(w)
			return out, true
		}
		if f.Hang && f.CutAfter == 0 && f.CutAtPercent == 0 {
			<-r.Context().Done()
			return out, true
		}
		if f.Status != 0 || f.Redirect != "" {
			instead := f.instead()
			out = &instead
		}
	}
	return out, false
}

// instead is the answer that the fault gives by itself.
func (f *Fault) instead() simulator.Answer {
	out := simulator.Answer{Status: f.Status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(f.Body)}
	if strings.HasPrefix(strings.TrimSpace(f.Body), "<") {
		out.Header.Set("Content-Type", "text/html")
	}
	if f.Redirect != "" {
		out.Header.Set("Location", f.Redirect)
		if out.Status == 0 {
			out.Status = http.StatusFound
		}
	}
	return out
}

// edit changes headers and body.
func (f *Fault) edit(out *simulator.Answer) {
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if f.MutateJSON != nil || f.NextLink != "" || f.EmptyPage {
		d := json.NewDecoder(bytes.NewReader(out.Body))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil {
			v = f.editJSON(v)
			out.Body = encode(v)
		}
	}
	if f.ReplaceBody != nil {
		out.Body = f.ReplaceBody(out.Body)
	}
	for name, values := range f.Header {
		out.Header[http.CanonicalHeaderKey(name)] = values
	}
}

func (f *Fault) editJSON(v any) any {
	if o, is := v.(map[string]any); is {
		for key, value := range o {
			links := strings.HasSuffix(key, "_links")
			list, isList := value.([]any)
			switch {
			case f.NextLink != "" && links:
				for _, l := range list {
					if m, is := l.(map[string]any); is {
						m["href"] = f.NextLink
					}
				}
			case f.NextLink != "" && key == "page_info":
				if info, is := value.(map[string]any); is {
					info["next_marker"] = f.NextLink
				}
			case f.EmptyPage && isList && !(links && f.KeepLinks):
				o[key] = []any{}
			}
		}
	}
	if f.MutateJSON != nil {
		v = f.MutateJSON(v)
	}
	return v
}

func (f *Fault) disturbsBody() bool {
	return f.CutAfter > 0 || f.CutAtPercent > 0 || f.SlowBytes > 0 || f.Padding > 0
}

// send writes the body in pieces: slowly, not to its end, or beyond it.
func (f *Fault) send(w http.ResponseWriter, r *http.Request, out *simulator.Answer) int {
	body := out.Body
	cut := f.CutAfter
	if f.CutAtPercent > 0 {
		cut = int(float64(len(body)) * f.CutAtPercent / 100)
	}
	for k, v := range out.Header {
		w.Header()[k] = v
	}
	if f.Padding == 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(out.Status)
	cuts := f.CutAfter > 0 || f.CutAtPercent > 0
	if cuts && cut < len(body) {
		body = body[:cut]
	}
	f.trickle(w, r, body)
	if f.Padding > 0 {
		pad(w, r, f.Padding)
	}
	if !cuts {
		return out.Status
	}
	if f.Hang {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler) // the server closes the connection
}

func (f *Fault) trickle(w http.ResponseWriter, r *http.Request, body []byte) {
	c := http.NewResponseController(w)
	for len(body) > 0 && r.Context().Err() == nil {
		n := len(body)
		if f.SlowBytes > 0 {
			wait(r.Context(), f.SlowBytes)
			n = min(n, 64)
		}
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		_ = c.Flush()
		body = body[n:]
	}
}

// pad writes n spaces, or fewer if the client has had enough.
func pad(w http.ResponseWriter, r *http.Request, n int64) {
	spaces := bytes.Repeat([]byte{' '}, 64<<10)
	for n > 0 && r.Context().Err() == nil {
		piece := spaces[:min(n, int64(len(spaces)))]
		if _, err := w.Write(piece); err != nil {
			return
		}
		n -= int64(len(piece))
	}
}

// reset ends the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetLinger(0)
	}
	_ = conn.SetDeadline(time.Now())
	_ = conn.Close()
}
