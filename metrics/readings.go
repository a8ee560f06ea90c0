package metrics

import "github.com/prometheus/client_golang/prometheus"

// readings are what is asked for when somebody reads the metrics.
type readings struct{ from Sources }

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("hookgraph_"+name, help, nil, nil)
}

var (
	eventsTotal   = describe("events_published_total", "Events that were stored by this process.")
	triggersTotal = describe("triggers_created_total", "Triggers, each an event on its way to a webhook, that were stored by this process.")
	statsErrors   = describe("stats_write_errors_total", "Writes of the counters of webhooks that failed; they are repeated.")
	refusing      = describe("publishing_refused", "1 while events are refused because the disk is nearly full.")
	inFlight      = describe("deliveries_in_flight", "Requests to receivers that are under way.")
	lanes         = describe("queue_lanes", "Webhooks that this process knows to have open triggers.")
	breakers      = describe("breakers_open", "Webhooks that are only probed because their receivers do not answer well.")
	subscriptions = describe("subscriptions", "GraphQL subscriptions that are open.")
	database      = describe("database_bytes", "What the embedded database takes on the disk, with its write-ahead log.")
	free          = describe("disk_free_bytes", "What is free on the disk of the data folder.")
)

// Describe implements prometheus.Collector.
func (r readings) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(r, out) }

// Collect implements prometheus.Collector.
func (r readings) Collect(out chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64) {
		out <- prometheus.MustNewConstMetric(d, kind, value)
	}
	if r.from.Totals != nil {
		t := r.from.Totals()
		send(eventsTotal, prometheus.CounterValue, float64(t.Events))
		send(triggersTotal, prometheus.CounterValue, float64(t.Triggers))
		send(statsErrors, prometheus.CounterValue, float64(t.StatsErrors))
		refused := 0.0
		if t.Refusing {
			refused = 1
		}
		send(refusing, prometheus.GaugeValue, refused)
	}
	if r.from.Load != nil {
		l := r.from.Load()
		send(inFlight, prometheus.GaugeValue, float64(l.InFlight))
		send(lanes, prometheus.GaugeValue, float64(l.Lanes))
		send(breakers, prometheus.GaugeValue, float64(l.Breakers))
	}
	if r.from.Subscriptions != nil {
		send(subscriptions, prometheus.GaugeValue, float64(r.from.Subscriptions()))
	}
	for d, read := range map[*prometheus.Desc]func() (int64, error){database: r.from.DatabaseBytes, free: r.from.FreeBytes} {
		if read == nil {
			continue
		}
		if n, err := read(); err == nil {
			send(d, prometheus.GaugeValue, float64(n))
		}
	}
}
