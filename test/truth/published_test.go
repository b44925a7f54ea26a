package truth

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
	"cloudip_exporter/test/metrictest"
)

// threeClouds are all simulated clouds behind one port, in the default small
// estate, and the configuration that watches them.
func threeClouds(t *testing.T) (all *simtest.All, yaml string) {
	t.Helper()
	all = simtest.NewAll(simulator.Options{})
	return all, everySeries + all.ConfigYAML(loopback.Serve(t, all))
}

// truthOf is what must be published of all three clouds with their defaults.
func truthOf(all *simtest.All) metrictest.Series {
	want := metrictest.Series{}
	for _, c := range all.Clouds() {
		w := watching{}.as(simulated{Cloud: c})
		w.cloud = nameOf(c)
		maps.Copy(want, expect(c.Truth(), w))
	}
	return want
}

// nameOf is the name that the cloud gives itself in its configuration.
func nameOf(c *simtest.Cloud) string {
	return regexp.MustCompile(`name: "(.*)"`).FindStringSubmatch(c.ConfigYAML("http://127.0.0.1", "password"))[1]
}

// The conformance suite: each provider is watched by each way to log in
// that it has, and publishes what is true of its cloud.
func TestConformanceOfEachProviderByEachLogin(t *testing.T) {
	for _, p := range provider.All() {
		c := simulateCloud(t, simulator.Options{Provider: standsFor(p)})
		file := check.Write(t, filepath.Join(t.TempDir(), "clouds.yaml"), c.CloudsYAML(simulator.Exporter, c.base))
		endpoints := fmt.Sprintf("  endpoints: {metadata: %q, vpc: %q, compute: %q, bms: %q}", c.base, c.base+"/vpc", c.base+"/ecs", c.base+"/bms")
		for _, login := range p.Logins {
			t.Run(p.Name+"/"+login, func(t *testing.T) {
				w := watching{auth: login, provider: p.Name, extra: []string{"  limits: {page_size: 7, requests_per_second: 5000}"}}
				switch login {
				case config.CloudsYAML:
					w.auth += ":" + file
				case config.InstanceMetadata:
					w.extra = append(w.extra, endpoints)
				case config.Env:
					for _, variable := range c.Environ(simulator.Exporter, c.base) {
						name, value, _ := strings.Cut(variable, "=")
						t.Setenv(name, value)
					}
				}
				w.judge(t, c)
			})
		}
	}
}

// standsFor is the simulated cloud that stands for a provider: its own, or one of its kind.
func standsFor(p *provider.Provider) string {
	switch {
	case slices.Contains(providers(), p.Name):
		return p.Name
	case p.Regional:
		return simulator.OTC
	}
	return simulator.OpenStack
}

func TestEveryProjectOfACredentialIsPublished(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		c := simulateCloud(t, simulator.Options{Provider: provider})
		names := []string{"cn-north-4", "cn-north-4_research"}
		switch provider {
		case simulator.OTC:
			names = []string{"eu-de", "eu-de_research"}
		case simulator.OpenStack:
			names = []string{"admin", "alpha", "beta"}
		}
		w := watching{auth: "password", extra: []string{`  projects: ["*"]`}}
		want := metrictest.Series{}
		for _, name := range names {
			w.project, w.view.Project = name, name
			maps.Copy(want, expect(c.Truth(w.view), w.as(c)))
		}
		compare(t, want, watch(t, w.yaml(c)).metrics("/metrics"))
	})
}

func TestTheTruthIsPublishedInTheBackground(t *testing.T) {
	all, yaml := threeClouds(t)
	compare(t, truthOf(all), watch(t, "collection: {interval: 1h}\n"+yaml).metrics("/metrics"))
}

func TestTheDemoPublishesTheTruthAtAnyTime(t *testing.T) {
	ages := []int{0, 12, 35, 55, 130}
	if testing.Short() {
		ages = []int{35}
	}
	for _, minutes := range ages {
		t.Run(fmt.Sprintf("minute %d", minutes), func(t *testing.T) {
			now := time.Now()
			world := simtest.NewDemo(simulator.DemoOptions{Start: now.Add(-time.Duration(minutes) * time.Minute), Now: func() time.Time { return now }})
			compare(t, truthOf(world), watch(t, everySeries+world.ConfigYAML(loopback.Serve(t, world))).metrics("/metrics"))
		})
	}
}

func TestProbesAddUpToMetrics(t *testing.T) {
	all, yaml := threeClouds(t)
	s := watch(t, yaml)
	s.get("/metrics", "") // the own scope of a credential has its name then
	body, contentType := s.get("/sd/targets", "")
	if !strings.HasPrefix(contentType, "application/json") {
		t.Errorf("/sd/targets is %q", contentType)
	}
	type sdGroup struct {
		Targets []string
		Labels  map[string]string
	}
	var groups []sdGroup
	check.OK(t, json.Unmarshal(body, &groups))
	var want []sdGroup
	for _, c := range all.Clouds() {
		cloud, project := nameOf(c), c.Credentials(simulator.Exporter).DefaultProject
		want = append(want, sdGroup{
			Targets: []string{strings.TrimPrefix(s.base, "http://")},
			Labels:  map[string]string{"__metrics_path__": "/probe", "__param_cloud": cloud, "__param_project": project, "cloud": cloud, "project": project},
		})
	}
	check.Equal(t, "/sd/targets", want, groups)
	together := metrictest.Series{}
	for _, g := range groups {
		query := url.Values{"cloud": {g.Labels["__param_cloud"]}, "project": {g.Labels["__param_project"]}}
		probe := s.metrics(g.Labels["__metrics_path__"] + "?" + query.Encode())
		for key := range probe {
			own := metrictest.Label(key, "cloud") == g.Labels["cloud"] && metrictest.Label(key, "project") == g.Labels["project"]
			if !own && metrictest.Family(key) != "cloudip_series_dropped" {
				t.Errorf("a probe of %v publishes %s", g.Labels["cloud"], key)
			}
		}
		maps.Copy(together, probe)
	}
	compare(t, ofCollectors(s.metrics("/metrics")), together)
}

func TestCountersAgreeWithTheCloud(t *testing.T) {
	begun := time.Now()
	forEachProvider(t, func(t *testing.T, provider string) {
		c := simulateCloud(t, simulator.Options{Provider: provider})
		w := watching{auth: authTypes(provider)[1]}
		got := w.judge(t, c)
		want := map[string]float64{}
		for _, r := range c.Requests() {
			want[fmt.Sprint(r.Status)]++
		}
		saw := map[string]float64{}
		for key, v := range got.Of("cloudip_api_requests_total") {
			saw[metrictest.Label(key, "code")] += v
		}
		check.Equal(t, "requests by status (-the cloud saw +published):", want, saw)
		check.Equal(t, "durations", float64(len(c.Requests())), got.Of("cloudip_api_request_duration_seconds").Total())
		for _, collector := range allCollectors(provider) {
			at := got.Of("cloudip_collector_last_success_timestamp_seconds", "collector", collector)
			took := got.Of("cloudip_collector_duration_seconds", "collector", collector)
			if len(at) != 1 || at.Total() < float64(begun.Unix()) || at.Total() > float64(time.Now().Unix()+1) {
				t.Errorf("%s last succeeded at %v", collector, at)
			}
			if len(took) != 1 || took.Total() <= 0 || took.Total() > 60 {
				t.Errorf("%s took %v seconds", collector, took)
			}
		}
		dropped := got.Of("cloudip_series_dropped")
		if len(dropped) == 0 || dropped.Total() != 0 {
			t.Errorf("left out, or not told: %v", dropped)
		}
	})
}
