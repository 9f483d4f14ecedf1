// Package internal holds the runtime's own packages.
package internal

//go:generate sh -c "cd .. && ../../node_modules/.bin/buf generate"
