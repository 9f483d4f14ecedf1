package identity

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheCacheReturnsTheClaimsOfEachContext(t *testing.T) {
	var cache claimsCache
	for range 2 {
		for i := range 3 * maxRecentClaims {
			email := fmt.Sprintf("%d@example.com", i)
			claims, err := cache.decode(encoded(fmt.Sprintf(`{"email":%q}`, email)).Encoded)
			if err != nil || *claims.Email != email {
				t.Fatalf("%s: got %+v, %v", email, claims, err)
			}
		}
	}
	if n := len(cache.recent) + len(cache.older); n > 2*maxRecentClaims {
		t.Errorf("the cache has %d entries", n)
	}
}

func TestTheCacheKeepsContextsInUse(t *testing.T) {
	var cache claimsCache
	used := encoded(`{"email":"used@example.com"}`).Encoded
	for i := range 3 * maxRecentClaims {
		for _, each := range []string{used, encoded(fmt.Sprintf(`{"email":"%d"}`, i)).Encoded} {
			if _, err := cache.decode(each); err != nil {
				t.Fatal(err)
			}
		}
		_, isRecent := cache.recent[used]
		if _, isOlder := cache.older[used]; !isRecent && !isOlder {
			t.Fatal("the cache has forgotten a context in use")
		}
	}
}

func TestTheCacheRemembersNeitherFailuresNorLargeContexts(t *testing.T) {
	var cache claimsCache
	if _, err := cache.decode("e30x"); err == nil {
		t.Error("an invalid context was decoded")
	}
	large := encoded(fmt.Sprintf(`{"email":%q}`, strings.Repeat("x", maxCachedBytes)))
	if claims, err := cache.decode(large.Encoded); err != nil || len(*claims.Email) != maxCachedBytes {
		t.Errorf("got %v", err)
	}
	if len(cache.recent) != 0 {
		t.Errorf("the cache has %d entries", len(cache.recent))
	}
}
