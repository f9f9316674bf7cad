package state

import "path/filepath"

// Folder is where a world lives. A world makes and changes nothing outside of it.
type Folder string

func (f Folder) Home() string     { return filepath.Join(string(f), "home") }
func (f Folder) Bin() string      { return filepath.Join(string(f), "bin") }
func (f Folder) Temp() string     { return filepath.Join(string(f), "tmp") }
func (f Folder) Checkout() string { return filepath.Join(string(f), "openverse-infrastructure") }
