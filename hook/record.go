package hook

// A Record is one webhook of an import, as a dialect's reader understood it.
type Record struct {
	// Position counts from 1.
	Position int
	// Webhook has what the source told. Its Key, Number, Dialect, Name, URL,
	// Subscriptions, Enabled, Health, ExpiresAt, SecretState and the dialect's
	// own fields are taken over, and Created and Modified unless zero. The owner
	// is that of Client, or of the import.
	Webhook *Webhook
	// Client and Member are set by PageSeeder's records; Client.Created is zero
	// if unknown.
	Client *Client
	Member *Member
	// Last are the latest triggers, the latest first, and Triggers is their
	// number in all (Kheops).
	Last     []LastTrigger
	Triggers int64
	// Err is set if the record cannot be understood: an *Error with the field.
	Err error
}
