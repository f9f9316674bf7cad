// Package elsewhere describes what people do outside of the program. In the practice world
// a person plays them.
package elsewhere

// Act is something that a person can do elsewhere: on the pages of GitHub or Airflow,
// or on another machine.
type Act struct {
	ID      string
	Label   string // an imperative, without a final period
	Hint    string // what follows from it, or why it is not enabled
	Enabled bool
	// Publishes reports whether it publishes the release that a run is about.
	Publishes bool
}

// World is what a front end shows of the practice world. Its methods do not block.
type World interface {
	Acts() []Act
	Do(id string) error
	News() []string // what happened there, the newest last
}
