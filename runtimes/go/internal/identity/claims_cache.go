package identity

import "sync"

const (
	// maxCachedBytes limits the size of an auth context in the cache.
	maxCachedBytes = 4 << 10
	// maxRecentClaims limits the auth contexts of one generation in the cache.
	maxRecentClaims = 512
)

// claimsCache remembers the claims of recently decoded auth contexts. Most calls repeat the context of an earlier call
// of the same caller. Claims must not be changed, because calls share them. The zero value is usable.
//
// The cache has two generations. When the recent one is full, it replaces the older one. A call that uses an older entry
// moves it to the recent generation.
type claimsCache struct {
	mu            sync.RWMutex
	recent, older map[string]Claims
}

// decode returns the claims from the cache, or decodes and remembers them. It does not remember failures.
func (c *claimsCache) decode(encoded string) (Claims, error) {
	c.mu.RLock()
	claims, isRecent := c.recent[encoded]
	older, isOlder := c.older[encoded]
	c.mu.RUnlock()
	if isRecent {
		return claims, nil
	}
	if !isOlder {
		var err error
		if older, err = decodeClaims(encoded); err != nil {
			return Claims{}, err
		}
	}
	c.remember(encoded, older)
	return older, nil
}

func (c *claimsCache) remember(encoded string, claims Claims) {
	if len(encoded) > maxCachedBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.recent) >= maxRecentClaims {
		c.older, c.recent = c.recent, nil
	}
	if c.recent == nil {
		c.recent = make(map[string]Claims)
	}
	c.recent[encoded] = claims
}
