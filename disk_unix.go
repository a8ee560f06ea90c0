//go:build linux || darwin || freebsd

package main

import "syscall"

// freeBytes returns how many bytes of the disk of a folder are free for this
// user.
func freeBytes(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
