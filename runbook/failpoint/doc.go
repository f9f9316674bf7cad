// Package failpoint lets a test kill the program at an exact point in the code, as a
// power failure or the out-of-memory killer could.
//
// What a crash leaves behind can differ between two adjacent lines: a record that is
// written but not synced, a command that has started but isn't recorded. A process
// killed at a random time is rarely in one of those few microseconds. So code that
// must survive a crash calls Reach with a name, and a test kills the process there.
//
// In the released program, Reach does nothing and costs nothing. In one built with
// -tags failpoints it reads the environment variable CATALOG_RUNBOOK_FAILPOINT:
//
//	name          kill the process with SIGKILL when it first reaches name
//	name@3        ... when it reaches name for the third time
//	name:panic    panic instead
//	name@3:stop   stop (SIGSTOP) instead, until SIGCONT
//
// It is a variable because the test and the process to kill are different processes.
// Child processes inherit it, so only one kind of process should reach a name.
package failpoint
