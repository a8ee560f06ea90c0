package sqlite

import (
	"net/url"
	"path/filepath"
	"strings"
)

type role int

const (
	writing role = iota
	reading
	copying
)

// pageSize is that of a new file, in bytes. With documents of 500 to 1,000 bytes
// and seven indexes, 4, 8 and 16 KB take the same time for each event of the
// queue; the smallest reads least for a document that is not in the cache.
const pageSize = "4096"

// dsn names the database and the settings of a connection. The caches are small, in
// KB: the driver's allocator takes twice that for a page, and several times as much
// made neither publishing nor reading faster, since the system has the file in its
// memory too. The order of the settings counts: page size and vacuum mode can be set
// before the first table only, and before the journal is switched.
func dsn(path string, r role) string {
	pragmas := []string{
		"busy_timeout(5000)",
		"mmap_size(0)", // an I/O error under a memory map would kill the process
		"temp_store(MEMORY)",
	}
	switch r {
	case writing:
		pragmas = append(pragmas,
			"page_size("+pageSize+")",
			"auto_vacuum(INCREMENTAL)",
			"journal_mode(WAL)",
			"synchronous(FULL)", // an acknowledged write survives a power cut
			"cache_size(-16384)",
			"wal_autocheckpoint(8000)",     // 32 MB: pages that change often are copied less often
			"journal_size_limit(67108864)", // a burst does not keep its disk space
		)
	case copying:
		pragmas = append(pragmas, "cache_size(-4096)")
	case reading:
		pragmas = append(pragmas, "cache_size(-2048)", "query_only(1)")
	}
	slash := filepath.ToSlash(path)
	if !strings.HasPrefix(slash, "/") {
		slash = "/" + slash // a drive letter
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: slash}
	u.RawQuery = url.Values{"_pragma": pragmas}.Encode()
	return u.String()
}
