package wire

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// The rate that a credential really gets is found by additive increase and
// multiplicative decrease, since others use it as well: an answer 429 halves
// it, 503 takes a quarter, and each second without them gives a part back.
const (
	paceIncrease = 0.05 // of the full rate, a second
	paceEvery    = time.Second
	paceLeast    = 0.2 // requests a second
)

// paceStep is how far an answer takes the rate down, and how far such answers
// can take it at most: a cloud that fails is not relieved by being asked slowly.
type paceStep struct{ factor, least float64 }

func throttledStep() paceStep   { return paceStep{0.5, 0.02} }
func unavailableStep() paceStep { return paceStep{0.75, 0.5} }

// pace is the rate now allowed. Its owner guards it.
type pace struct {
	configured float64 // +Inf for no limit
	current    float64
	recoverTo  float64 // what the increase is a part of: twice the rate after the first decrease

	changed      time.Time // the last increase or decrease
	ignoreBefore time.Time // responses to requests sent before this time are already accounted for
	since        time.Time // sent counts from here
	sent         int

	next time.Time // the next request may be sent then
}

func newPace() pace {
	return pace{configured: math.Inf(1), current: math.Inf(1), recoverTo: math.Inf(1)}
}

// adopt takes a configured rate; 0 is no limit. What was learnt stays.
func (p *pace) adopt(perSecond float64) {
	adapted := p.current < p.configured
	p.configured = perSecond
	if perSecond == 0 {
		p.configured = math.Inf(1)
	}
	if !adapted || p.current > p.configured {
		p.current = p.configured
	}
}

func (p *pace) send(now time.Time) {
	if p.since.IsZero() || now.Sub(p.since) > 10*paceEvery && p.current == p.configured {
		p.since, p.sent = now, 0 // what was long ago says nothing of the present
	}
	p.sent++
}

// decrease takes the rate down, from what was really sent if that was less. Of the
// answers to requests that were under way at the same time only the first counts.
// Nothing will be sent for the time to wait; reported is that time where the cloud
// itself named it: from then on it takes requests again.
func (p *pace) decrease(step paceStep, sent, now time.Time, wait, reported time.Duration) {
	if sent.Before(p.ignoreBefore) {
		return
	}
	rate := p.current * step.factor
	if p.sent >= enoughSent || math.IsInf(rate, 1) {
		rate = min(rate, p.over(now)*step.factor)
		if reported > 0 && reported <= longestWindow { // so many in this time, and no more
			rate = min(rate, p.over(now.Add(reported)))
		}
	}
	if p.current == p.configured {
		p.recoverTo = min(p.configured, 2*rate)
	}
	p.current = min(p.current, max(rate, min(p.recoverTo, p.configured)*step.least, paceLeast))
	resume := now.Add(wait)
	p.ignoreBefore, p.changed = now, resume
	p.since, p.sent = resume, 0
}

// longestWindow is the longest in which gateways count requests. A request to
// wait longer says nothing of the rate, and must not slow down all else.
const longestWindow = 5 * time.Minute

// enoughSent are as many requests as show at what rate they were sent.
const enoughSent = 20

// over is the rate of what was sent, had it taken until then.
func (p *pace) over(until time.Time) float64 {
	return float64(p.sent) / max(until.Sub(p.since).Seconds(), 0.1)
}

// increase gives back what the time since the last change has earned.
func (p *pace) increase(now time.Time) {
	if p.current >= p.configured || now.Sub(p.changed) < paceEvery {
		return
	}
	seconds := now.Sub(p.changed).Seconds()
	p.current = min(p.configured, p.current+seconds*max(p.recoverTo*paceIncrease, paceLeast))
	p.changed = now
}

// timerSlack is how much too early a request may be sent: a timer cannot wait for
// much less.
const timerSlack = 10 * time.Millisecond

// turn is when the next request may be sent. The turn is taken unless it comes
// after the deadline, if there is one. (The limiter of golang.org/x/time/rate
// lets requests bunch while its rate rises.)
func (p *pace) turn(now, deadline time.Time) (at time.Time, ok bool) {
	if math.IsInf(p.current, 1) {
		return now, true
	}
	at = now
	if p.next.After(now) {
		at = p.next
	}
	if !deadline.IsZero() && at.After(deadline) {
		return at, false
	}
	p.next = at.Add(time.Duration(float64(time.Second) / p.current))
	return at, true
}

const throttleDefault = time.Minute // the pause after a 429 without Retry-After

// throttleWait is how long to pause after a 429; reported is how long the cloud
// itself said, 0 if it did not. The gateways of Huawei Cloud and OTC send no Retry-After but
// name their window in the text.
func throttleWait(resp *http.Response) (wait, reported time.Duration) {
	if wait, ok := apierr.RetryAfter(resp.Header, time.Now()); ok {
		return max(wait, time.Second), wait
	}
	f := apierr.ParseFault(Peek(resp))
	if f.RetryAfter > 0 {
		return f.RetryAfter, f.RetryAfter
	}
	reported = throttleWindow(f.Message)
	return max(throttleDefault, reported), reported
}

var windowText = regexp.MustCompile(`time:\s*(\d{1,4})\s*(second|minute|hour)`)

// throttleWindow reads "…over ratelimit,limit:200,time:5 minute".
func throttleWindow(message string) time.Duration {
	m := windowText.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}[m[2]]
	return min(time.Duration(n)*unit, apierr.MaxWait)
}
