package hook

// The length of an OAuth secret that a caller chooses. Hashes of shorter ones
// could be reversed by trying.
const (
	minClientSecret = 16
	maxClientSecret = 255
)

// setSecret gives a client the OAuth secret that a viewer chose.
func (c *Client) setSecret(v *Viewer, given Patch[Secret]) error {
	if !given.Given {
		return nil
	}
	if !v.Owner.IsZero() {
		// It reaches this client only; a token would reach all of its member's.
		return &Error{Code: Forbidden, Field: "clientSecret", Message: "a key that is bound to a client does not set its secret"}
	}
	if given.Value == "" {
		c.SecretHash, c.Granted = nil, nil
		return nil
	}
	text := given.Value.Reveal()
	if err := validLine("clientSecret", text, maxClientSecret); err != nil {
		return err
	}
	if length(text) < minClientSecret {
		return Invalidf("clientSecret", "must have at least %d characters", minClientSecret)
	}
	c.SecretHash, c.Granted = hashToken(given.Value), v.Permissions
	return nil
}
