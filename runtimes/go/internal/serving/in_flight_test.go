package serving

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAShutdownWaitsForCallsWithinALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := new(inFlight)
		if first, second := calls.begin(), calls.begin(); !first || !second {
			t.Fatal("a call was refused before the shutdown")
		}
		calls.stop()
		calls.stop()
		if calls.begin() || !calls.stopping() {
			t.Error("a call began after the shutdown")
		}
		started := time.Now()
		calls.end()
		calls.wait(time.Minute)
		if time.Since(started) != time.Minute {
			t.Errorf("waited %s for a call that kept running", time.Since(started))
		}
		time.AfterFunc(time.Second, calls.end)
		started = time.Now()
		calls.wait(time.Minute)
		if time.Since(started) != time.Second {
			t.Errorf("waited %s for a call that ended after a second", time.Since(started))
		}
	})
}
