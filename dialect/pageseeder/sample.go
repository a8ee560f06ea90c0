package pageseeder

// Sample implements delivery.Sampler: an object with what each element may have.
func (*API) Sample(string) string {
	return `{"event":[{"id":1,"name":"example-group"}],"id":1,"name":"example-group","title":"Example"}`
}
