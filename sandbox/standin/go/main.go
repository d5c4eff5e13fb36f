// Standin takes the place of an image that does not exist: it listens where the real one would, and answers whatever a
// probe may ask there. On every port it speaks HTTP, HTTPS and gRPC's health check; a TCP probe needs no more.
//
//	STANDIN="8080 9090" standin   serve these ports until SIGTERM; none is a worker's
//	standin exit                  end with success at once: an init container, a probe by a command
//	standin sleep SECONDS         the same, later: a hook before the stop
package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var version = "unknown"

const hello = 0x16 // the first byte of a TLS handshake

func main() {
	if len(os.Args) > 1 && os.Args[1] == "exit" {
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "sleep" {
		seconds, _ := strconv.ParseFloat(os.Args[2], 64)
		time.Sleep(time.Duration(seconds * float64(time.Second)))
		return
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	server := &http.Server{Handler: http.HandlerFunc(answer), Protocols: &http.Protocols{}}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	secure := &tls.Config{Certificates: []tls.Certificate{certificate()}, NextProtos: []string{"http/1.1"}}
	for _, port := range strings.Fields(os.Getenv("STANDIN")) {
		listener, err := net.Listen("tcp", ":"+port)
		if err != nil {
			log.Fatal(err)
		}
		go server.Serve(&either{listener, secure})
	}
	<-stop
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	server.Shutdown(ctx)
}

// answer says 200 to everything, and SERVING to a health check of gRPC.
func answer(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		w.Write([]byte{0, 0, 0, 0, 2, 8, 1}) // one message that is not compressed: status = SERVING
		w.Header().Set("Grpc-Status", "0")
		return
	}
	fmt.Fprintf(w, "{\"version\": %q}\n", version)
}

// either hands out connections in plain text or over TLS, by what the client begins with.
type either struct {
	net.Listener
	secure *tls.Config
}

func (e *either) Accept() (net.Conn, error) {
	plain, err := e.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &chosen{Conn: plain, secure: e.secure}, nil
}

// chosen looks at the first byte only once somebody reads: a client that says nothing holds up no other.
type chosen struct {
	net.Conn
	secure *tls.Config
	as     net.Conn
}

type peeked struct {
	net.Conn
	buffer *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.buffer.Read(b) }

func (c *chosen) choose() net.Conn {
	if c.as == nil {
		ahead := peeked{c.Conn, bufio.NewReader(c.Conn)}
		c.as = ahead
		if first, err := ahead.buffer.Peek(1); err == nil && first[0] == hello {
			c.as = tls.Server(ahead, c.secure)
		}
	}
	return c.as
}

func (c *chosen) Read(b []byte) (int, error)  { return c.choose().Read(b) }
func (c *chosen) Write(b []byte) (int, error) { return c.choose().Write(b) }

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(10, 0, 0)}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}
}
