package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // --timezone works in an image without the database

	"github.com/alecthomas/kong"

	"github.com/hookgraph/hookgraph/hook"
)

// flags are the command line. Each flag has a variable; secrets are better given
// by theirs, since every user of a machine sees the arguments of a process.
type flags struct {
	Data         string      `env:"HOOKGRAPH_DATA" default:"./data" placeholder:"FOLDER" help:"Folder of the embedded database and the keys (default ${default})."`
	MongoDB      hook.Secret `name:"mongodb" env:"MONGODB_URI" placeholder:"URI" help:"Use this MongoDB instead of the embedded database."`
	Key          hook.Secret `env:"HOOKGRAPH_KEY" placeholder:"KEY" help:"Key that stored secrets are encrypted with: 32 bytes in hexadecimal or base64. Needed with MongoDB; else made in the data folder."`
	AdminKey     hook.Secret `env:"HOOKGRAPH_ADMIN_KEY" placeholder:"KEY" help:"Key of the administrator, 32 or more of A-Z a-z 0-9 _ -. Else made in the data folder."`
	Timezone     string      `env:"HOOKGRAPH_TIMEZONE" default:"UTC" placeholder:"ZONE" help:"Zone of the dates in the REST APIs, such as Australia/Sydney (default ${default})."`
	AccountID    string      `name:"account-id" env:"HOOKGRAPH_ACCOUNT_ID" placeholder:"UUID" help:"The accountId in Entrust's messages. Else made at the first start."`
	EntrustLimit int         `name:"entrust-limit" env:"HOOKGRAPH_ENTRUST_LIMIT" default:"20" placeholder:"N" help:"How many Entrust webhooks may be active at once, at most 1000; 0 for any number (default ${default})."`
	EntrustToken string      `name:"entrust-token" env:"HOOKGRAPH_ENTRUST_TOKEN" default:"prefixed" placeholder:"prefixed|plain" help:"Form of new Entrust webhooks' tokens: whsec_ and base64url, or base64 alone (default ${default})."`
	LogFormat    string      `env:"HOOKGRAPH_LOG_FORMAT" default:"text" placeholder:"text|json" help:"Form of the log on standard error (default ${default})."`

	Serve struct {
		Addr             string      `env:"HOOKGRAPH_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one (default ${default})."`
		AllowPrivate     []string    `name:"allow-private" env:"HOOKGRAPH_ALLOW_PRIVATE" placeholder:"CIDR" help:"Networks that deliveries may go to though they are not public, such as 10.0.0.0/8; may be repeated. Metadata services of clouds only if their very address is named."`
		PublicURL        string      `name:"public-url" env:"HOOKGRAPH_PUBLIC_URL" placeholder:"URL" help:"Where others reach the gateway, if not at its address."`
		Retention        string      `env:"HOOKGRAPH_RETENTION" default:"30d" placeholder:"TIME" help:"How long deliveries that have ended are kept, with their events: 30d, 720h; 0 for ever (default ${default})."`
		RetentionSize    string      `name:"retention-size" env:"HOOKGRAPH_RETENTION_SIZE" placeholder:"BYTES" help:"How large the embedded database may get, such as 10GB, before the oldest of them are removed."`
		MinFree          string      `name:"min-free" env:"HOOKGRAPH_MIN_FREE" default:"256MB" placeholder:"BYTES" help:"Refuse events while less of the disk is free; 0 to take them always (default ${default})."`
		Introspection    bool        `env:"HOOKGRAPH_INTROSPECTION" default:"true" negatable:"" help:"Let everybody read the GraphQL schema (default ${default})."`
		CORSOrigins      []string    `name:"cors-origins" env:"HOOKGRAPH_CORS_ORIGINS" placeholder:"ORIGIN" help:"Origins whose pages may use GraphQL, such as https://app.example.org."`
		TrustedDocuments string      `name:"trusted-documents" env:"HOOKGRAPH_TRUSTED_DOCUMENTS" placeholder:"FILE" help:"Manifest of GraphQL documents that may be asked for by their SHA-256."`
		TrustedOnly      bool        `name:"trusted-only" env:"HOOKGRAPH_TRUSTED_ONLY" help:"Run no other GraphQL documents than the trusted ones."`
		DraftStatuses    bool        `name:"draft-statuses" env:"HOOKGRAPH_DRAFT_STATUSES" help:"Answer GraphQL requests with the statuses of the 2026 draft of GraphQL over HTTP (422, 294)."`
		Signatures       string      `name:"entrust-signatures" env:"HOOKGRAPH_ENTRUST_SIGNATURES" default:"both" placeholder:"both|message|body" help:"Signatures of requests to Entrust's receivers: RFC 9421 (message), x-sha2-signature (body), or both (default ${default})."`
		JWTIssuer        string      `name:"jwt-issuer" env:"HOOKGRAPH_JWT_ISSUER" placeholder:"URL" help:"Issuer whose tokens sign members in."`
		JWTJWKS          string      `name:"jwt-jwks" env:"HOOKGRAPH_JWT_JWKS" placeholder:"URL" help:"Address of the issuer's key set."`
		JWTKey           hook.Secret `name:"jwt-key" env:"HOOKGRAPH_JWT_KEY" placeholder:"KEY" help:"The issuer's key instead: a public key in PEM, or HS256: and a shared secret in base64."`
		JWTAudience      string      `name:"jwt-audience" env:"HOOKGRAPH_JWT_AUDIENCE" placeholder:"NAME" help:"Audience that tokens must be meant for."`
		JWTCreateMembers bool        `name:"jwt-create-members" env:"HOOKGRAPH_JWT_CREATE_MEMBERS" help:"Make a member of an unknown subject."`
	} `cmd:"" default:"withargs" help:"Start the gateway (the default)."`

	Import struct {
		As      string   `required:"" placeholder:"DIALECT" help:"Whose list it is: pageseeder, kheops or entrust."`
		Album   string   `placeholder:"KEY" help:"Album that the webhooks of a Kheops list belong to."`
		Headers []string `name:"header" sep:"none" placeholder:"'NAME: VALUE'" help:"Header for the request to an https address; may be repeated."`
		File    string   `arg:"" help:"The list: a file, - for standard input, or an https address."`
	} `cmd:"" help:"Take over what the list endpoint of a webhook API returned."`

	Backup struct {
		File string `arg:"" help:"The copy to write; must not exist."`
	} `cmd:"" help:"Copy the embedded database, also while the gateway runs."`

	Version struct{} `cmd:"" help:"Print the version."`
}

// A settingError is about the command line or a variable.
type settingError struct{ reason string }

func (e *settingError) Error() string { return e.reason }

func wrong(format string, args ...any) error {
	return &settingError{fmt.Sprintf(format, args...)}
}

// exiting is how kong leaves when it has printed the help.
type exiting int

// parse returns what the arguments and variables say, or nil if they asked for
// help and got it.
func parse(args []string, s streams) (c *config, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			if _, ok := cause.(exiting); !ok {
				panic(cause)
			}
			c, err = nil, nil
		}
	}()
	var f flags
	parser, err := kong.New(&f, kong.Name("hookgraph"),
		kong.Description("A GraphQL gateway over webhook data."),
		kong.Writers(s.out, s.err), kong.Exit(func(code int) { panic(exiting(code)) }))
	if err != nil {
		return nil, err
	}
	unsetEmpty(parser.Model.Node)
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, wrong("%v (see hookgraph --help)", err)
	}
	command, _, _ := strings.Cut(parsed.Command(), " ")
	if c, err = f.check(command); err != nil {
		return nil, err
	}
	c.unknown = unknownVariables(parser.Model.Node)
	return c, nil
}

// variables returns the names of the variables that are settings.
func variables(root *kong.Node) (names []string) {
	_ = kong.Visit(root, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			names = append(names, flag.Envs...)
		}
		return next(nil)
	})
	return names
}

// unsetEmpty makes variables that are set to nothing the same as unset ones:
// files for containers pass on variables that way.
func unsetEmpty(root *kong.Node) {
	for _, name := range variables(root) {
		if os.Getenv(name) == "" {
			_ = os.Unsetenv(name)
		}
	}
}

// unknownVariables returns the names of variables that look like ours and are
// not. They are no error: Kubernetes sets such for a service named hookgraph.
func unknownVariables(root *kong.Node) []string {
	known := variables(root)
	var unknown []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "HOOKGRAPH_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
