package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

func targetsNamed(clouds, projects int) []Target {
	var all []Target
	for c := range clouds {
		for p := range projects {
			all = append(all, Target{fmt.Sprintf("cloud-%d", c), fmt.Sprintf("project-%03d", p)})
		}
	}
	return all
}

func TestEachTargetHasOneOwnerAndAllShardsAboutAsMany(t *testing.T) {
	for _, tt := range []struct {
		clouds, projects, total int
		most                    float64 // of the mean
	}{{10, 20, 4, 1.25}, {1, 200, 4, 1.25}, {200, 1, 4, 1.25}, {10, 1000, 16, 1.15}, {3, 7, 1, 1}} {
		n := make([]int, tt.total)
		for _, target := range targetsNamed(tt.clouds, tt.projects) {
			owned := 0
			for i := range tt.total {
				if (Shard{i, tt.total}).Owns(target) {
					owned++
					n[i]++
				}
			}
			if owned != 1 {
				t.Fatalf("%v has %d owners of %d shards", target, owned, tt.total)
			}
		}
		mean := float64(tt.clouds*tt.projects) / float64(tt.total)
		for i, got := range n {
			if float64(got) > mean*tt.most || float64(got) < mean*(2-tt.most) {
				t.Errorf("%+v: shard %d has %d targets, the mean is %.1f", tt, i, got, mean)
			}
		}
	}
}

func TestOneMoreShardMovesOnlyItsOwnTargets(t *testing.T) {
	all := targetsNamed(10, 1000)
	moved := 0
	for _, target := range all {
		for i := range 16 {
			before, after := Shard{i, 16}.Owns(target), Shard{i, 17}.Owns(target)
			if after && !before {
				t.Fatalf("%v moved to the old shard %d", target, i)
			}
			if before && !after {
				moved++
			}
		}
	}
	if share := float64(moved) / float64(len(all)); share > 1.0/17+0.02 {
		t.Errorf("%.1f %% of all targets moved, want at most 1/17 and 2 %%", 100*share)
	}
}

// TestOwnersNeverChange holds the hash: replicas of two versions must agree.
func TestOwnersNeverChange(t *testing.T) {
	var got []string
	for _, target := range []Target{{"otc-prod", "eu-de"}, {"otc-prod", "eu-de_team-a"}, {"huawei", "cn-north-4"}, {"os", "admin"}, {"", ""}, {"a", "b"}, {"ab", ""}} {
		for i := range 4 {
			if (Shard{i, 4}).Owns(target) {
				got = append(got, fmt.Sprint(i))
			}
		}
	}
	check.Equal(t, "owners", "1 0 2 0 0 3 2", strings.Join(got, " "))
}

func TestShardsAreChecked(t *testing.T) {
	for s, taken := range map[Shard]bool{
		{0, 0}: false, {-1, 2}: false, {2, 2}: false, {5, 2}: false, {0, -1}: false, {0, 1}: true, {3, 4}: true,
	} {
		if err := s.Check(); (err == nil) != taken {
			t.Errorf("%+v: %v, want it taken: %v", s, err, taken)
		}
	}
}

func TestAShardBeginsAndFetchesNothingForOthers(t *testing.T) {
	var projects []string
	for i := range 40 {
		projects = append(projects, fmt.Sprintf("p%02d", i))
	}
	for _, written := range []string{strings.Join(projects, ", "), `"*"`} {
		var seen []string
		for i := range 3 {
			w, shard := newWorld(), Shard{i, 3}
			w.projects["c"] = projects
			w.change = func(o *Options) { o.Shard = shard }
			watch(t, w, parse(t, "", "c: "+written), func(t *testing.T, r *Runner) {
				scrape(r, time.Minute)
				for _, target := range r.Targets() {
					seen = append(seen, target.Project)
				}
				for name := range w.fetched {
					if project := strings.Split(name, "/")[1]; !shard.Owns(Target{"c", project}) {
						t.Errorf("%+v fetched %s", shard, name)
					}
				}
				if len(w.begun) == 0 || slices.ContainsFunc(w.begun, func(of Target) bool { return !shard.Owns(of) }) {
					t.Errorf("%+v begins %v", shard, w.begun)
				}
			})
		}
		slices.Sort(seen)
		check.Equal(t, "projects of all shards together", projects, seen)
	}
}
