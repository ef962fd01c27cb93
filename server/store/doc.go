// Package store is the durable state of the account replicas behind one interface: what would be lost for good if it
// were lost (UIDs, UIDVALIDITY, mod-sequences, \Deleted), and a cache of what can be fetched again.
package store
