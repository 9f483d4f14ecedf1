package lifecycle

import (
	"testing"
)

// BenchmarkInvoke makes concurrent echo calls over one connection.
func BenchmarkInvoke(b *testing.B) {
	runtime := serve(b, nil)
	session := runtime.session()
	request := post(session, tool("conformance_echo", `{"text":"hello"}`))
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(loop *testing.PB) {
		for loop.Next() {
			if answer, err := runtime.client.Invoke(b.Context(), request); err != nil || answer.GetStatus() != 200 {
				b.Errorf("got %v, %v", answer, err)
				return
			}
		}
	})
}

// BenchmarkSession opens and closes a session.
func BenchmarkSession(b *testing.B) {
	runtime := serve(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		request := post(runtime.session(), "")
		request.Method = "DELETE"
		if answer, err := runtime.client.CloseSession(b.Context(), request); err != nil || answer.GetStatus() != 204 {
			b.Fatalf("got %v, %v", answer, err)
		}
	}
}
