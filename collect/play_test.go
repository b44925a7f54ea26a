package collect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// player plays a case, line by line, to a Runner in virtual time.
type player struct {
	t      *testing.T
	w      *world
	r      *Runner
	out    strings.Builder
	clouds []string // of the configuration that is written
	more   string
	logged int
}

// TestWhatIsPublishedIsThatInTheFile compares with testdata/played.txt. "cloud NAME: PROJECTS" and "with TEXT" write a
// configuration, "start" and "reload" take it; "fails", "hangs", "slow TIME" and "fails_after TIME"
// say how the clouds answer, "lists NAME PROJECTS" and "list fails|hangs|works|TIME" their lists of projects.
func TestWhatIsPublishedIsThatInTheFile(t *testing.T) {
	golden.Cases(t, "testdata/played.txt", func(in string) (out string) {
		synctest.Test(t, func(t *testing.T) {
			p := &player{t: t, w: newWorld()}
			for _, line := range strings.Split(in, "\n") {
				p.play(line)
			}
			out = p.out.String()
		})
		return out
	})
}

func (p *player) play(line string) {
	word, rest, _ := strings.Cut(line, " ")
	behave := func(answer func(context.Context, string) error) { p.w.do(func() { p.w.behave = answer }) }
	switch word {
	case "fails":
		behave(down)
	case "hangs":
		behave(hang)
	case "slow":
		behave(slow(p.duration(rest)))
	case "fails_after":
		late := slow(p.duration(rest))
		behave(func(ctx context.Context, name string) error { _ = late(ctx, name); return errDown })
	case "cloud":
		p.clouds = append(p.clouds, rest)
	case "with":
		p.more += rest + "\n"
	case "used":
		p.w.do(func() { fmt.Sscan(rest, &p.w.used) })
	case "unread":
		p.w.do(func() { fmt.Sscan(rest, &p.w.unread) })
	case "leads":
		p.w.do(func() { p.w.leads = rest })
	case "lists":
		cloud, projects, _ := strings.Cut(rest, " ")
		p.w.do(func() { p.w.projects[cloud] = strings.Fields(projects) })
	case "list":
		p.list(rest)
	case "start":
		p.r = start(p.t, p.w, parse(p.t, p.more, p.clouds...))
		p.clouds, p.more = nil, ""
		synctest.Wait()
	case "reload":
		begun, before := time.Now(), p.r.Config()
		err := p.r.Reload(parse(p.t, p.more, p.clouds...))
		p.say("reload: %v, after %s, another configuration: %v", err, time.Since(begun), p.r.Config() != before)
		p.clouds, p.more = nil, ""
		synctest.Wait()
	case "scrape":
		p.say("scrape took %s", scrape(p.r, p.duration(rest)))
	case "probe":
		p.probe(strings.Fields(rest))
	case "wait":
		time.Sleep(p.duration(rest))
		synctest.Wait()
	case "show":
		p.show()
	default:
		p.t.Fatalf("%q cannot be played", line)
	}
}

func (p *player) duration(text string) time.Duration { return check.Get(time.ParseDuration(text))(p.t) }

func (p *player) say(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

func (p *player) list(how string) {
	p.w.do(func() {
		switch p.w.listErr, p.w.list = nil, nil; how {
		case "works":
		case "fails":
			p.w.listErr = errors.New("list projects: refused")
		case "hangs":
			p.w.list = func(ctx context.Context) error { return hang(ctx, "") }
		default:
			p.w.list = func(ctx context.Context) error { time.Sleep(p.duration(how)); return nil }
		}
	})
}

// probe probes a cloud and a project, which may be left out, within a minute.
func (p *player) probe(args []string) {
	var project *string
	if len(args) > 1 {
		project = new(strings.Trim(args[1], `"`))
	}
	begun := time.Now()
	probe, err := p.r.Probe(p.t.Context(), strings.Trim(args[0], `"`), project)
	if err != nil {
		p.say("probe: %v", err)
		return
	}
	probe.Collect(check.Within(p.t, time.Minute))
	st := probe.Snapshot().State("quotas")
	p.say("probe of %v took %s: success %v, data %v", probe.Target(), time.Since(begun), st.Success, st.Part != nil)
}

// show tells what is published of each target, and what happened since the last time.
func (p *player) show() {
	synctest.Wait()
	p.say("after %s, ready %v:", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), p.r.Ready())
	for _, s := range p.r.Snapshots() {
		st := s.State("quotas")
		text := fmt.Sprintf("  %s/%s: success %v", s.Cloud, s.Project, st.Success)
		if st.Part != nil {
			text += fmt.Sprintf(", used %v of %s ago", used(p.t, p.r, s.Project), time.Since(st.LastSuccess))
		}
		if st.Err != nil {
			text += fmt.Sprintf(", %v", st.Err)
		}
		p.say("%s", text)
	}
	p.w.do(func() {
		for _, name := range slices.Sorted(maps.Keys(p.w.fetched)) {
			if strings.HasSuffix(name, "/quotas") {
				p.say("  fetched %s %d times", name, p.w.fetched[name])
			}
		}
		if p.w.listings > 0 {
			p.say("  listed projects %d times", p.w.listings)
		}
		clear(p.w.fetched)
		p.w.listings = 0
	})
	if gone := p.w.gone(); len(gone) > 0 {
		p.say("  forgotten %v", gone)
	}
	if len(p.w.closed) > 0 {
		p.say("  closed %v", slices.Sorted(slices.Values(p.w.closed)))
	}
	p.w.do(func() { p.w.forgotten, p.w.closed = nil, nil })
	p.log()
}

// log tells of the lines that were logged since the last time, in order of their texts.
func (p *player) log() {
	text := p.w.log()
	var lines []string
	for line := range strings.Lines(text[p.logged:]) {
		if _, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			lines = append(lines, rest)
		}
	}
	p.logged = len(text)
	slices.Sort(lines)
	for _, line := range lines {
		p.say("  log: %s", line)
	}
}
