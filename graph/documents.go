package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// documents keeps parsed and validated documents, and the texts of automatic
// persisted queries, both bounded in bytes.
type documents struct {
	schema  *ast.Schema
	options Options
	rules   *rules.Rules
	helpful *rules.Rules // those that suggest names; nil for none
	lengths introspectionLengths
	parsed  *otter.Cache[string, *ast.QueryDocument]
	texts   *otter.Cache[string, string]
}

const (
	// maxCachedDocument keeps a few large documents from driving all others out.
	maxCachedDocument = 16 << 10
	// parsedFactor is about how many bytes the tree of a document takes for each
	// byte of its text.
	parsedFactor = 40
	// entryBytes is what an entry of a cache takes beside its content.
	entryBytes = 256
)

func newDocuments(schema *ast.Schema, options Options) *documents {
	limit := uint64(options.Limits.CacheBytes)
	var helpful *rules.Rules
	if options.Introspection {
		helpful = rules.NewDefaultRules()
	}
	return &documents{
		schema: schema, options: options, rules: quietRules(), helpful: helpful,
		lengths: newIntrospectionLengths(schema),
		parsed: otter.Must(&otter.Options[string, *ast.QueryDocument]{
			MaximumWeight: limit,
			Weigher:       func(text string, _ *ast.QueryDocument) uint32 { return uint32(entryBytes + len(text)*parsedFactor) },
		}),
		texts: otter.Must(&otter.Options[string, string]{
			MaximumWeight: limit / 4,
			Weigher:       func(hash, text string) uint32 { return uint32(entryBytes + len(hash) + len(text)) },
		}),
	}
}

// quietRules are the specification's, without suggestions: messages do not tell
// names of the schema that the caller did not use.
func quietRules() *rules.Rules {
	r := rules.NewDefaultRules()
	for from, to := range map[string]validator.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		r.RemoveRule(from)
		r.AddRule(to.Name, to.RuleFunc)
	}
	return r
}

// find returns the document that a request asks for.
func (d *documents) find(params *graphql.RawParams) (*ast.QueryDocument, gqlerror.List) {
	text, err := d.text(params)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if doc, ok := d.parsed.GetIfPresent(text); ok {
		return doc, nil
	}
	doc, errs := d.parse(text)
	if errs != nil {
		return nil, errs
	}
	if len(text) <= maxCachedDocument {
		// The text is cloned, since it may be a part of a larger request.
		d.parsed.Set(strings.Clone(text), doc)
	}
	return doc, nil
}

func (d *documents) parse(text string) (*ast.QueryDocument, gqlerror.List) {
	limits := d.options.Limits
	if int64(len(text)) > limits.Document {
		return nil, gqlerror.List{limitError("bytes", len(text), int(limits.Document))}
	}
	if n := braces(text); n > maxNesting {
		return nil, gqlerror.List{limitError("nesting", n, maxNesting)}
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, limits.Tokens)
	if err != nil {
		out := requestError(codeParse, "%s", err)
		if parsed, ok := err.(*gqlerror.Error); ok {
			out.Message, out.Locations = parsed.Message, parsed.Locations
		}
		return nil, gqlerror.List{out}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{requestError(codeValidation, "the document has no operation")}
	}
	if err := limits.check(doc, d.options.Introspection, d.lengths); err != nil {
		return nil, gqlerror.List{err}
	}
	errs := validator.ValidateWithRules(d.schema, doc, d.rules)
	if d.helpful != nil && len(errs) > 0 && len(errs) <= maxSuggested {
		errs = validator.ValidateWithRules(d.schema, doc, d.helpful)
	}
	for _, err := range errs {
		err.Message = cutMessage(err.Message)
		if err.Extensions == nil {
			err.Extensions = map[string]any{}
		}
		err.Extensions["code"] = codeValidation
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return doc, nil
}

const (
	// maxSuggested is how many errors get suggestions: looking for a similar name
	// takes long, and nobody corrects a thousand names by them.
	maxSuggested = 10
	// maxMessage is the longest message in bytes. The validator repeats values,
	// which may be most of the document.
	maxMessage = 500
)

func cutMessage(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// maxNesting bounds the recursion of the parser. It is far beyond the depth of
// any operation that is let through.
const maxNesting = 200

// braces is the deepest nesting of brackets in a text. Those in strings and
// comments count as well: an estimate from above is enough.
func braces(text string) int {
	depth, deepest := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[', '(':
			depth++
			deepest = max(deepest, depth)
		case '}', ']', ')':
			depth--
		}
	}
	return deepest
}

// text returns the text of the document: that of the request, a trusted one by
// documentId or hash, or one that was persisted before.
func (d *documents) text(params *graphql.RawParams) (string, *gqlerror.Error) {
	hash, err := persistedHash(params)
	if err != nil {
		return "", err
	}
	if trusted, ok := d.options.Trusted[hash]; ok && hash != "" {
		if params.Query != "" && params.Query != trusted {
			return "", errOtherText
		}
		return trusted, nil
	}
	if d.options.TrustedOnly {
		sum := sha256.Sum256([]byte(params.Query))
		if trusted, ok := d.options.Trusted[hex.EncodeToString(sum[:])]; ok && params.Query != "" {
			return trusted, nil
		}
		return "", requestError("PERSISTED_QUERY_NOT_FOUND", "only trusted documents are run, and this is none of them")
	}
	if hash == "" {
		if params.Query == "" {
			return "", requestError(codeBadRequest, "the request has no query")
		}
		return params.Query, nil
	}
	if params.Query == "" {
		text, ok := d.texts.GetIfPresent(hash)
		if !ok {
			return "", requestError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
		}
		return text, nil
	}
	sum := sha256.Sum256([]byte(params.Query))
	if hex.EncodeToString(sum[:]) != hash {
		return "", errOtherText
	}
	if len(params.Query) <= maxCachedDocument {
		d.texts.Set(hash, strings.Clone(params.Query))
	}
	return params.Query, nil
}

var errOtherText = requestError(codeBadRequest, "the SHA-256 of the query is not the hash that persistedQuery tells")

// persistedHash is the hash that a request names its document by, "" for none.
func persistedHash(params *graphql.RawParams) (string, *gqlerror.Error) {
	id, given := params.Extensions["persistedQuery"]
	if !given || id == nil {
		return "", nil
	}
	query, ok := id.(map[string]any)
	if !ok {
		return "", requestError(codeBadRequest, "extensions.persistedQuery must be an object")
	}
	if version, _ := number(query["version"]); version != 1 {
		return "", requestError("PERSISTED_QUERY_NOT_SUPPORTED", "only version 1 of persistedQuery is supported")
	}
	hash, ok := query["sha256Hash"].(string)
	if !ok || len(hash) != 2*sha256.Size || strings.Trim(hash, "0123456789abcdef") != "" {
		return "", requestError(codeBadRequest, "documentId, or extensions.persistedQuery.sha256Hash, must be 64 lower-case hex digits")
	}
	return hash, nil
}
