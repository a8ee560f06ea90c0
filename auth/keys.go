package auth

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// The names of the key files in the data folder.
const (
	adminKeyFile = "admin.key"
	dataKeyFile  = "secret.key"
)

var adminKeyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{32,256}$`)

func checkAdminKey(key hook.Secret) error {
	if !adminKeyForm.MatchString(key.Reveal()) {
		return errors.New("must be 32 to 256 of the characters A-Z a-z 0-9 _ -")
	}
	return nil
}

// AdminKey returns the key of the administrator: the given one, else the one in
// the file admin.key of the data folder, else a new one of 256 random bits that
// is stored there. made says that this call has stored it. Several processes
// that start at once get the same key.
func AdminKey(dir string, given hook.Secret) (key hook.Secret, made bool, err error) {
	if given != "" {
		if err := checkAdminKey(given); err != nil {
			return "", false, fmt.Errorf("HOOKGRAPH_ADMIN_KEY %w", err)
		}
		return given, false, nil
	}
	path := filepath.Join(dir, adminKeyFile)
	key, made, err = readOrMake(path)
	if err != nil {
		return "", false, err
	}
	if err := checkAdminKey(key); err != nil {
		return "", false, fmt.Errorf("%s: the key %w; remove the file to get a new one", path, err)
	}
	return key, made, nil
}

// DataKey returns the 32 bytes that webhook secrets are encrypted with: the
// given key, as 64 hexadecimal digits or in base64, else the one in the file
// secret.key of the data folder in the same form, else a new one that is stored
// there. A file that is there is never replaced: what was encrypted with it
// could not be read any more.
func DataKey(dir string, given hook.Secret) ([]byte, error) {
	if given != "" {
		key, err := decodeDataKey(given)
		if err != nil {
			return nil, fmt.Errorf("HOOKGRAPH_KEY %w", err)
		}
		return key, nil
	}
	path := filepath.Join(dir, dataKeyFile)
	text, _, err := readOrMake(path)
	if err != nil {
		return nil, err
	}
	key, err := decodeDataKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: the key %w; restore the file from a backup, because stored secrets cannot be read without it", path, err)
	}
	return key, nil
}

func decodeDataKey(given hook.Secret) ([]byte, error) {
	text := strings.TrimSpace(given.Reveal())
	if key, err := hex.DecodeString(text); err == nil && len(key) == 32 {
		return key, nil
	}
	if key, err := decodeBase64(text); err == nil && len(key) == 32 {
		return key, nil
	}
	return nil, errors.New("must be 32 bytes: 64 hexadecimal digits, or base64")
}

// decodeBase64 reads both alphabets, with padding or without.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}
