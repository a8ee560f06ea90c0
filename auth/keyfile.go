package auth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/hookgraph/hookgraph/hook"
)

const maxKeyFile = 1024 // bytes

// readOrMake returns the text of a key file. If there is none, it makes one.
func readOrMake(path string) (text hook.Secret, made bool, err error) {
	text, err = readKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, false, err
	}
	if made, err = makeKeyFile(path); err != nil {
		return "", false, err
	}
	text, err = readKeyFile(path)
	return text, made, err
}

func readKeyFile(path string) (hook.Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return "", fmt.Errorf("%s is not a key file", path)
	}
	// The group may read it: Kubernetes grants that when it mounts a volume with
	// an fsGroup. Windows has no such bits.
	if info.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s can be read or written by every user (mode %04o): run chmod 600 on it, and replace the key if others may have seen it",
			path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return hook.Secret(strings.TrimSpace(string(text))), nil
}

// makeKeyFile stores a new key that only the owner of the process can read. It
// becomes visible whole, by a link, which fails where a file already is: of
// several processes one makes the key and no file is ever replaced.
func makeKeyFile(path string) (made bool, err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	temporary, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()
	var key [32]byte
	rand.Read(key[:])
	if _, err := temporary.WriteString(base64.RawURLEncoding.EncodeToString(key[:]) + "\n"); err != nil {
		return false, err
	}
	if err := temporary.Sync(); err != nil {
		return false, err
	}
	err = os.Link(temporary.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("%w: put a key there, or give one by the environment", err)
	}
	return err == nil, syncDir(dir)
}

// syncDir makes the names in a folder durable. Windows and some network file
// systems do that by themselves and know no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
