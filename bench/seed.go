package main

import (
	"bufio"
	"fmt"
	"os"
)

// writeSeed writes a PageSeeder list of the webhooks that the stock server has.
func writeSeed(path string, webhooks, clients int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"webhooks":[`)
	for i := range webhooks {
		if i > 0 {
			w.WriteByte(',')
		}
		n, c := i+1, i%clients+1
		fmt.Fprintf(w, `{"id":%d,"created":"2026-01-01T00:00:00+00:00","modified":"2026-01-01T00:00:00+00:00",`+
			`"url":"https://hooks.example.org/%d","server":false,"object":"minimal","format":"json","insecuressl":false,`+
			`"status":"active","name":"Webhook %d","client":{"id":%d,"identifier":"%016x","requiresConsent":false,`+
			`"confidential":true,"name":"Client %d","grantType":"client_credentials","accessTokenMaxAge":3600,"refreshTokenMaxAge":0,`+
			`"member":{"id":%d,"firstname":"Member","surname":"%d","username":"member-%d","status":"activated","fullname":"Member %d"}}}`,
			n, n, n, c, c, c, c, c, c, c)
	}
	fmt.Fprint(w, "]}\n")
	return w.Flush()
}
