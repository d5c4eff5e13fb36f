package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// executorScript stands for the SDK's script: it notes its process id, what it got, and how it ends.
const executorScript = `
import json, os, pathlib, signal, sys, time
place = pathlib.Path(os.environ["NOTES"])
mode = sys.argv[-1]
if mode == "deaf":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
note = {"pid": os.getpid(), "args": sys.argv[1:], "config": os.environ.get("PULUMI_CONFIG")}
try:
    (place / "new").write_text(json.dumps(note))
    (place / "new").rename(place / "note")
    if mode.isdigit():
        sys.exit(int(mode))
    time.sleep(600)
except KeyboardInterrupt:
    (place / "interrupted").touch()
    sys.exit(32)
`

// hostProcess is the environment variable that makes this test binary a host which runs one program.
const hostProcess = "HOST_TEST_EXECUTOR"

func TestMain(m *testing.M) {
	executor := os.Getenv(hostProcess)
	if executor == "" {
		os.Exit(m.Run())
	}
	cmd := exec.CommandContext(context.Background(), "python3", executor, "sleep")
	fmt.Println(execute(cmd))
}

// notes makes the script and the folder where it writes.
func notes(t *testing.T) (executor, place string) {
	t.Helper()
	place = t.TempDir()
	t.Setenv("NOTES", place)
	executor = filepath.Join(place, "executor.py")
	if err := os.WriteFile(executor, []byte(executorScript), 0o600); err != nil {
		t.Fatal(err)
	}
	return executor, place
}

// until waits for a condition that must come; the time limit only ends a test that hangs.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func found(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func runRequest(t *testing.T, mode string) *pulumirpc.RunRequest {
	return &pulumirpc.RunRequest{
		Info: projectWith(t, nil), Args: []string{mode}, Config: map[string]string{"shop:color": "green"},
	}
}

// attached is a host whose engine is a port where nobody answers: the watch must not end before the test does.
func attached(executor string) *host {
	h := newHost(executor, "")
	h.engine = "127.0.0.1:9"
	return h
}

func TestRunEnds(t *testing.T) {
	for mode, want := range map[string]string{
		"0": `error:"" bail:false`, "32": `error:"" bail:true`,
		"1": `error:"program exited with non-zero exit code: 1" bail:false`,
	} {
		executor, place := notes(t)
		answer, err := attached(executor).Run(t.Context(), runRequest(t, mode))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("error:%q bail:%v", answer.Error, answer.Bail); got != want {
			t.Errorf("exit code %s: got %s, want %s", mode, got, want)
		}
		note, err := os.ReadFile(filepath.Join(place, "note"))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{`"--engine", "127.0.0.1:9"`, `{\"shop:color\":\"green\"}`} {
			if !strings.Contains(string(note), part) {
				t.Errorf("the program did not get %s: %s", part, note)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	for mode, want := range map[string]string{
		"sleep": `error:"" bail:true`, // the script ends itself with 32 at SIGINT
		// This one has to be killed.
		"deaf": `error:"the program was ended by a signal: killed" bail:false`,
	} {
		executor, place := notes(t)
		h := attached(executor)
		answers := make(chan string, 1)
		go func() {
			answer, err := h.Run(context.Background(), runRequest(t, mode))
			answers <- fmt.Sprintf("error:%q bail:%v", answer.GetError(), answer.GetBail())
			if err != nil {
				t.Error(err)
			}
		}()
		until(t, "the program", func() bool { return found(filepath.Join(place, "note")) })
		if _, err := h.Cancel(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := <-answers; got != want {
			t.Errorf("%s: got %s, want %s", mode, got, want)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	h := newHost("unused", "")
	if _, err := h.Run(t.Context(), runRequest(t, "0")); err == nil || !strings.Contains(err.Error(), "knows no engine") {
		t.Errorf("a host without an engine: %v", err)
	}
	h.engine = "127.0.0.1:9"
	req := runRequest(t, "0")
	req.AttachDebugger = true
	if answer, err := h.Run(t.Context(), req); err != nil || !strings.Contains(answer.Error, "--attach-debugger") {
		t.Errorf("a debugger: %v, %v", answer, err)
	}
}

// A program must not go on without the host, whatever ends the host.
func TestProgramDiesWithHost(t *testing.T) {
	executor, place := notes(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), hostProcess+"="+executor)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the program", func() bool { return found(filepath.Join(place, "note")) })
	note, err := os.ReadFile(filepath.Join(place, "note"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(note), `"pid": `)
	number, _, _ := strings.Cut(rest, ",")
	program, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	until(t, "the program's end", func() bool {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", program))
		return err != nil || strings.Contains(string(state), ") Z ")
	})
	if found(filepath.Join(place, "interrupted")) {
		t.Error("the program got SIGINT and not SIGKILL")
	}
}

// The host must end when the engine dies: here the engine is a listener that is closed.
func TestHostEndsWithEngine(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	h := newHost("unused", "")
	defer h.stop()
	if err := h.attach(address); err != nil {
		t.Fatal(err)
	}
	until(t, "the end of the host", func() bool { return h.lifetime.Err() != nil })
}
