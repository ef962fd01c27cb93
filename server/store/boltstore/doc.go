// Package boltstore keeps account replicas in bolt files: one that must not be lost, and one for the cache.
package boltstore
