package collector

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoFetchesOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		calls := make(chan struct{}, 10)
		for range 5 {
			go func() {
				v, err := m.get(t.Context(), func(context.Context) (int, error) {
					calls <- struct{}{}
					time.Sleep(time.Second)
					return 7, errOutage
				})
				if v != 7 || !errors.Is(err, errOutage) {
					t.Errorf("got %d, %v; want the shared answer", v, err)
				}
			}()
		}
		synctest.Wait()
		time.Sleep(2 * time.Second)
		if len(calls) != 1 {
			t.Errorf("fetched %d times", len(calls))
		}
	})
}

func TestMemoOutlivesACallerThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		fetch := func(ctx context.Context) (int, error) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(time.Minute):
				return 7, nil
			}
		}
		first, giveUp := context.WithCancel(t.Context())
		go func() {
			if _, err := m.get(first, fetch); !errors.Is(err, context.Canceled) {
				t.Errorf("the first caller got %v", err)
			}
		}()
		synctest.Wait()
		go func() {
			if v, err := m.get(t.Context(), fetch); v != 7 || err != nil {
				t.Errorf("the second caller got %d, %v; want an answer of its own", v, err)
			}
		}()
		synctest.Wait()
		giveUp()
		time.Sleep(2 * time.Minute)
	})
}

func TestMemoLeavesACallerWhoseTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		go m.get(t.Context(), func(context.Context) (int, error) { time.Sleep(time.Hour); return 7, nil })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := m.get(ctx, nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(begin))
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestMemoSharesAPanicAsAnError(t *testing.T) {
	var m memo[int]
	for range 2 {
		_, err := m.get(t.Context(), func(context.Context) (int, error) { panic("boom") })
		if _, ok := errors.AsType[*PanicError](err); !ok {
			t.Fatalf("got %v, want the panic", err)
		}
	}
}
