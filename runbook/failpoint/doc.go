// Package failpoint lets a test end the program at an exact place, as a power
// cut or an out-of-memory killer would.
//
// What a crash leaves behind differs between two neighbouring lines: a record
// written but not synced, a command begun but not noted. Killing at random times
// seldom hits those few microseconds. Code that must survive a crash therefore
// calls Reach there, by name, and a test kills the process exactly there.
//
// Reach does nothing, and costs nothing, in the program that people use. Built
// with `-tags failpoints` it heeds CATALOG_RUNBOOK_FAILPOINT:
//
//	name          kill this process with SIGKILL the first time it gets to name
//	name@3        ... the third time
//	name:panic    panic there
//	name@3:stop   stop there (SIGSTOP) the third time; SIGCONT lets it go on
//
// The variable, and not a function for tests, because what is to die is a
// process of its own. Its children inherit the variable; a name should be
// reached in one kind of process only.
package failpoint
