//go:build !faults

package main

import "google.golang.org/grpc"

// serverOptions are none: only the build with faults has some.
func serverOptions() []grpc.ServerOption { return nil }
