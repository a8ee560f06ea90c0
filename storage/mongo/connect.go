package mongo

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// An address is what may be told of a connection string.
type address struct {
	hosts    string
	database string
	// secrets are the parts of the string that no message may repeat.
	secrets []string
}

var errCredentials = errors.New(`MongoDB URI: user name and password must be percent-encoded (of "@", "/", ":" and "%")`)

// parseAddress splits a connection string by the rules of its specification. It
// refuses itself what the driver would refuse with a message that repeats the
// password, or would take for a host.
// https://www.mongodb.com/docs/manual/reference/connection-string/
func parseAddress(uri string) (address, error) {
	scheme, rest, _ := strings.Cut(uri, "://")
	if scheme != "mongodb" && scheme != "mongodb+srv" {
		return address{}, errors.New(`MongoDB URI: it must begin with "mongodb://" or "mongodb+srv://"`)
	}
	rest, query, _ := strings.Cut(rest, "?")
	credentials, place, found := strings.Cut(rest, "@")
	if !found {
		credentials, place = "", rest
	}
	user, password, _ := strings.Cut(credentials, ":")
	if strings.Contains(place, "@") || strings.ContainsAny(user, "/") || strings.ContainsAny(password, ":/") {
		return address{}, errCredentials
	}
	plain, err := url.PathUnescape(password)
	if _, userErr := url.PathUnescape(user); err != nil || userErr != nil {
		return address{}, errCredentials
	}
	hosts, database, _ := strings.Cut(place, "/")
	if err := checkHosts(hosts); err != nil {
		return address{}, err
	}
	if database, err = url.PathUnescape(database); err != nil {
		return address{}, errors.New("MongoDB URI: the database name is not percent-encoded")
	}
	if database == "" {
		database = defaultDatabase
	}
	return address{hosts: hosts, database: database, secrets: secretsOf(query, password, plain)}, nil
}

// checkHosts does not repeat what it refuses: in a string that lacks its "@",
// the password stands where the port should.
func checkHosts(hosts string) error {
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" {
			return errors.New("MongoDB URI: a host is missing")
		}
		_, port, err := net.SplitHostPort(host)
		if err != nil {
			continue // a host without a port, or a socket: the driver's matter
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("MongoDB URI: the port of a host is not a number from 1 to 65535")
		}
	}
	return nil
}

// secretsOf adds the options that hold secrets to the password.
func secretsOf(query string, passwords ...string) []string {
	secrets := passwords
	for option := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(option, "=")
		switch strings.ToLower(name) {
		case "authmechanismproperties", "tlscertificatekeyfilepassword", "sslclientcertificatekeypassword":
			plain, _ := url.QueryUnescape(value)
			secrets = append(secrets, value, plain)
		}
	}
	return secrets
}

// refuse explains why the driver does not take the connection string.
func (a address) refuse(err error) error {
	for _, secret := range a.secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			return fmt.Errorf("MongoDB URI of %s: an option or the credentials are not valid", a.hosts)
		}
	}
	return fmt.Errorf("MongoDB URI of %s: %w", a.hosts, err)
}

func clientOptions(uri string, addr address, o Options) (*options.ClientOptions, error) {
	settings := options.Client().
		SetAppName(o.AppName).
		SetTimeout(o.Timeout).
		SetServerSelectionTimeout(o.Timeout).
		SetConnectTimeout(o.Timeout).
		SetMaxPoolSize(50).
		SetMinPoolSize(2).
		SetRetryWrites(true).
		SetRetryReads(true).
		ApplyURI(uri).
		// What was acknowledged stays, and compare-and-swap needs the primary:
		// a URI cannot give these away.
		SetWriteConcern(writeconcern.Majority()).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetMonitor(composed(o))
	if err := settings.Validate(); err != nil {
		return nil, addr.refuse(err)
	}
	return settings, nil
}
