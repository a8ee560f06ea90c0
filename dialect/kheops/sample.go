package kheops

// Sample implements delivery.Sampler. The UIDs are of the part of the tree of
// DICOM that is made of UUIDs.
func (*API) Sample(eventType string) string {
	yes := true
	d := data{Source: &user{Email: "example.user@example.com", Name: "Example User", Sub: "example", IsAdmin: &yes}}
	sample := &study{
		StudyUID: "2.25.1", StudyDescription: "Example", Series: []series{{Modality: "CT", SeriesDescription: "Example", SeriesUID: "2.25.2", Instances: 1}},
	}
	switch eventType {
	case newUser:
		d.NewUser = d.Source
	case newSeries:
		d.ImportSource, d.UpdatedStudy = "send", sample
	case removeSeries:
		d.RemovedStudy = sample
	}
	return d.text()
}
