package main

import (
	"bufio"
	"fmt"
	"os"
)

// writeFile makes a file of what write writes.
func writeFile(path string, write func(w *bufio.Writer)) (err error) {
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
	write(w)
	return w.Flush()
}

// writeSeed writes a PageSeeder list of the webhooks that the stock server has.
// Their numbers, and those of their clients, are behind the given ones.
func writeSeed(w *bufio.Writer, behind, webhooks, behindClient, clients int) {
	fmt.Fprint(w, `{"webhooks":[`)
	for i := range webhooks {
		if i > 0 {
			w.WriteByte(',')
		}
		n, c := behind+i+1, behindClient+i%clients+1
		fmt.Fprintf(w, `{"id":%d,"created":"2026-01-01T00:00:00+00:00","modified":"2026-01-01T00:00:00+00:00",`+
			`"url":"https://hooks.example.org/%d","server":false,"object":"minimal","format":"json","insecuressl":false,`+
			`"status":"active","name":"Webhook %d","client":{"id":%d,"identifier":"%016x","requiresConsent":false,`+
			`"confidential":true,"name":"Client %d","grantType":"client_credentials","accessTokenMaxAge":3600,"refreshTokenMaxAge":0,`+
			`"member":{"id":%d,"firstname":"Member","surname":"%d","username":"member-%d","status":"activated","fullname":"Member %d"}}}`,
			n, n, n, c, c, c, c, c, c, c)
	}
	fmt.Fprint(w, "]}\n")
}

// writeAlbum writes a Kheops list of webhooks. All but the first have five
// triggers each.
func writeAlbum(w *bufio.Writer, webhooks int) {
	w.WriteByte('[')
	for i := range webhooks {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `{"id":"%s","url":"https://hooks.example.org/%d","name":"Webhook %d","use_secret":false,`+
			`"events":["new_series","new_user"],"enabled":true`, albumWebhook(i), i, i)
		if i == 0 {
			fmt.Fprint(w, `,"number_of_triggers":0}`)
			continue
		}
		for j := range 5 {
			before := ","
			if j == 0 {
				before = `,"last_triggers":[`
			}
			fmt.Fprintf(w, `%s{"id":"trigger%023d","status":"pass"}`, before, 5*i+j)
		}
		fmt.Fprint(w, `],"number_of_triggers":7}`)
	}
	fmt.Fprint(w, "]\n")
}

func albumWebhook(i int) string { return fmt.Sprintf("webhook%013d", i) }

// writeAccount writes an Entrust list.
func writeAccount(w *bufio.Writer, webhooks int) {
	w.WriteByte('[')
	for i := range webhooks {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `{"id":"%s","name":"Webhook %d","callbackUrl":"https://hooks.example.org/%d","enabled":true,`+
			`"events":[{"id":"00000000-0000-4000-9000-%012d","type":"user.created"}],"expired":false,"expiryDate":null}`,
			accountWebhook(i), i, i, i)
	}
	fmt.Fprint(w, "]\n")
}

func accountWebhook(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }
