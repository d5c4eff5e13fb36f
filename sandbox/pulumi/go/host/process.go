package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	// closeGrace and programGrace together stay under the 5 seconds after which the CLI kills the host's group.
	closeGrace   = 1 * time.Second
	programGrace = 3 * time.Second
)

// programContext ends when the call ends (the engine is gone, say) or when the engine cancels all programs.
func (h *host) programContext(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(call)
	release := context.AfterFunc(h.canceled, cancel)
	return ctx, func() { release(); cancel() }
}

// execute runs a command that was made with a context. When the context ends the command gets SIGINT, so that Python
// can run its `finally` blocks, and SIGKILL after programGrace. When the host is killed, the kernel kills the command.
//
// The command stays in the host's process group: the CLI's SIGINT at its end is meant for both.
func execute(cmd *exec.Cmd) error {
	// The kernel takes the death of the thread that forked for the death of the parent. So this goroutine keeps its
	// thread from the start of the child to its end.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = programGrace
	return cmd.Run()
}
