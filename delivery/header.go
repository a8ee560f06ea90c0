package delivery

import (
	"slices"
	"strings"
)

// replaceable are headers of a delivery that say nothing of its content, so that
// a webhook's own may stand in their place.
var replaceable = []string{"User-Agent", "Accept"}

// WithOwn returns the headers of a delivery with the webhook's own after them. An
// own header never replaces or repeats one that the delivery has, such as its
// signature, except for User-Agent and Accept: these it replaces.
func WithOwn(header, own [][2]string) [][2]string {
	n := len(header)
	header = slices.Clone(header)
	for _, h := range own {
		i := slices.IndexFunc(header[:n], func(has [2]string) bool { return strings.EqualFold(has[0], h[0]) })
		switch {
		case i < 0:
			header = append(header, h)
		case slices.ContainsFunc(replaceable, func(name string) bool { return strings.EqualFold(name, h[0]) }):
			header[i] = h
		}
	}
	return header
}
