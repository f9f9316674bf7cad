package steps

import "flag"

// LongTests makes the tests that try many cases try all that .ci/run tries.
var LongTests = flag.Bool("long", false, "try as many cases as .ci/run does")
