package session

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"

// reservedShare is the share of all sessions that no caller alone can use up. All anonymous callers count as one.
const reservedShare = 10

// quota counts the sessions of each owner, so that the sessions of one caller do not lock out another (SESSION-11). The
// mutex of the store guards it.
type quota struct {
	limits  Limits
	held    map[string]map[*Session]struct{}
	opening map[string]int
	total   int
}

func newQuota(limits Limits) *quota {
	return &quota{limits: limits, held: map[string]map[*Session]struct{}{}, opening: map[string]int{}}
}

func (q *quota) count(owner string) int { return len(q.held[owner]) + q.opening[owner] }

func (q *quota) limit(owner string) int {
	shared := q.limits.MaxSessions - q.limits.MaxSessions/reservedShare
	if owner == "" {
		return shared
	}
	return min(shared, q.limits.MaxSessionsPerCaller)
}

// makeRoom returns the session that must end before the owner can open another one, or nil. It fails with a 429 if
// there is no room.
func (q *quota) makeRoom(owner string) (*Session, error) {
	if q.count(owner) >= q.limit(owner) {
		return nil, failure.Refuse(failure.RateLimited, "too_many_sessions_of_caller",
			"The caller has too many sessions: close some, or retry later")
	}
	if q.total < q.limits.MaxSessions {
		return nil, nil
	}
	if spare := q.spareFor(owner); spare != nil {
		return spare, nil
	}
	return nil, failure.Refuse(failure.RateLimited, "too_many_sessions",
		"There are too many sessions: close some, or retry later")
}

// reserve counts a handshake in flight, until release.
func (q *quota) reserve(owner string) {
	q.opening[owner]++
	q.total++
}

func (q *quota) release(owner string) {
	if q.opening[owner]--; q.opening[owner] == 0 {
		delete(q.opening, owner)
	}
	q.total--
}

func (q *quota) add(session *Session) {
	if q.held[session.Owner] == nil {
		q.held[session.Owner] = map[*Session]struct{}{}
	}
	q.held[session.Owner][session] = struct{}{}
	q.total++
}

func (q *quota) remove(session *Session) {
	held := q.held[session.Owner]
	if _, isHeld := held[session]; !isHeld {
		return
	}
	if delete(held, session); len(held) == 0 {
		delete(q.held, session.Owner)
	}
	q.total--
}

// spareFor returns the session that can end to make room for an owner, or nil: an idle session of the caller with the
// most sessions, who must have at least two more than the owner. Sessions that were never used come first, then those
// that were idle for the longest time.
func (q *quota) spareFor(owner string) *Session {
	var most map[*Session]struct{}
	for _, held := range q.held {
		if len(held) > len(most) {
			most = held
		}
	}
	if len(most) < q.count(owner)+2 {
		return nil
	}
	var spare *Session
	for session := range most {
		if !session.busy() && (spare == nil || session.sparerThan(spare)) {
			spare = session
		}
	}
	return spare
}

func (s *Session) sparerThan(other *Session) bool {
	if used, otherUsed := s.wasUsed.Load(), other.wasUsed.Load(); used != otherUsed {
		return otherUsed
	}
	return s.lastUsed.Load() < other.lastUsed.Load()
}
