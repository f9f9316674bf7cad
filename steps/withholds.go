package steps

// Withholds reports whether there are credentials for Airflow that this address
// is not given, because a person has not said that they are for it.
func (a *Airflows) Withholds(address string) bool { return a.withheld(address) }
