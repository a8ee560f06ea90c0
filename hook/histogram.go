package hook

import (
	"math"
	"slices"
	"time"
)

// A Histogram counts durations by their bucket; nil is an empty one. The buckets
// are those of histogramBounds for ever, since the counts are stored.
type Histogram []int64

// HistogramBuckets is the number of buckets.
const HistogramBuckets = 57

// histogramBounds are where the buckets end, in milliseconds: each about the
// root of two times the one before, up to three days. The last bucket has no
// end.
var histogramBounds = func() []int64 {
	bounds := []int64{1, 2, 3}
	for i := 0; len(bounds) < HistogramBuckets-1; i++ {
		bounds = append(bounds, int64(math.Round(4*math.Exp2(float64(i)/2))))
	}
	return bounds
}()

// add counts a duration.
func (h *Histogram) add(d time.Duration) {
	if *h == nil {
		*h = make(Histogram, HistogramBuckets)
	}
	ms := max(d.Milliseconds(), 0)
	bucket, found := slices.BinarySearch(histogramBounds, ms)
	if found { // a bound belongs to the next bucket
		bucket++
	}
	(*h)[bucket]++
}

// merge adds the counts of another histogram.
func (h *Histogram) merge(other Histogram) {
	if other == nil {
		return
	}
	if *h == nil {
		*h = make(Histogram, HistogramBuckets)
	}
	for i, n := range other {
		(*h)[i] += n
	}
}

// Quantile returns the duration in milliseconds that a share of the counted ones
// does not exceed, nil if there are none. It is interpolated within a bucket, so
// it is off by a fifth at most, or by a millisecond.
func (h Histogram) Quantile(share float64) *float64 {
	total := int64(0)
	for _, n := range h {
		total += n
	}
	if total == 0 {
		return nil
	}
	rank, below := share*float64(total), int64(0)
	for i, n := range h {
		if n == 0 || float64(below+n) < rank {
			below += n
			continue
		}
		low, high := float64(0), float64(histogramBounds[min(i, len(histogramBounds)-1)])
		if i > 0 {
			low = float64(histogramBounds[i-1])
		}
		value := math.Round(10*(low+(high-low)*(rank-float64(below))/float64(n))) / 10
		return &value
	}
	return nil
}
