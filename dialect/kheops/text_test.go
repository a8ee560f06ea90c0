package kheops

import "testing"

// TestText checks the writer's rules for characters (section 1), some of which
// no webhook can have.
func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               `""`,
		"a/b<c>&'":                       `"a/b<c>&'"`,
		`"\`:                             `"\"\\"`,
		"\b\t\n\f\r":                     `"\b\t\n\f\r"`,
		"\x00\x0b\x1f ":                  `"\u0000\u000B\u001F "`,
		"~\x7f\u0080\u009f\u00a0":        `"~\u007F\u0080\u009F` + "\u00a0\"",
		"é\u2028\ufeff\uffff":            "\"é\u2028\ufeff\uffff\"",
		"\U00010000\U0001F600\U0010FFFF": `"\uD800\uDC00\uD83D\uDE00\uDBFF\uDFFF"`,
		"a\xffb":                         "\"a\ufffdb\"",
	} {
		if got := string(appendText(nil, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
