// Command pulumi-language-python is the Python language host of the sandbox: the Pulumi CLI starts it and asks it
// over gRPC to run Python programs. Linux only, as a program must die with its host (see process.go).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

const (
	// executorName is the SDK's script that runs a program; it lies beside this binary.
	executorName = "pulumi-language-python-exec"
	// healthPeriod is short: a host without an engine has no use, and a program that still runs does harm.
	healthPeriod = 2 * time.Second
)

// version is what GetPluginInfo answers; the build sets it: -ldflags "-X main.version=3.274.1".
var version = "0.0.0-dev"

func main() {
	if err := serve(); err != nil {
		cmdutil.Exit(err)
	}
}

func serve() error {
	tracing := flag.String("tracing", "", "address of a Zipkin-compatible endpoint, handed to the program")
	given := flag.String("use-executor", "", "script that runs programs (default: "+executorName+" beside this binary)")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse() // -v, -logtostderr and -logflow are defined by the SDK's logging package
	if *showVersion {
		fmt.Println(version)
		return nil
	}
	logging.InitLogging(false, 0, false) // the zero values keep what the flags say
	defer logging.Flush()

	executor, err := findExecutor(*given)
	if err != nil {
		return err
	}
	h := newHost(executor, *tracing)
	defer h.stop()
	if flag.NArg() > 0 {
		if err := h.attach(flag.Arg(0)); err != nil {
			return err
		}
	}
	stopServer := make(chan bool)
	go func() {
		<-h.lifetime.Done()
		close(stopServer)
		// The server waits for its calls. A program that did not get the signal of the group gets its own.
		time.Sleep(closeGrace)
		h.cancelPrograms()
	}()

	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stopServer,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, h)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return fmt.Errorf("the language host could not start its server: %w", err)
	}
	fmt.Printf("%d\n", handle.Port) // the CLI reads the port from the first line
	if err := <-handle.Done; err != nil {
		return fmt.Errorf("the language host's server ended: %w", err)
	}
	return nil
}

// findExecutor returns the path of the script that runs programs, or an error that names the missing file.
func findExecutor(given string) (string, error) {
	path := given
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("the language host does not know its own path: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), executorName)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is missing: copy it there from the Pulumi SDK (python/cmd/%s)", path, executorName)
	} else if err != nil {
		return "", err
	}
	return path, nil
}
